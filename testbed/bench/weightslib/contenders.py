# SPDX-License-Identifier: MIT
"""Who solves: nlbc, and the outside solvers on the identical problem. Each takes a problem file, gives CPU seconds from the
problem in memory to its solution in memory, in one thread, and the peak size of its process."""

import os
import subprocess

SLOW = 10          # seconds: a peer that needs more, or is not judged, is measured once, if not --full


class Ours:
    """Merging is part of the solution."""

    def __init__(self, stage, name, *options):
        self.stage, self.name, self.options = stage, name, list(options)

    def solve(self, path):
        return self.stage.measured([self.stage.stages] + self.options + [path])


class Peer:
    """`variants` are arguments of which the one that was fastest in the first round serves in the others: its best for that
    problem."""

    def __init__(self, stage, name, program, variants=((),), full_only=()):
        self.stage, self.name, self.program = stage, name, os.path.join(stage.scratch, program)
        self.variants, self.full_only, self.best = variants, full_only, {}

    def asked(self, problem, rounds_before):
        """Whether one more round is wanted of it. Who was stopped would be so again."""
        if self.stage.full or not rounds_before:
            return None not in rounds_before and (self.stage.full or problem.name not in self.full_only)
        return problem.goals.get(self.name) is not None and rounds_before[0] is not None and rounds_before[0].cpu <= SLOW

    def solve(self, path):
        tried = [self.best[path]] if path in self.best else self.variants
        seen = [(self.stage.measured([self.program, path] + list(variant)), variant) for variant in tried]
        found = [s for s in seen if s[0]]
        if not found:
            return None
        best, self.best[path] = min(found, key=lambda s: s[0].cpu)
        return best


def check(problem, name, seen, known):
    """LEMON and we agree in every digit, solvers with doubles within a millionth."""
    value = seen.said["value"]
    if name[:3] in ("CLP", "HiG"):
        if abs(float(value) / known - 1) > 1e-6:
            raise SystemExit("%s: %s finds %s instead of %d" % (problem, name, value, known))
    elif int(value) != known:
        raise SystemExit("%s: %s finds %s instead of %d" % (problem, name, value, known))


LARGE = ("plain 1000x3000", "tiers 7200x400", "tiers 7200x400, Wgg 1")
BOTH = (("block",), ("block", "mixed"))
# Name, program, its arguments, problems on which it is asked with --full only. What has no goal is not judged.
PROGRAMS = (
    ("LEMON", "lemon", BOTH, ()),
    ("LEMON, 32-bit costs", "lemon32", BOTH, ()),
    ("CLP", "clp", ((),), LARGE),
    ("CLP, tuned", "clp", (("amounts",),), LARGE),
    ("HiGHS", "highs", ((),), LARGE[2:]),
)


def peers(stage):
    """Those that are installed here, and by name the versions of these or why another is not."""
    here, versions = [], {}
    tiny = stage.problem("tiers 20 100")
    for name, program, variants, full_only in PROGRAMS:
        script = os.path.join(os.path.dirname(os.path.realpath(__file__)), "build-peers")
        built = subprocess.run([script, stage.scratch, program], text=True, capture_output=True)
        if built.returncode == 77:
            versions[name.split(",")[0]] = "absent"
            stage.say(built.stdout.strip())
            continue
        if built.returncode:
            raise SystemExit("%s cannot be built: %s" % (name, built.stderr or built.stdout))
        peer = Peer(stage, name, program, variants, full_only)
        seen = peer.solve(tiny)
        check("tiers 20x100", name, seen, stage.known["tiers 20 100"][0])
        versions[name.split(",")[0]] = ("SciPy " if name == "HiGHS" else "") + seen.said["version"]
        here.append(peer)
    return here, versions
