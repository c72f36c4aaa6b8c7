# SPDX-License-Identifier: MIT
"""Rounds: the programs of one work side by side, loaded in turn, each figure next to the others of its round."""

import os
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time

from benchlib.report import Limit, Row
from proxylib import peers

OPEN_FILES = 60000
# All clients offer the same: what is compared is the proxies, not the order of ciphers.
OPENSSL = """openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = suites
[suites]
Ciphersuites = TLS_AES_128_GCM_SHA256
Groups = P-256
"""


class Stage:
    """One CPU for the proxies, the other for load and origin; scratch space; lengths."""

    def __init__(self, build, scratch, seconds, rounds):
        self.build, self.scratch, self.seconds, self.rounds = build, scratch, seconds, rounds
        cpus = sorted(os.sched_getaffinity(0))
        self.proxy_cpu, self.load_cpu = str(cpus[-1]), str(cpus[0])
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        self.files = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.files, hard))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "30", "-subj", "/CN=bench", "-keyout", scratch + "/key.pem", "-out",
                        scratch + "/cert.pem"], check=True, capture_output=True)
        with open(scratch + "/both.pem", "w", encoding="ascii") as both:
            for part in ("cert.pem", "key.pem"):
                with open(os.path.join(scratch, part), encoding="ascii") as f:
                    both.write(f.read())
        self.syslog = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.syslog.bind(("127.0.0.1", peers.SYSLOG))
        self.openssl = peers.write(scratch + "/openssl.cnf", OPENSSL)

    @staticmethod
    def say(text):
        print("... " + text, file=sys.stderr, flush=True)


class Program:
    """A child on its CPU, ready when its port answers."""

    def __init__(self, words, cpu, port, said):
        self.log = open(said, "w", encoding="utf-8")
        self.child = subprocess.Popen(["taskset", "-c", cpu] + words, stdin=subprocess.DEVNULL, stdout=self.log,
                                      stderr=subprocess.STDOUT)
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if self.child.poll() is not None or time.monotonic() > end:
                    self.stop()
                    with open(said, encoding="utf-8", errors="replace") as f:
                        raise SystemExit("%s does not answer:\n%s" % (" ".join(words), f.read()[-2000:])) from None
                time.sleep(0.02)

    def tree(self):
        """The process and all below it."""
        found, next_ = [], [self.child.pid]
        while next_:
            pid = next_.pop()
            found.append(pid)
            try:
                with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as f:
                    next_ += [int(x) for x in f.read().split()]
            except FileNotFoundError:
                pass
        return found

    def cpu_us(self):
        """Time on a CPU of the whole tree, user and system, as the scheduler counts it."""
        total = 0
        for pid in self.tree():
            with open("/proc/%d/schedstat" % pid, encoding="ascii") as f:
                total += int(f.read().split()[0])
        return total / 1e3

    def resident_kib(self):
        """What the tree holds, shared pages counted by their part."""
        total = 0
        for pid in self.tree():
            with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as f:
                total += int(re.search(r"^Pss: +(\d+)", f.read(), re.M).group(1))
        return total

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(2)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.log.close()


def origin(stage, work):
    spec = "127.0.0.1:%d,reply=size:%d%s" % (peers.ORIGIN, work.size, "" if work.keep else ",keep=no")
    return Program([os.path.join(stage.build, "nlbc-bench"), "origin", spec], stage.load_cpu, peers.ORIGIN,
                   stage.scratch + "/origin.said")


def start(stage, work, name):
    return Program(peers.command(name, work, stage), stage.proxy_cpu, peers.port(name), "%s/%s.said" % (stage.scratch, name))


TIMES = {"us": 1, "ms": 1e3, "s": 1e6, "m": 6e7}


