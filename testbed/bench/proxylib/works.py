# SPDX-License-Identifier: MIT
"""What is asked of the programs: one row for each line of proxy.md section 10, with its goals."""


class Work:
    """Goals are ratios of CPU per request, ours to a peer's; `by` says what a unit of work is."""

    def __init__(self, name, what, goals, connections=64, size=128, mode="http", close=False, keep=True, tls=False,
                 log=False, by="request"):
        self.name, self.what, self.goals = name, what, goals
        self.connections, self.size, self.mode = connections, size, mode
        self.close, self.keep, self.tls, self.log, self.by = close, keep, tls, log, by

    @property
    def peers(self):
        return [name for name in ("haproxy", "haproxy-splice", "nginx") if name in self.goals]


MIB = 1 << 20

WORKS = (
    Work("kept-64", "64 kept connections, 128 B", {"haproxy": 0.75, "nginx": 0.78}),
    Work("kept-64-log", "the same, all log", {"haproxy": 0.60, "nginx": 0.75}, log=True),
    Work("kept-1000", "1,000 kept connections", {"haproxy": 0.60, "nginx": 0.64}, connections=1000),
    Work("short", "connection per request", {"haproxy": 0.67, "nginx": 0.67}, close=True),
    Work("server-short", "kept client, new server connection each", {"haproxy": 0.75, "nginx": 0.85}, keep=False),
    Work("10k", "10 KiB", {"haproxy": 0.70, "nginx": 0.70}, size=10240),
    Work("1m", "1 MiB", {"haproxy": 1 / 4, "haproxy-splice": 1 / 1.3, "nginx": 1 / 2.7}, size=MIB, by="MiB"),
    Work("tcp-kept-64", "tcp, 64 kept, 128 B", {"haproxy": 1.00, "nginx": 1.05}, mode="tcp"),
    Work("tcp-kept-1000", "tcp, 1,000 kept", {"haproxy": 0.85, "nginx": 0.82}, mode="tcp", connections=1000),
    Work("tcp-short", "tcp, connection per request", {"haproxy": 1.03, "nginx": 1.07}, mode="tcp", close=True),
    Work("tls-kept-64", "tls 1.3, 64 kept, 128 B", {"haproxy": 0.85, "nginx": 0.88}, tls=True),
    Work("tls-short", "tls 1.3, full handshake per request, P-256", {"haproxy": 1.00, "nginx": 1.00}, tls=True,
         close=True),
    Work("tls-1m", "tls 1.3, 1 MiB", {"haproxy": 1 / 1.3, "nginx": 1.0}, tls=True, size=MIB, by="MiB"),
    Work("tcp-1m", "tcp, 1 MiB", {"haproxy": 0.30, "haproxy-splice": 0.90, "nginx": 0.55}, mode="tcp", size=MIB,
         by="MiB"),
)


def names():
    return [work.name for work in WORKS] + ["rate", "calls", "memory"]
