# SPDX-License-Identifier: MIT
"""R-7, R-8: what choosing a path costs a packet.

The chain that chooses is called sixteen times by one base chain, with the marks cleared between; what the cheapest of
twelve bursts of 20 000 packets costs then, less what it costs if that chain is empty, is divided by sixteen. The packets
leave this machine by a device whose far end drops them, so a burst is its sender's CPU time alone. `accept` in a
member's chain would end the base chain: it is left out, the end of the chain returns. Two runs have to agree."""

import re

from benchlib.host import Namespace, cpu_pinned, run
from packetlib.jobs import Job, links, mark, mask
from benchlib.report import Limit, Row

TIMES = 16
AGREE = 0.10
TRIES = 6
FLOWS = 256
TARGET = "10.99.7.7"
BASE = "\tchain evaluate {\n\t\ttype filter hook output priority mangle; policy accept;\n%s\t}\n"


class Bench:
    """One namespace whose packets to TARGET vanish; rules are put in, a burst is sent, they are taken out again."""

    def __init__(self, tools):
        self.tools = tools
        self.space = Namespace(links())
        with self.space:
            run(["ip", "route", "add", TARGET, "dev", "wan1", "via", "10.1.1.2", "onlink"])
            run(["ip", "neigh", "add", "10.1.1.2", "lladdr", "02:00:00:00:00:01", "dev", "wan1", "nud", "permanent"])
            run(["nft", "-f", "-"], text="table netdev sink {\nchain in { type filter hook ingress device \"wan1-far\" "
                                         "priority 0; policy drop; }\n}\n")

    def burst(self):
        words = cpu_pinned() + [self.tools.burst, TARGET, str(FLOWS), "20000", "12"]
        return float(run(words))

    def nft(self, text):
        """ns a packet under a table in nft's language."""
        with self.space:
            run(["nft", "-f", "-"], text=text)
            try:
                return self.burst()
            finally:
                run(["nft", "delete", "table", "inet", "nlbc"])

    def iptables(self, flavour, rules):
        restore, flush = "iptables-%s-restore" % flavour, "iptables-" + flavour
        with self.space:
            run([restore, "--noflush"], text=rules)
            try:
                return self.burst()
            finally:
                run([flush, "-t", "mangle", "-F"])
                run([flush, "-t", "mangle", "-X"])
                if flavour == "nft":
                    run(["nft", "delete", "table", "ip", "mangle"])


def agreed(measure):
    """The mean of two runs in a row that differ by at most a tenth; None where no two do."""
    before = None
    for _ in range(TRIES):
        now = measure()
        if before is not None and abs(now - before) <= AGREE * max(now, before):
            return (now + before) / 2
        before = now
    return None


# ---- the rule-sets --------------------------------------------------------------------------------------------------

CLEAR = {False: "meta mark set 0", True: "meta mark set 0 ct mark set 0"}


def evaluation(clear, chain):
    return BASE % (("\t\t%s\n\t\tjump %s\n" % (CLEAR[clear], chain)) * TIMES)


def ours(job, clear=False):
    """What `nlbc compile` prints, with a base chain of our own."""
    text = re.sub(r"^\tchain (pre|out) \{.*?^\t\}\n", "", job.nft_text, flags=re.M | re.S)
    text = re.sub(r" accept$", "", text, flags=re.M)
    return text[:text.rindex("}")] + evaluation(clear, "choose_forward") + "}\n"


def nothing(clear=False, track=False):
    """The same with an empty chain; connections are tracked where the rules ask for it."""
    tracked = "\tchain track {\n\t\tct mark 0xffffffff return\n\t}\n" if track else ""
    return "table inet nlbc {\n" + tracked + "\tchain choose { }\n" + evaluation(clear, "choose") + "}\n"


def linear(job):
    """A rule for each path, each with its own count of all packets: every packet passes all of them."""
    lines = ["\t\tnumgen inc mod %d %d meta mark set meta mark & 0x%08x | 0x%08x counter\n" %
             (job.paths, n - 1, 0xffffffff ^ mask(job.paths), mark(job.paths, n)) for n in job.numbers()]
    return "table inet nlbc {\n\tchain choose {\n%s\t}\n" % "".join(lines) + evaluation(False, "choose") + "}\n"


