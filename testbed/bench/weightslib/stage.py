# SPDX-License-Identifier: MIT
"""Where programs are measured: problems as files, made once, and one process at a time with its CPU time and peak size."""

import json
import os
import select
import signal
import subprocess
import sys
import time

from benchlib.host import run

CPU_LIMIT = 300                # seconds: who needs more is stopped and counts as that
SLACK = 5                      # for reading the problem, and starting
MEMORY_LIMIT = 8 << 30
TICK = os.sysconf("SC_CLK_TCK")


class Seen:
    """What one run cost and found. `cpu` in seconds, `peak` in bytes; `said` is all it told."""

    def __init__(self, cpu, peak, said):
        self.cpu, self.peak, self.said = cpu, peak, said


def watch(leader):
    """Until the process ends; it and its child are killed where that takes too long. (A limit of the kernel's would make its
    clock of CPU time one of whole ticks.)"""
    ended = os.pidfd_open(leader)
    try:
        while not select.select([ended], [], [], 1)[0]:
            if spent(leader) > CPU_LIMIT + SLACK:
                os.killpg(leader, signal.SIGKILL)
    except BaseException:
        os.killpg(leader, signal.SIGKILL)        # whoever is interrupted leaves nothing running
        raise
    finally:
        os.close(ended)


def spent(leader):
    """CPU seconds of the process that `leader` waits for."""
    try:
        with open("/proc/%d/task/%d/children" % (leader, leader), encoding="ascii") as f:
            child = f.read().split()
        with open("/proc/%s/stat" % child[0], encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return 0                # it has just ended
    return (int(fields[11]) + int(fields[12])) / TICK


class Stage:
    def __init__(self, build, scratch, rounds, full):
        self.build, self.scratch, self.rounds, self.full = build, scratch, rounds, full
        self.nlbc = os.path.join(build, "nlbc")
        self.stages = os.path.join(build, "testbed/bench/stages")
        self.make_problem = os.path.join(build, "test/weights/make-problem")
        self.peak = os.path.join(build, "testbed/soak/peak")
        listed = [line.split("\t") for line in run([self.make_problem, "--list"]).splitlines()]
        self.known = {words: (int(merged), int(z)) for words, _, z, merged in listed}
        self.begun = time.monotonic()

    def say(self, text):
        print("... %4.0f s  %s" % (time.monotonic() - self.begun, text), file=sys.stderr, flush=True)

    def path(self, name):
        return os.path.join(self.scratch, name.replace(" ", "-"))

    def problem(self, words):
        path = self.path(words + ".locaw")
        if not os.path.exists(path):
            with open(path, "wb") as f:
                subprocess.run([self.make_problem] + words.split(), stdout=f, check=True)
        return path

    def process(self, words):
        """A whole process: its Seen, or None where it had to be stopped."""
        said, wrong = self.path("said"), self.path("wrong")
        with open(said, "wb") as out, open(wrong, "wb") as err:
            child = subprocess.Popen([self.peak, "prlimit", "--as=%d" % MEMORY_LIMIT] + words, process_group=0,
                                     stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                     env=dict(os.environ, LC_ALL="C", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1"))
            watch(child.pid)
            _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        with open(said, encoding="utf-8") as f:
            out = f.read()
        with open(wrong, encoding="utf-8", errors="replace") as f:
            err = f.read()
        if child.returncode == -signal.SIGKILL:
            return None
        if child.returncode:
            raise SystemExit("%s: exit %d\n%s" % (" ".join(words), child.returncode, err))
        return Seen(usage.ru_utime + usage.ru_stime, 1024 * int(err.rsplit("peak ", 1)[1]), out)

    def measured(self, words):
        """A program that measures itself, and prints what it found as JSON."""
        seen = self.process(words)
        if seen:
            seen.said = json.loads(seen.said)
            seen.cpu = seen.said["cpu"]
        return seen
