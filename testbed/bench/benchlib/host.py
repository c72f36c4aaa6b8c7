# SPDX-License-Identifier: MIT
"""What the benchmarks stand on: network namespaces that nobody else sees, and the CPU time of a process.

The program runs in a mount and a network namespace of its own (packet re-executes itself there), so every namespace,
mount and rule it makes ends with it, however it ends."""

import ctypes
import os
import subprocess

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def _check(result):
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


class Namespace:
    """A network namespace, of our own or one with a name. `with ns:` is being in it: what is started there runs there."""

    def __init__(self, links="", name=None):
        self._back = []
        if name:
            self.fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
            return
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        _check(libc.unshare(CLONE_NEWNET))
        self.fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        _check(libc.setns(here, CLONE_NEWNET))
        os.close(here)
        with self:
            run(["ip", "-batch", "-"], text="link set lo up\n" + links)

    def __enter__(self):
        self._back.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC))
        _check(libc.setns(self.fd, CLONE_NEWNET))
        return self

    def __exit__(self, *_):
        here = self._back.pop()
        _check(libc.setns(here, CLONE_NEWNET))
        os.close(here)

    def close(self):
        os.close(self.fd)


def run(words, text=None, ok=(0,)):
    """Runs a command that is not measured; what it prints is returned, a failure ends the benchmark."""
    p = subprocess.run(words, input=text, text=True, capture_output=True)
    if p.returncode not in ok:
        raise SystemExit(f"{' '.join(words)}: exit {p.returncode}\n{p.stderr or p.stdout}")
    return p.stdout


def setting(name, value):
    with open("/proc/sys/" + name, "w", encoding="ascii") as f:
        f.write(str(value))


def cpu_ms(words, quiet):
    """User and system time of one process from its start to its end, as the kernel sums it for wait4."""
    actions = [(os.POSIX_SPAWN_OPEN, fd, quiet, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600) for fd in (1, 2)]
    pid = os.posix_spawnp(words[0], words, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    if status:
        with open(quiet, encoding="utf-8", errors="replace") as f:
            raise SystemExit(f"{' '.join(words)}: status {os.waitstatus_to_exitcode(status)}\n{f.read()}")
    return (usage.ru_utime + usage.ru_stime) * 1e3


def cpu_pinned():
    """Puts a command on one CPU, the last: the first takes most interrupts."""
    return ["taskset", "-c", str(max(os.sched_getaffinity(0)))]
