# SPDX-License-Identifier: MIT
"""What else has a target: a warm start, threads, and the commands and readers around the solver, as whole processes."""

import json
import lzma
import os
import random
import shutil
import statistics
import struct
import subprocess

from benchlib.report import AtLeast, Limit, Row
from weightslib import problems

MIB = problems.MIB
NEVER_SLOWER = 1.05        # 1, and what the wall clock is worth


def weights(stage, *words):
    """nlbc weights …: its Seen, and its JSON if it was asked for."""
    seen = stage.process([stage.nlbc, "weights"] + list(words))
    if seen and "-j" in words:
        seen.said = json.loads(seen.said)["weights"]
    return seen


def interleaved(stage, *measure, short=False):
    """Each in turn, stage.rounds times, or more often what takes only milliseconds: a list for each of what it returned."""
    seen = [[] for _ in measure]
    for _ in range(max(stage.rounds, 15) if short else stage.rounds):
        for got, one in zip(seen, measure):
            got.append(one())
    return seen


def medians(seen, what):
    return [statistics.median(what(s) for s in one) for one in seen]


def read_problem(path):
    with open(path, "rb") as f:
        data = f.read()
    m, n = struct.unpack_from("<ii", data, 8)
    return data, m, n, list(struct.unpack_from("<%dq" % (m + n), data, 24))


def changed(stage, words):
    """The same some hours later: weights of clients by up to 2 %, of relays by up to 1 %."""
    path, draw = stage.path(words + ", later.locaw"), random.Random(1)
    data, m, n, numbers = read_problem(stage.problem(words))
    for k, v in enumerate(numbers):
        part = 0.02 if k < m else 0.01
        numbers[k] = max(1 if k < m else 0, round(v * (1 + draw.uniform(-part, part))))
    with open(path, "wb") as f:
        f.write(data[:24] + struct.pack("<%dq" % (m + n), *numbers) + data[24 + 8 * (m + n):])
    return path


def warm(stage):
    rows = []
    for words in ("tiers 1000 400", "plain 1000 3000", "tiers 7200 400"):
        name = problems.name(words)
        stage.say("warm: " + name)
        later, result = changed(stage, words), stage.path("warm.result")
        weights(stage, "solve", "--problem", stage.problem(words), "--out", result)
        seen = interleaved(stage, lambda: weights(stage, "solve", "--problem", later, "-j", "--warm", result),
                           lambda: weights(stage, "solve", "--problem", later, "-j"), short=True)
        if len({s.said["value"] for one in seen for s in one}) != 1:
            raise SystemExit("warm start: another optimum, " + name)
        for what, unit, key, factor in (("pivots", "", lambda s: s.said["pivots"], 1 / 3),
                                        ("CPU", "ms", lambda s: s.said["cpu_seconds"] * 1e3, 1 / 2)):
            ours, cold = medians(seen, key)
            rows.append(Row("warm", "%s, %s" % (what, name), unit, ours, [Limit(factor, "cold", cold)]))
    return rows


def threads(stage):
    rows = []
    for words in ("plain 1000 3000", "tiers 16000 400"):
        name = problems.name(words)
        stage.say("threads: " + name)
        seen = interleaved(stage, *(lambda n=n: stage.measured([stage.stages, "--threads", n, stage.problem(words)]) for n in "41"))
        # What else the machine does only ever adds to the wall clock, so that the least of it is what counts.
        four, one = (min(s.said["wall"] * 1e3 for s in runs) for runs in seen)
        rows.append(Row("threads", "wall time of four, " + name, "ms", four, [Limit(NEVER_SLOWER, "one", one)]))
    return rows


def bandwidth(stage, tor):
    packed = os.path.join(tor, "2020-02-29-10-00-00-consensus.xz")
    if not os.path.exists(packed):
        return [Row("bandwidth", "a whole consensus", "ms", why="no consensus in %s" % tor)]
    stage.say("bandwidth")
    path = stage.path("consensus")
    with open(path, "wb") as f:
        f.write(lzma.open(packed).read())
    (ms,) = medians(interleaved(stage, lambda: weights(stage, "bandwidth", path), short=True), lambda s: s.cpu * 1e3)
    return [Row("bandwidth", "a whole consensus", "ms", ms, [Limit(30)])]


