# SPDX-License-Identifier: MIT
"""Figures beside the works: p99 at a fixed rate, system calls per request, memory of idle clients."""

import os
import re
import socket
import subprocess

from benchlib.report import Limit, Row
from proxylib import peers, rounds, works

RATE = 7400
IDLE = 20000     # or as many as HAProxy may hold here with its maxconn
PEERS = ["haproxy", "nginx"]


class Figure:
    def __init__(self, name, rows):
        self.name, self.rows = name, rows


def _open_loop(stage, port):
    said = subprocess.run(["taskset", "-c", stage.load_cpu, os.path.join(stage.build, "nlbc-bench"), "client",
                           "http://127.0.0.1:%d/" % port, "--rate", str(RATE), "--for", "%ds" % stage.seconds,
                           "--warm", "500ms", "--connections", "64"], capture_output=True, text=True, check=False).stdout
    return {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", said)}


def rate(stage):
    stage.say("rate: p99 at %d req/s" % RATE)
    work = works.Work("rate", "", dict.fromkeys(PEERS, 1))
    names = ["nlbc"] + PEERS
    running, seen = [rounds.origin(stage, work)], {name: [] for name in names}
    try:
        running += [rounds.start(stage, work, name) for name in names]
        for k in range(stage.rounds):
            for i in range(len(names)):
                name = names[(k + i) % len(names)]
                seen[name].append(_open_loop(stage, peers.port(name)))
    finally:
        for program in reversed(running):
            program.stop()
    return [Row("rate", "p99 at %d req/s" % RATE, "us", rounds.median(seen["nlbc"], "p99_us"),
                [Limit(1, name, rounds.median(seen[name], "p99_us"), rounds.ratio(seen["nlbc"], seen[name], "p99_us"))
                 for name in PEERS])]


def _calls(stage, work):
    """strace counts every call of the worker while wrk loads it; what it slows down does not matter here."""
    running = [rounds.origin(stage, work)]
    try:
        program = rounds.start(stage, work, "nlbc")
        running.append(program)
        rounds.load(stage, work, peers.port("nlbc"))
        worker = program.tree()[-1]
        counted = stage.scratch + "/calls"
        tracer = subprocess.Popen(["strace", "-c", "-U", "calls,name", "-o", counted, "-p", str(worker)],
                                  stderr=subprocess.DEVNULL)
        seen = rounds.load(stage, work, peers.port("nlbc"))
        tracer.send_signal(2)
        tracer.wait()
    finally:
        for program in reversed(running):
            program.stop()
    with open(counted, encoding="ascii") as f:
        calls = sum(int(n) for n, name in re.findall(r"^ *(\d+) +(\w+)$", f.read(), re.M) if name != "total")
    return calls / max(seen["requests"], 1)


def calls(stage):
    stage.say("calls: system calls per request")
    return [Row("calls", "system calls, kept", "a request", _calls(stage, works.Work("", "", {})), [Limit(4.3)]),
            Row("calls", "system calls, short", "a request", _calls(stage, works.Work("", "", {}, close=True)), [Limit(7.5)])]


def _idle(port, n):
    """n kept clients that had one answer each."""
    held = []
    for _ in range(n):
        s = socket.create_connection(("127.0.0.1", port), 20)
        s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        got = b""
        while not got.endswith(b"\n") and len(got) < 128:
            got = s.recv(4096)
        held.append(s)
    return held


def _memory(stage, name, n):
    work = works.Work("memory", "", {})
    running = [rounds.origin(stage, work)]
    try:
        program = rounds.start(stage, work, name)
        running.append(program)
        for s in _idle(peers.port(name), 64):
            s.close()
        before = program.resident_kib()
        held = _idle(peers.port(name), n)
        after = program.resident_kib()
        for s in held:
            s.close()
        return (after - before) * 1024 / n
    finally:
        for program in reversed(running):
            program.stop()


def memory(stage):
    n = min(IDLE, stage.files // 3 - 500)
    stage.say("memory: %d idle clients" % n)
    seen = {name: _memory(stage, name, n) for name in ["nlbc"] + PEERS}
    return [Row("memory", "of each of %d idle kept clients" % n, "bytes", seen["nlbc"], [Limit(400)],
                {name: seen[name] for name in PEERS})]


FIGURES = (Figure("rate", rate), Figure("calls", calls), Figure("memory", memory))