def load(stage, work, port):
    """wrk for a while: requests, seconds, p50 and p99 in us, failures."""
    words = ["taskset", "-c", stage.load_cpu, "wrk", "-t1", "-c%d" % work.connections, "-d%ds" % stage.seconds,
             "--latency", "--timeout", "10s"]
    if work.close:
        words += ["-H", "Connection: close"]
    words.append("http%s://127.0.0.1:%d/" % ("s" if work.tls else "", port))
    said = subprocess.run(words, capture_output=True, text=True, check=True,
                          env=dict(os.environ, OPENSSL_CONF=stage.openssl)).stdout
    done = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m)", said)
    failed = sum(int(x) for line in re.findall(r"Socket errors: (.*)", said) for x in re.findall(r"\d+", line))
    failed += sum(int(x) for x in re.findall(r"Non-2xx or 3xx responses: (\d+)", said))
    part = {q: float(v) * TIMES[u] for q, v, u in re.findall(r"(\d+)% +([\d.]+)(us|ms|s|m)", said)}
    return {"requests": int(done.group(1)), "seconds": float(done.group(2)) * TIMES[done.group(3)] / 1e6,
            "p50": part["50"], "p99": part["99"], "failed": failed}


def one(stage, work, program, port):
    before = program.cpu_us()
    seen = load(stage, work, port)
    used = program.cpu_us() - before
    units = seen["requests"] * (work.size / (1 << 20) if work.by == "MiB" else 1)
    return dict(seen, cpu=used / max(units, 1), rate=seen["requests"] / seen["seconds"],
                busy=used / 1e6 / seen["seconds"], resident=program.resident_kib() / 1024)


def rounds(stage, work):
    """By program, a list of what each round saw; which one begins moves on."""
    names = ["nlbc"] + work.peers
    seen = {name: [] for name in names}
    running = [origin(stage, work)]
    try:
        programs = {}
        for name in names:
            programs[name] = start(stage, work, name)
            running.append(programs[name])
        for name in names:
            load(stage, work, peers.port(name))
        for k in range(stage.rounds):
            for i in range(len(names)):
                name = names[(k + i) % len(names)]
                seen[name].append(one(stage, work, programs[name], peers.port(name)))
    finally:
        for program in reversed(running):
            program.stop()
    return seen


def median(rounds_, key):
    return statistics.median(r[key] for r in rounds_)


def ratio(ours, theirs, key):
    return statistics.median(a[key] / b[key] for a, b in zip(ours, theirs))


def details(rows_):
    """A table of what is not judged, for people."""
    out = ["%-14s%-16s%12s%8s%11s%11s%9s" % ("work", "program", "requests/s", "CPU %", "p50 us", "p99 us", "MiB")]
    for row in rows_:
        for name, d in getattr(row, "details", {}).items():
            out.append("%-14s%-16s%12.0f%8.0f%11.0f%11.0f%9.1f" %
                       (row.test, name, d["rate"], d["busy"] * 100, d["p50"], d["p99"], d["resident"]))
    return "\n".join(out)


FULL = 0.9      # of its CPU, in every program: then requests per second say something about the proxies


def rows(stage, work):
    stage.say("%s: %s" % (work.name, work.what))
    seen = rounds(stage, work)
    ours = seen["nlbc"]
    failed = sum(r["failed"] for r in ours)
    details = {name: {key: median(seen[name], key) for key in ("rate", "busy", "p50", "p99", "resident")} for name in seen}
    limits = [Limit(goal, name, median(seen[name], "cpu"), ratio(ours, seen[name], "cpu"))
              for name, goal in work.goals.items()]
    out = [Row(work.name, work.what, "us/" + work.by, median(ours, "cpu"), limits,
               why="%d failed" % failed if failed else "")]
    out[0].details = details
    full = [name for name in work.peers if median(seen[name], "busy") >= FULL and name != "haproxy-splice"]
    if full and median(ours, "busy") >= FULL:
        for r in (r for rs in seen.values() for r in rs):
            r["wall"] = 1e6 / r["rate"]
        out.append(Row(work.name, "wall time, its CPU full", "us/request", median(ours, "wall"),
                       [Limit(work.goals[name] / 0.95, name, median(seen[name], "wall"), ratio(ours, seen[name], "wall"))
                        for name in full]))
    return out
