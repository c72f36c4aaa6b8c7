# SPDX-License-Identifier: MIT
"""R-1 to R-6: what putting a rule-set into the kernel costs, in CPU time of the whole process.

Every contender has a namespace of its own for the whole measurement, is started once in every round, in shuffled
order, and cleans up after itself outside the measured part. What counts is the median."""

import os
import random
import shutil
import statistics
import subprocess

from benchlib.host import Namespace, cpu_ms, run
from packetlib.jobs import Job, links
from benchlib.report import Limit, Row


def have(program):
    return shutil.which(program) is not None


class Contender:
    """Measures one figure or several a round, by name; clean() gives back the state before."""

    most = 1000                 # rounds at most, for one that is slow and not judged

    def __init__(self, tools, job):
        self.tools, self.job = tools, job
        self.space = Namespace(links())
        self.seen = {}

    def measure(self, name, words):
        self.seen.setdefault(name, []).append(cpu_ms(words, self.tools.quiet))

    def round(self):
        with self.space:
            self.once()
            self.clean()

    def median(self, name):
        return statistics.median(self.seen[name]) if name in self.seen else None

    def close(self):
        self.space.close()


def clean_routes():
    """ip(8) flushes while it lists, and then misses some of many: until there are none."""
    for words in (["rule"], ["route"]):
        which = ["table", "all", "proto", "110"] if words == ["route"] else ["protocol", "110"]
        for _ in range(20):
            run(["ip"] + words + ["flush"] + which)
            if not run(["ip"] + words + ["show"] + which):
                break


def clean_legacy():
    run(["iptables-legacy", "-t", "mangle", "-F"])
    run(["iptables-legacy", "-t", "mangle", "-X"])


class Ours(Contender):
    def once(self):
        self.measure("fresh", [self.tools.nlbc, "apply", self.job.profile])
        self.measure("second", [self.tools.nlbc, "apply", self.job.profile])

    def clean(self):
        run([self.tools.nlbc, "flush"])
        shutil.rmtree(os.environ["NLBC_STATE_DIR"])


class Nft(Contender):
    def once(self):
        self.measure("nft", ["nft", "-f", self.job.nft])
        self.measure("ip", ["ip", "-batch", self.job.ip])

    def clean(self):
        run(["nft", "flush", "ruleset"])
        clean_routes()


class Legacy(Contender):
    def once(self):
        self.measure("restore", ["iptables-legacy-restore", "--noflush", self.job.iptables()])

    def clean(self):
        clean_legacy()


class NftFlavour(Contender):
    def once(self):
        self.measure("restore", ["iptables-nft-restore", "--noflush", self.job.iptables()])

    def clean(self):
        run(["nft", "flush", "ruleset"])


class Nftlb(Contender):
    most = 5

    def once(self):
        self.measure("start", ["nftlb", "-e", "-l", "0", "-k", "bench", "-c", self.job.nftlb()])

    def clean(self):
        run(["nft", "flush", "ruleset"])


def rounds(contenders, count):
    for i in range(count):
        random.shuffle(contenders)
        for c in contenders:
            if i < c.most:
                c.round()


# What is judged, by test: method, number of paths, factor.
FRESH = {"R-1": (("per-flow", 2, 1.0),), "R-2": (("per-flow", 128, 0.6),), "R-3": (("per-flow", 1024, 0.6),),
         "R-4": (("per-packet", 2, 1.0), ("per-packet", 128, 0.7), ("per-packet", 1024, 0.7))}
SECOND = {2: 0.8, 128: 0.5, 1024: 0.5}
DOWN = {2: 0.7, 128: 0.3, 1024: 0.2}


def fresh(tools, method, paths):
    """All that load the same job, in the same rounds: their medians by name."""
    job = Job(tools.nlbc, tools.scratch, method, paths)
    ours, nft, legacy, flavour = (kind(tools, job) for kind in (Ours, Nft, Legacy, NftFlavour))
    nftlb = [Nftlb(tools, job)] if have("nftlb") else []
    all_of_them = [ours, nft, legacy, flavour] + nftlb
    rounds(all_of_them, tools.rounds)
    out = {"fresh": ours.median("fresh"), "second": ours.median("second"), "nft": nft.median("nft"),
           "ip": nft.median("ip"), "legacy": legacy.median("restore"), "flavour": flavour.median("restore")}
    if nftlb:
        out["nftlb"] = nftlb[0].median("start")
    for c in all_of_them:
        c.close()
    return out


