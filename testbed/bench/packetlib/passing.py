# SPDX-License-Identifier: MIT
"""R-9: what traffic pays that matches no balance, beside 64 paths.

A packet socket at client, on one CPU, sends 1024 flows through router and aggr to server, whose ingress drops them.
Eight shuffled rounds of: nothing of ours at router; our rules and routes; these and the table; and, as a control, the
rules without the one that lets unmarked packets skip them. A round's figure is the 10th percentile of its bursts; what a
state costs is the median of its differences to `none` in the same round. The spread of `none` over the rounds is the least
difference that means anything. Two runs have to agree."""

import random
import statistics

from packetlib.choice import AGREE, TRIES
from packetlib.commit import clean_routes
from benchlib.host import cpu_pinned, run
from packetlib.jobs import Job
from packetlib.line import Line
from benchlib.report import Limit, Row

ROUNDS, PACKETS, BURSTS = 8, 512, 200
WITHIN = 60                # ns; where `none` itself is not as steady, nothing can be said
STATES = ("none", "rules", "table", "control")


def percentile10(values):
    return sorted(values)[len(values) // 10]


class Passing:
    def __init__(self, tools):
        self.tools = tools
        self.line = Line()
        self.line.neighbours()
        self.line.run("server", ["nft", "-f", "-"], "table netdev sink {\nchain in { type filter hook ingress device "
                                                    "\"eth1\" priority 0; policy drop; }\n}\n")
        self.job = Job(tools.nlbc, tools.scratch, "per-packet", 64, to="10.77.0.0/16", devices=("eth1", "eth2", "eth3"))
        with open(self.job.ip, encoding="ascii") as f:
            lines = f.readlines()
        self.control = self.job.write("control.batch", "".join(x for x in lines if "fwmark 0x00000000/" not in x))
        self.words = cpu_pinned() + [tools.flood, "eth1", self.line.mac("router", "eth1"), "10.10.1.1", "10.10.3.2",
                                     "1024", str(PACKETS), str(BURSTS)]

    def one(self, state):
        with self.line.node["router"]:
            if state != "none":
                run(["ip", "-batch", self.control if state == "control" else self.job.ip])
            if state == "table":
                run(["nft", "-f", self.job.nft])
        try:
            return [float(x) for x in self.line.run("client", self.words).split()]
        finally:
            with self.line.node["router"]:
                run(["nft", "flush", "ruleset"])
                clean_routes()

    def all(self):
        """By state: ns a packet, `none` and what each of the others adds to it. And the spread of `none`."""
        seen = {s: [] for s in STATES}
        for _ in range(ROUNDS):
            for state in random.sample(STATES, len(STATES)):
                seen[state].append(percentile10(self.one(state)))
        none = seen["none"]
        least = statistics.median(none)
        return {s: least + statistics.median(x - n for x, n in zip(seen[s], none)) for s in STATES}, max(none) - min(none)


def agree(a, b):
    return all(abs(a[s] - b[s]) <= AGREE * max(a[s], b[s]) for s in STATES)


def rows(tools):
    tools.say("R-9: traffic that matches no balance")
    passing = Passing(tools)
    before, ok = None, False
    for _ in range(TRIES):
        now, spread = passing.all()
        ok = before is not None and agree(now, before) and spread <= WITHIN
        if ok:
            now = {s: (now[s] + before[s]) / 2 for s in STATES}
            break
        before = now
    passing.line.close()
    extra = {s: now[s] - now["none"] for s in STATES}
    why = "" if ok else "no two runs agreed within 10 %%, with 'none' within %d ns" % WITHIN
    beside = {"none": now["none"], "spread of none": spread, "control": now["control"]}
    return [Row("R-9", "passing 64 paths, rules alone", "ns", extra["rules"], (Limit(WITHIN),), beside, why),
            Row("R-9", "passing 64 paths, rules and table", "ns", extra["table"],
                (Limit(120), Limit(0.35, "without skip rule", extra["control"])), why=why)]