def chained(job):
    """A rule for each path, which takes its part of what those before it have left."""
    lines = ["\t\tnumgen inc mod %d 0 meta mark set meta mark & 0x%08x | 0x%08x counter return\n" %
             (job.paths - n + 1, 0xffffffff ^ mask(job.paths), mark(job.paths, n)) for n in job.numbers()]
    return "table inet nlbc {\n\tchain choose {\n%s\t}\n" % "".join(lines) + evaluation(False, "choose") + "}\n"


def iptables(job, empty=False):
    chains = ["NLBC-B1"] + job.member_chains()
    lines = ["*mangle"] + [":%s - [0:0]" % c for c in chains]
    lines += ["-A OUTPUT -j MARK --set-xmark 0x0/0xffffffff", "-A OUTPUT -j NLBC-B1"] * TIMES
    if not empty:
        lines += job.choice() + job.members("RETURN")
    return "\n".join(lines + ["COMMIT", ""])


class Pair:
    """Ours with and without the evaluation, in turn, so that both are of the same moment."""

    def __init__(self, bench, full, empty):
        self.bench, self.full, self.empty = bench, full, empty

    def __call__(self):
        empty = self.empty()
        return (self.full() - empty) / TIMES


def measured(bench, tools, what, full, empty):
    tools.say(what)
    return agreed(Pair(bench, full, empty))


def rows_packet(tools, bench):
    """R-7: per packet."""
    ns = {}
    for paths in (2, 64):
        job = Job(tools.nlbc, tools.scratch, "per-packet", paths)
        kinds = {"ours": (lambda: bench.nft(ours(job)), lambda: bench.nft(nothing()))}
        for flavour in ("legacy", "nft"):
            kinds["iptables-" + flavour] = (lambda f=flavour: bench.iptables(f, iptables(job)),
                                            lambda f=flavour: bench.iptables(f, iptables(job, True)))
        kinds["linear numgen"] = (lambda: bench.nft(linear(job)), lambda: bench.nft(nothing()))
        kinds["chained numgen"] = (lambda: bench.nft(chained(job)), lambda: bench.nft(nothing()))
        for kind, (full, empty) in kinds.items():
            ns[kind, paths] = measured(bench, tools, "R-7: %s, %d paths" % (kind, paths), full, empty)
    at2, at64 = ns["ours", 2], ns["ours", 64]
    legacy = {n: ns["iptables-legacy", n] for n in (2, 64)}
    rows = [judged("R-7", "choice per packet, 2 paths", at2, (Limit(100), Limit(3.5, "legacy nth", legacy[2]))),
            judged("R-7", "choice per packet, 64 paths", at64,
                   (Limit(1.5, "ours at 2", at2), Limit(0.25, "legacy nth", legacy[64]),
                    Limit(0.1, "linear numgen", ns["linear numgen", 64])))]
    for row, n in zip(rows, (2, 64)):
        row.beside = {k: v for (k, paths), v in ns.items() if paths == n and k != "ours" and v is not None}
    return rows


def rows_flow(tools, bench):
    """R-8: per flow. New: the connection mark is cleared before every choice."""
    ns = {}
    for paths in (2, 64):
        job = Job(tools.nlbc, tools.scratch, "per-flow", paths)
        for kind, clear in (("established", False), ("new", True)):
            ns[kind, paths] = measured(bench, tools, "R-8: %s, %d paths" % (kind, paths),
                                       lambda c=clear: bench.nft(ours(job, c)), lambda c=clear: bench.nft(nothing(c, True)))
    rows = []
    for paths in (2, 64):
        known = ns["established", paths]
        limits = (Limit(1.4, "ours at 2", ns["established", 2]),) if paths == 64 else ()
        rows.append(judged("R-8", "established packet, %d paths" % paths, known, limits))
        rows.append(judged("R-8", "new flow, %d paths" % paths, ns["new", paths],
                           (Limit(2, "established", known),)))
    return rows


def judged(test, what, value, limits):
    """Not measured where two runs of it, or of what it is held against, did not agree."""
    missing = value is None or any(x.peer_name and x.peer is None for x in limits)
    return Row(test, what, "ns", value, tuple(x for x in limits if not x.peer_name or x.peer is not None),
               why="no two runs agreed within 10 %" if missing else "")


def rows(tools, wanted):
    if not {"R-7", "R-8"} & set(wanted):
        return []
    bench = Bench(tools)
    out = rows_packet(tools, bench) if "R-7" in wanted else []
    return out + (rows_flow(tools, bench) if "R-8" in wanted else [])
