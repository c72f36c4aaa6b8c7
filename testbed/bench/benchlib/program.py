# SPDX-License-Identifier: MIT
"""What every benchmark does around its measurements: builds, goes where nobody else is, writes and prints."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

from benchlib import report

INSIDE = "NLBC_BENCH_INSIDE"


def build(top, where, targets, packages=None):
    """What is measured is what the tree says now. `packages` is what testbed/packages knows."""
    if INSIDE in os.environ:
        return
    os.makedirs(where, exist_ok=True)
    with open(os.path.join(where, "bench.log"), "w", encoding="utf-8") as log:
        for words, wanted in (([os.path.join(top, "testbed/packages"), "install"] + ([packages] if packages else []), None),
                              (["sh", "-c", "cd '%s' && ./autogen.sh" % top], os.path.join(top, "configure")),
                              ([os.path.join(top, "configure")], os.path.join(where, "Makefile")),
                              (["make", "-j%d" % (os.cpu_count() or 1)] + targets, None)):
            if wanted and os.path.exists(wanted):
                continue
            if subprocess.run(words, cwd=where, stdout=log, stderr=log, stdin=subprocess.DEVNULL).returncode:
                raise SystemExit("cannot build: see %s" % log.name)


def enter(script):
    """Namespaces of our own: whatever is made here ends with this process."""
    if os.geteuid():
        raise SystemExit("needs root")
    if os.environ.get(INSIDE) != str(os.getpid()):
        os.environ[INSIDE] = str(os.getpid())
        os.execvp("unshare", ["unshare", "--mount", "--net", sys.executable, os.path.realpath(script)] + sys.argv[1:])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def congestion(name):
    """In a network of our own: connections within it have this congestion control, None: the machine's. Which that is. By route,
    since a namespace may choose by sysctl only among those that the machine allows everybody."""
    if name:
        subprocess.run(["ip", "route", "replace", "table", "local", "local", "127.0.0.1", "dev", "lo", "proto", "kernel",
                        "scope", "host", "src", "127.0.0.1", "congctl", name], check=True)
        return name
    with open("/proc/sys/net/ipv4/tcp_congestion_control", encoding="ascii") as f:
        return f.read().strip()


@contextlib.contextmanager
def scratch():
    """A folder in memory that others may enter."""
    where = tempfile.mkdtemp(prefix="nlbc-bench.")
    os.chmod(where, 0o755)
    subprocess.run(["mount", "-t", "tmpfs", "none", where], check=True)
    try:
        yield where
    finally:
        subprocess.run(["umount", "-l", where], check=False)
        shutil.rmtree(where, ignore_errors=True)


def finish(name, title, how, rows, machine, a, after=""):
    """NAME.json and NAME.svg in a.out, the table and what comes after it (or, asked for, the JSON) on standard output; the exit
    code: 2 if anything was missed."""
    os.makedirs(a.out, exist_ok=True)
    report.save_json(rows, machine, a.rounds, os.path.join(a.out, name + ".json"))
    report.save_svg(title, rows, machine, os.path.join(a.out, name + ".svg"))
    if getattr(a, "json", False):
        with open(os.path.join(a.out, name + ".json"), encoding="utf-8") as f:
            print(f.read(), end="")
    else:
        print("%s\n%s\n\n%s\n" % (report.machine_line(machine), how, report.table(rows)))
        if after:
            print(after + "\n")
        print("%s/%s.json, %s.svg" % (a.out, name, name))
    return 2 if any(row.verdict == "MISSED" for row in rows) else 0
