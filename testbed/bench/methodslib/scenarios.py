# SPDX-License-Identifier: MIT
"""What happens to the servers, and what is asked of the methods then."""


class Goal:
    """Of a figure of the client's report: at most `factor` of the named peers' (all judged peers where none is named), or at
    most `most`."""

    def __init__(self, figure, factor=None, to=None, most=None):
        self.figure, self.factor, self.to, self.most = figure, factor, to, most


class Scenario:
    """`servers` are latencies as nlbc-bench origin takes them; `events` happen to the first one, (seconds, key)."""

    def __init__(self, name, what, servers, slots, rate, goals, seconds=5, warm=1, events=()):
        self.name, self.what, self.servers, self.slots, self.rate = name, what, servers, slots, rate
        self.goals, self.seconds, self.warm, self.events = goals, seconds, warm, events


LEAST = ("haproxy leastconn", "nginx least_conn")
THREE = ["exp:5ms"] * 3

SCENARIOS = (
    Scenario("slow-one", "10/2/40 ms exponential, 8 slots, 450/s", ["exp:10ms", "exp:2ms", "exp:40ms"], 8, 450,
             [Goal("p99", 0.25)], seconds=10),
    Scenario("unequal", "10/2/40 ms exponential, 8 slots, 2,000/s", ["exp:10ms", "exp:2ms", "exp:40ms"], 8, 2000,
             [Goal("p99", 0.25), Goal("mean", 0.50), Goal("p999", 0.35)]),
    Scenario("equal", "4 equal, 5 ms, 4 slots, 70 %", ["exp:5ms"] * 4, 4, 2240,
             [Goal("p99", 1.10, LEAST), Goal("mean", 1.10, LEAST)]),
    Scenario("event", "one of 3 ten times slower for 5 s, 2,400/s", THREE, 8, 2400, [Goal("p99", 0.35)], warm=3,
             events=((3, "scale=10"), (8, "scale=1"))),
    Scenario("hang", "one of 3 hangs for 5 s, 2,400/s", THREE, 8, 2400, [Goal("p999", most=60000)], seconds=20, warm=1,
             events=((3, "fail=hang"), (8, "fail=none"))),
    # A fair share is a third of the requests, per thousand; what is judged is what is missing of it.
    Scenario("recovered", "missing share of one back from 10 s of slowness, 100/s", THREE, 8, 100,
             [Goal("missing", most=0.80 * 1000 / 3)], seconds=15, warm=13, events=((3, "scale=10"), (13, "scale=1"))),
)


def names():
    return [s.name for s in SCENARIOS]
