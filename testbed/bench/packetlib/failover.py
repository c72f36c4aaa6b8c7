# SPDX-License-Identifier: MIT
"""R-10: a path dies under 30 TCP connections that send every 20 ms; 100 ms later it is said to be down.

Aggr drops what comes by p2; `nlbc path p2 down` follows. Server's answers tell when each connection went on. Beside it the
same with the connection tracking entries of p2 deleted, which others do and we do not."""

import os
import socket
import statistics
import struct
import time

from packetlib.line import Line
from benchlib.report import Limit, Row

FLOWS, RUNS = 30, 3
CUT = "table netdev cut {\nchain in { type filter hook ingress device \"eth3\" priority 0; policy drop; }\n}\n"
PROFILE = """nlbc 1
profile failover
interface back { device eth1 }
interface p1 { device eth2 }
interface p2 { device eth3 }
path p1 { via 10.10.2.2; interface p1 }
path p2 { via 10.10.2.4; interface p2 }
balance forward { in back; to 10.10.3.0/24; method per-flow; path p1; path p2 }
sysctl net.ipv4.ip_forward 1
"""
HEADERS = 52               # of a TCP packet with timestamps and no data
P2_MARK, MASK = 0x02000000, 0x7f000000


def forget_connections():
    """Deletes the tracking entries with p2's mark: IPCTNL_MSG_CT_DELETE with CTA_MARK and CTA_MARK_MASK."""
    attributes = b"".join(struct.pack("=HH", 8, kind) + struct.pack("!I", value) for kind, value in
                          ((8, P2_MARK), (21, MASK)))
    message = struct.pack("=IHHII", 20 + len(attributes), 0x102, 5, 1, 0) + struct.pack("=BBH", socket.AF_INET, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as s:
        s.send(message + attributes)
        answer = s.recv(4096)
    error = struct.unpack_from("=i", answer, 16)[0]
    if error:
        raise SystemExit("cannot delete tracking entries: " + os.strerror(-error))


def now_us():
    """By the clock that the records are by."""
    return time.monotonic_ns() // 1000


def data_packets(path):
    """(device and direction, client's port, time in microseconds) of every TCP packet that carries data."""
    with open(path, encoding="ascii") as f:
        for line in f:
            word = line.split()
            if len(word) == 14 and word[3] == "tcp" and int(word[11]) > HEADERS:
                yield word[0] + " " + word[1], int(word[5 if word[1] == "in" else 7]), int(word[13])


class Failover:
    def __init__(self, tools):
        self.tools = tools
        self.line = Line()
        self.line.neighbours()
        self.profile = os.path.join(tools.scratch, "failover.prof")
        with open(self.profile, "w", encoding="ascii") as f:
            f.write(PROFILE)

    def record(self, node):
        return os.path.join(self.tools.scratch, node + ".record")

    def start(self, node, *words):
        p = self.line.start(node, [self.tools.pkt] + list(words))
        p.stdout.readline()
        return p

    def go(self, flows, forget):
        """2.2 s of sending, with the cut and the command in it. When they came, in microseconds."""
        cut = down = 0
        start = now_us()
        for tick in range(110):
            if tick == 25:
                self.line.run("aggr", ["nft", "-f", "-"], CUT)
                cut = now_us()
            if cut and not down and now_us() - cut >= 100000:
                down = now_us()
                self.line.run("router", [self.tools.nlbc, "path", "p2", "down"])
                if forget:
                    with self.line.node["router"]:
                        forget_connections()
            order(flows, "send 1")
            time.sleep(max(0, (start + (tick + 1) * 20000 - now_us()) / 1e6))
        return cut, down

    def once(self, forget):
        """Milliseconds from the command until each flow of p2 went on (None: never), and p1's longest gap."""
        self.line.run("router", [self.tools.nlbc, "apply", self.profile])
        server = self.start("server", "serve", "seconds=60")
        taps = [self.start(node, "record", "file=" + self.record(node), "protocol=tcp", "devices=" + devices,
                           "direction=both")
                for node, devices in (("aggr", "eth2,eth3"), ("server", "eth1"))]
        flows = self.start("client", "flows")
        order(flows, "open %d" % FLOWS)
        order(flows, "exchange 2")
        cut, down = self.go(flows, forget)
        for p in taps:
            p.terminate()
        for p in taps + [flows, server]:
            p.stdin.close()
            if p is server:
                p.kill()
            p.wait()
            p.stdout.close()
        aggr, arrived = (list(data_packets(self.record(node))) for node in ("aggr", "server"))
        self.line.run("router", [self.tools.nlbc, "flush"])
        self.line.run("aggr", ["nft", "flush", "ruleset"])
        return self.judge(aggr, arrived, cut, down)

    @staticmethod
    def judge(aggr, arrived, cut, down):
        """A connection goes on when server answers it: only then has it all that was sent before."""
        by_p2 = {port for way, port, at in aggr if way == "eth3 in" and at < cut}
        went_on, gap = [], 0.0
        for port in {port for way, port, _ in aggr if way.endswith("in")}:
            answers = sorted(at for way, p, at in arrived if p == port and way == "eth1 out")
            if port in by_p2:
                after = [at for at in answers if at > down]
                went_on.append((after[0] - down) / 1e3 if after else None)
            else:
                around = [at for at in answers if at > cut - 200000]
                gap = max([gap] + [(b - a) / 1e3 for a, b in zip(around, around[1:])])
        return went_on, gap


def order(p, text):
    p.stdin.write(text + "\n")
    p.stdin.flush()
    return p.stdout.readline()


def rows(tools):
    tools.say("R-10: a path dies under TCP connections")
    failover = Failover(tools)
    ours, gaps, others, lost, flows = [], [], [], 0, 0
    for _ in range(RUNS):
        went_on, gap = failover.once(False)
        lost += went_on.count(None)
        flows += len(went_on)
        ours.append(statistics.median(t for t in went_on if t is not None))
        gaps.append(gap)
        went_on, _ = failover.once(True)
        others.append(statistics.median([t for t in went_on if t is not None] or [0]))
    failover.line.close()
    return [Row("R-10", "p2's flows go on after the command", "ms", statistics.median(ours), (Limit(250),),
                {"with entries deleted": statistics.median(others)}),
            Row("R-10", "p2's flows that never go on, of %d" % flows, "", lost, (Limit(0),)),
            Row("R-10", "longest gap of a flow of p1", "ms", statistics.median(gaps), (Limit(50),))]