def clients(stage, tor):
    users = os.path.join(tor, "tor-users-by-country-2026-07-23.json")
    what = "from a location dump"
    if not os.path.exists(users) or not shutil.which("location"):
        return [Row("clients", what, "ms", why="no `location` (package) or no users in %s" % tor)]
    stage.say("clients")
    dump = stage.path("location.dump")
    with open(dump, "wb") as f:
        subprocess.run(["location", "dump"], stdout=f, check=True)
    seen = interleaved(stage, lambda: weights(stage, "clients", "--users", users, "--location", dump, "--out",
                                              stage.path("clients.csv")))
    (ms,), (mib,) = medians(seen, lambda s: s.cpu * 1e3), medians(seen, lambda s: s.peak / MIB)
    return [Row("clients", what, "ms", ms, [Limit(2000)], note="%.0f MB, peak %.0f MiB" % (os.path.getsize(dump) / 1e6, mib))]


def as_relays(stage, words):
    """The relays of a problem file as Shadow's CSV, for inputs that are text."""
    _, m, _, numbers = read_problem(stage.problem(words))
    path = stage.path(words + ".relays")
    with open(path, "w", encoding="ascii") as f:
        f.write("Name,IsGuard,IsExit,ConsensusWeight\n")
        f.writelines("r%d,True,False,%d\n" % (i, b) for i, b in enumerate(numbers[m:]))
    return path, numbers[:m], len(numbers) - m


def minmax(stage):
    stage.say("max")
    relays, _, n = as_relays(stage, "plain 1000 3000")
    vuln, draw = stage.path("vuln"), random.Random(1)
    with open(vuln, "w", encoding="ascii") as f:
        f.write("relay,paths\n")
        f.writelines("r%d,%d\n" % (i, draw.randrange(1 << 40)) for i in range(n))
    words = [stage.stages, "--max", "--wgg", "5833", relays, vuln]
    (ms,) = medians(interleaved(stage, lambda: stage.measured(words), short=True), lambda s: s.cpu * 1e3)
    return [Row("max", "without second stage, n = %d, beyond reading" % n, "ms", ms, [Limit(5)])]


def reading(stage):
    """The text form of the largest matrix of the table; it must give the optimum of the problem file."""
    words = "tiers 7200 400"
    stage.say("reading a matrix")
    data, m, n, numbers = read_problem(stage.problem(words))
    relays, weight, _ = as_relays(stage, words)
    clients_, matrix = stage.path("clients"), stage.path("matrix")
    with open(clients_, "w", encoding="ascii") as f:
        f.write("location,weight\n")
        f.writelines("l%d,%d\n" % pair for pair in enumerate(weight))
    with open(matrix, "w", encoding="ascii") as f:
        f.write("nlbc-penalty 1\nscale 4096\nrelays %s\n" % " ".join("r%d" % i for i in range(n)))
        for l in range(m):
            row = struct.unpack_from("<%dH" % n, data, 24 + 8 * (m + n) + 2 * n * l)
            f.write("l%d %s\n" % (l, " ".join(map(str, row))))
    words_ = [stage.stages, "--wgg", "5833", relays, clients_, matrix]
    (seen,) = interleaved(stage, lambda: stage.measured(words_))
    if int(seen[0].said["value"]) != stage.known[words][0]:
        raise SystemExit("the matrix as text gives another optimum: %s" % seen[0].said["value"])
    mb = os.path.getsize(matrix) / 1e6
    return [Row("reading", "a matrix of %.0f MB" % mb, "MB/s", mb / statistics.median(s.said["read"] for s in seen), [AtLeast(100)])]


def certify(stage):
    words = "tiers 7200 400"
    stage.say("certify")
    path, result = stage.problem(words), stage.path("certify.result")
    pairs = 7200 * 400
    rows = []
    for what, options in (("", []), (", --no-merge", ["--no-merge"])):
        weights(stage, "solve", "--problem", path, "--out", result, *options)
        seen = interleaved(stage, lambda: weights(stage, "certify", result, "--problem", path))
        (ms,), (peak,) = medians(seen, lambda s: s.cpu * 1e3), medians(seen, lambda s: s.peak)
        rows += [Row("certify", problems.name(words) + what, "ms", ms, [Limit(1000)]),
                 Row("certify", "memory beyond the files" + what, "MiB", (peak - os.path.getsize(path) - os.path.getsize(result)) / MIB,
                     [Limit(8 * pairs / MIB)])]
    return rows


def rows(stage, tor, names):
    roads = {"warm": lambda: warm(stage), "threads": lambda: threads(stage), "bandwidth": lambda: bandwidth(stage, tor),
             "clients": lambda: clients(stage, tor), "max": lambda: minmax(stage), "reading": lambda: reading(stage),
             "certify": lambda: certify(stage)}
    return [row for name, road in roads.items() if name in names for row in road()]


NAMES = ("warm", "threads", "bandwidth", "clients", "max", "reading", "certify")