def beside(m):
    said = {"nft -f": m["nft"], "ip -batch": m["ip"], "iptables-legacy-restore": m["legacy"],
            "iptables-nft-restore": m["flavour"]}
    if "nftlb" in m:
        said["nftlb (rules only)"] = m["nftlb"]
    return said


def rows_fresh(tools, wanted):
    """R-1 to R-5. R-5 is the second apply in the rounds of the others, so that both are of the same moment."""
    rows, seconds = [], []
    for test, jobs in FRESH.items():
        for method, paths, factor in jobs:
            if test not in wanted and "R-5" not in wanted:
                continue
            tools.say("%s: %s, %d paths" % (test, method, paths))
            m = fresh(tools, method, paths)
            if test in wanted:
                rows.append(Row(test, "fresh apply, %s, %d paths" % (method, paths), "ms", m["fresh"],
                                (Limit(factor, "nft + ip", m["nft"] + m["ip"]),), beside(m)))
            seconds.append(Row("R-5", "second apply, %s, %d paths" % (method, paths), "ms", m["second"],
                               (Limit(SECOND[paths], "fresh", m["fresh"]),)))
    return rows + (seconds if "R-5" in wanted else [])


# ---- R-6 ------------------------------------------------------------------------------------------------------------

class OursDown(Contender):
    """The apply layer in a process that stays, as in nlbcd."""

    def __init__(self, tools, job):
        super().__init__(tools, job)
        with self.space:
            run([tools.nlbc, "apply", job.profile])
            self.steer = subprocess.Popen([tools.steer, "p2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def move(self, name, to):
        self.steer.stdin.write(to + "\n")
        self.steer.stdin.flush()
        self.seen.setdefault(name, []).append(float(self.steer.stdout.readline()) / 1e3)

    def once(self):
        self.move("down", "down")

    def clean(self):
        self.move("up", "up")

    def close(self):
        self.steer.stdin.close()
        self.steer.wait()
        with self.space:
            run([self.tools.nlbc, "flush"])
        super().close()


class LegacyDown(Contender):
    def __init__(self, tools, job):
        super().__init__(tools, job)
        self.down = job.iptables_change(2, "down.rules")
        self.up = job.iptables_change(None, "up.rules")
        with self.space:
            run(["iptables-legacy-restore", "--noflush", job.iptables()])

    def once(self):
        self.measure("down", ["iptables-legacy-restore", "--noflush", self.down])

    def clean(self):
        run(["iptables-legacy-restore", "--noflush", self.up])


class NftDown(Contender):
    def __init__(self, tools, job):
        super().__init__(tools, job)
        self.down = job.nft_change(2, "down.nft")
        self.up = job.nft_change(-2, "up.nft")
        with self.space:
            run(["nft", "-f", job.nft])

    def once(self):
        self.measure("down", ["nft", "-f", self.down])

    def clean(self):
        run(["nft", "-f", self.up])


def rows_down(tools):
    rows = []
    for paths, factor in DOWN.items():
        tools.say("R-6: one of %d paths down" % paths)
        job = Job(tools.nlbc, tools.scratch, "per-flow", paths)
        ours, legacy, nft = (kind(tools, job) for kind in (OursDown, LegacyDown, NftDown))
        rounds([ours, legacy, nft], tools.rounds)
        rows.append(Row("R-6", "one path down, per-flow, %d paths" % paths, "ms", ours.median("down"),
                        (Limit(factor, "iptables-legacy-restore -n", legacy.median("down")),),
                        {"ours, up again": ours.median("up"), "nft -f of the entries": nft.median("down")}))
        for c in (ours, legacy, nft):
            c.close()
    return rows
