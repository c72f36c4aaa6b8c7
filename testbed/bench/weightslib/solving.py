# SPDX-License-Identifier: MIT
"""CPU and memory on each problem, next to the peers: everybody once in every round, whose order turns."""

import math
import os
import statistics

from benchlib.report import AtLeast, Limit, Row
from weightslib import contenders, problems
from weightslib.problems import MIB
from weightslib.stage import CPU_LIMIT

GIVEN, PLAIN = "nlbc", "nlbc --no-merge"


def rounds(stage, problem, everybody):
    """By name, what each round saw; None stands for a run that was stopped."""
    path = stage.problem(problem.words)
    seen = {who.name: [] for who in everybody}
    for k in range(stage.rounds):
        for i in range(len(everybody)):
            who = everybody[(k + i) % len(everybody)]
            if isinstance(who, contenders.Peer) and not who.asked(problem, seen[who.name]):
                continue
            one = who.solve(path)
            if one:
                contenders.check(problem.name, who.name, one, stage.known[problem.words][who.name != GIVEN])
            seen[who.name].append(one)
    return seen


def median(seen, what):
    got = [what(s) for s in seen if s is not None]
    return statistics.median(got) if got else None


def cpu_ms(seen):
    if None in seen:
        return CPU_LIMIT * 1e3
    return median(seen, lambda s: s.cpu * 1e3)


def peak_mib(seen):
    return median(seen, lambda s: s.peak / MIB)


def row_cpu(problem, seen, name, no_merge):
    limits, beside, notes = [], {}, []
    for peer in (who for who in seen if who not in (GIVEN, PLAIN)):
        goals = problem.goals.get(peer)
        if not seen[peer]:
            notes += ["%s only with --full" % peer] if goals else []
            continue
        if goals:
            limits.append(AtLeast(goals[no_merge], peer, cpu_ms(seen[peer])))
        elif not no_merge:
            beside[peer] = cpu_ms(seen[peer])
        if goals and len(seen[peer]) < len(seen[name]):
            notes.append("%s was %s" % (peer, "stopped" if None in seen[peer] else "measured once"))
    return Row(problem.name, "CPU" + (", --no-merge" if no_merge else ""), "ms", cpu_ms(seen[name]), limits, beside,
               note="; ".join(notes))


def rows_memory(stage, problem, seen):
    """Of the whole command, certificate and result too; what the limit is depends on what was left after merging."""
    path, said = stage.problem(problem.words), seen[GIVEN][0].said
    ours = stage.process([stage.nlbc, "weights", "solve", "--problem", path, "--out", stage.path("result")]).peak / MIB
    limit = (said["rows"] * said["groups"] * problems.MEMORY_A_PAIR + problems.MEMORY_BESIDE) / MIB
    peaks = {"%s in all" % GIVEN: ours}
    peaks.update((name, peak_mib(s)) for name, s in seen.items() if s and name not in (GIVEN, PLAIN) and peak_mib(s))
    rows = [Row(problem.name, "memory beyond the file", "MiB", ours - os.path.getsize(path) / MIB, [Limit(limit)], peaks)]
    if seen.get("LEMON") and problem.pairs >= problems.MEMORY_FROM:
        rows.append(Row(problem.name, "memory", "MiB", ours, [Limit(problems.MEMORY_OF_LEMON, "LEMON", peak_mib(seen["LEMON"]))]))
    return rows


def mean(ratios, no_merge=False):
    return math.exp(statistics.fmean(math.log(r[no_merge]) for r in ratios))


def rows(stage, names, peers):
    everybody = [contenders.Ours(stage, GIVEN), contenders.Ours(stage, PLAIN, "--no-merge")] + peers
    out, lemon = [], []
    for problem in problems.PROBLEMS:
        if problem.name not in names:
            continue
        stage.say(problem.name)
        seen = rounds(stage, problem, everybody)
        out += [row_cpu(problem, seen, name, k) for k, name in enumerate((GIVEN, PLAIN))]
        out += rows_memory(stage, problem, seen)
        if seen.get("LEMON"):
            lemon.append([cpu_ms(seen["LEMON"]) / cpu_ms(seen[name]) for name in (GIVEN, PLAIN)])
    if len(lemon) == problems.MEAN_OF:
        out.append(Row("all seven", "LEMON / nlbc, geometric mean", "x", mean(lemon), [AtLeast(problems.MEAN)],
                       {"--no-merge": mean(lemon, True)}))
    return out
