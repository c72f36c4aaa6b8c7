# SPDX-License-Identifier: MIT
"""What both experiments of the seeds stand on: options, the proxy and its servers as children, tables and files."""

import argparse
import csv
import os
import resource
import socket
import sys

from benchlib import program
from proxylib.rounds import Program

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
CPUS = ",".join(str(c) for c in sorted(os.sched_getaffinity(0)))


def arguments(text, name, short, full):
    """The lengths are seconds of one run."""
    p = argparse.ArgumentParser(description=text)
    p.add_argument("--full", action="store_true", help="the original length, %d s a run, instead of %d" % (full, short))
    p.add_argument("--seconds", type=int, help="another length of a run")
    p.add_argument("--build", default=os.environ.get("BUILD", os.path.join(TOP, "build")), help="build directory")
    p.add_argument("--out", help="folder of the results (BUILD/%s)" % name)
    a = p.parse_args()
    a.seconds = a.seconds or (full if a.full else short)
    a.out = os.path.realpath(a.out or os.path.join(a.build, name))
    return a


def prepare(a):
    program.build(TOP, a.build, ["nlbc-proxy", "nlbc-bench"], "proxy")
    program.enter(sys.argv[0])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.nice(-10)                            # what else runs on the machine is no part of the experiment
    os.makedirs(a.out, exist_ok=True)


def say(text):
    print("... " + text, file=sys.stderr, flush=True)


def bench(a):
    return os.path.join(a.build, "nlbc-bench")


def origin(a, at, port, specs):
    return Program([bench(a), "origin", "--seed", "1"] + specs, CPUS, port, at + "/origin.said")


def proxy(a, at, port, profile):
    """Until it says that it is ready: a port answers before, while the program looks whether it is alone there."""
    path = at + "/run.prof"
    with open(path, "w", encoding="ascii") as f:
        f.write("nlbc 1\nprofile run\n" + profile)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
        ready.bind(at + "/ready")
        ready.settimeout(20)
        os.environ["NOTIFY_SOCKET"] = at + "/ready"
        child = Program([os.path.join(a.build, "nlbc-proxy"), path, "-q", "--socket", at + "/run.sock"], CPUS, port,
                        at + "/proxy.said")
        del os.environ["NOTIFY_SOCKET"]
        while b"READY=1" not in ready.recv(4096):
            pass
    return child


def table(heads, rows):
    """Columns as wide as they must be; numbers, which are all but the first two columns, to the right."""
    lines = [heads] + rows
    wide = [max(len(line[c]) for line in lines) for c in range(len(heads))]
    out = []
    for line in lines:
        out.append("  ".join(t.ljust(w) if c < 2 else t.rjust(w) for c, (t, w) in enumerate(zip(line, wide))).rstrip())
    return "\n".join(out)


def save_csv(path, heads, rows):
    with open(path, "w", encoding="utf-8", newline="") as f:
        w = csv.writer(f)
        w.writerow(heads)
        w.writerows(rows)
