# SPDX-License-Identifier: MIT
"""The problems of weights.md section 9 that are compared, and what is asked of each: how many times faster than a peer,
as given and with --no-merge."""

import re


class Problem:
    """`highs` and `lemon` are (as given, --no-merge); None: not asked. CLP is to be 30 times slower everywhere."""

    def __init__(self, words, highs, lemon):
        self.words, self.goals = words, {"HiGHS": highs, "LEMON": lemon, "CLP": (30, 30)}
        m, n = (int(x) for x in words.split()[1:3])
        self.pairs = m * n
        self.name = name(words)


def name(words):
    return re.sub(r" (\d+) (\d+)", r" \1x\2", words).replace(" --wgg 10000", ", Wgg 1")


PROBLEMS = (
    Problem("tiers 1000 400", (30, 25), (3, 2.5)),
    Problem("steps 1000 400", (100, 80), (1.5, 1)),
    Problem("plain 250 1000", (15, 15), (2, 2)),
    Problem("plain 1000 3000", (30, 30), (2, 2)),
    Problem("relays 1000 2100", (150, 50), (15, 6)),
    Problem("tiers 7200 400", (60, 50), (6, 4)),
    Problem("tiers 7200 400 --wgg 10000", None, (7, 6)),
)
MEAN = 4                       # LEMON's geometric mean over all of them
MEAN_OF = len(PROBLEMS)

MIB = 1 << 20
MEMORY_A_PAIR, MEMORY_BESIDE = 8, 24 * MIB       # after merging, beyond the file's bytes
MEMORY_OF_LEMON, MEMORY_FROM = 0.25, 400000      # pairs
