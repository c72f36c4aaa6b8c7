# SPDX-License-Identifier: MIT
"""Trials: a method with servers and a client of its own, a few side by side, so that a round's figures come from the same
moments of the machine; servers begin anew each time, since a method that does badly leaves them with a queue."""

import os
import re
import statistics
import subprocess

from benchlib.report import Limit, Row
from methodslib import contenders
from proxylib.rounds import Program

UNITS = {"missing": "permille"}


class Trial:
    def __init__(self, stage, scenario, who, place):
        self.scenario, self.stage, self.who = scenario, stage, who
        self.port, self.servers = 20100 + 20 * place, [20101 + 20 * place + i for i in range(len(scenario.servers))]
        self.running, self.client = [], None

    def start(self):
        specs = []
        for i, (latency, port) in enumerate(zip(self.scenario.servers, self.servers)):
            events = "".join(",at=%ds:%s" % e for e in self.scenario.events) if i == 0 else ""
            specs.append("127.0.0.1:%d,name=s%d,latency=%s,slots=%d%s" % (port, i, latency, self.scenario.slots, events))
        at = "%s/%s" % (self.stage.scratch, self.who.file)
        bench = os.path.join(self.stage.build, "nlbc-bench")
        self.running.append(Program([bench, "origin"] + specs, self.stage.load_cpu, self.servers[-1], at + ".origin"))
        words = contenders.command(self.who, self.port, self.servers, self.scenario.slots, self.stage)
        self.running.append(Program(words, self.stage.proxy_cpu, self.port, at + ".said"))
        self.client = subprocess.Popen(
            ["taskset", "-c", self.stage.load_cpu, bench, "client", "http://127.0.0.1:%d/" % self.port, "--rate",
             str(self.scenario.rate), "--warm", "%ds" % self.scenario.warm, "--for", "%ds" % self.scenario.seconds,
             "--timeout", "10s"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def result(self):
        said, wrong = self.client.communicate(timeout=120)
        seen = {k.removesuffix("_us"): int(v) for k, v in re.findall(r"(\w+)=(\d+)", said)}
        if "p99" not in seen:
            raise SystemExit("%s: the client says: %s%s" % (self.who.name, said, wrong))
        shares = {int(i): int(n) for i, n in re.findall(r"s(\d+):(\d+)", said)}
        seen["missing"] = max(0, 1000 / len(self.servers) - shares.get(0, 0))
        return seen

    def stop(self):
        if self.client and self.client.poll() is None:
            self.client.kill()
            self.client.communicate()
        for program in reversed(self.running):
            program.stop()


def batch(stage, scenario, group):
    trials = [Trial(stage, scenario, who, k) for k, who in enumerate(group)]
    try:
        for trial in trials:
            trial.start()
        return [trial.result() for trial in trials]
    finally:
        for trial in trials:
            trial.stop()


def groups(everybody, k, at_once):
    """Who is beside whom in round k; it changes, but the blind stay among themselves."""
    for some in ([w for w in everybody if not w.blind], [w for w in everybody if w.blind]):
        turned = some[k % max(len(some), 1):] + some[:k % max(len(some), 1)]
        for i in range(0, len(turned), at_once):
            yield turned[i:i + at_once]


def measured(stage, scenario, everybody, at_once):
    """By contender, a list of what each round saw."""
    seen = {who.name: [] for who in everybody}
    for k in range(stage.rounds):
        for group in groups(everybody, k, at_once):
            for who, result in zip(group, batch(stage, scenario, group)):
                seen[who.name].append(result)
    return seen


def rows(stage, scenario, at_once):
    ours = contenders.OURS
    peers = contenders.PEERS + ([contenders.LEAST_TIME] if contenders.has_least_time(stage) else [])
    # What is judged alone, and slow to see, is asked of ours and of those that come back at once.
    beside = contenders.SIBLINGS + (peers if any(g.most is None for g in scenario.goals) else [])
    stage.say("%s: %s" % (scenario.name, scenario.what))
    seen = measured(stage, scenario, [ours] + beside, at_once)
    out = []
    for goal in scenario.goals:
        def value(name, key=goal.figure):
            return statistics.median(r[key] for r in seen[name])

        def ratio(name, key=goal.figure):
            return statistics.median(a[key] / max(b[key], 1) for a, b in zip(seen[ours.name], seen[name]))

        judged = [p for p in peers if p.name in seen and p.judged and (goal.to is None or p.name in goal.to)]
        limits = [Limit(goal.most)] if goal.most else [Limit(goal.factor, p.name, value(p.name), ratio(p.name)) for p in judged]
        others = {name: value(name) for name in seen if name != ours.name and (goal.most or name not in
                                                                               [p.name for p in judged])}
        out.append(Row(scenario.name, "%s, %s" % (goal.figure, scenario.what), UNITS.get(goal.figure, "us"),
                       value(ours.name), limits, others))
    failed = sum(r["failed"] for r in seen[ours.name])
    if failed:
        stage.say("%s: %d of our requests failed" % (scenario.name, failed))
    return out
