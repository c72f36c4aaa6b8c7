# SPDX-License-Identifier: MIT
"""Memory over a long time: what the kernel holds for the programs of the soak (in a control group of their own), the state
directory, and the peak of an nlbc that always does the same."""

import collections
import os

Point = collections.namedtuple("Point", "step kernel_kb state_kb rss_kb")
GROUPS = (("/sys/fs/cgroup/memory", "memory.kmem.usage_in_bytes", "memory.force_empty"),
          ("/sys/fs/cgroup", None, "memory.reclaim"))


class Group:
    """A control group for this process and all it starts; without one there are no figures of the kernel's memory."""

    def __init__(self):
        self.path, self.usage, self.reclaim = None, None, None
        for root, usage, reclaim in GROUPS:
            path = os.path.join(root, "nlbc-soak-%d" % os.getpid())
            try:
                os.mkdir(path)
                with open(os.path.join(path, "cgroup.procs"), "w", encoding="ascii") as f:
                    f.write(str(os.getpid()))
                if os.path.exists(os.path.join(path, usage or "memory.stat")):
                    self.path, self.usage, self.reclaim = path, usage, reclaim
                    return
                os.rmdir(path)
            except OSError:
                continue

    def kernel_kb(self):
        """After giving back what it only keeps for later; None: not known here."""
        if not self.path:
            return None
        try:
            with open(os.path.join(self.path, self.reclaim), "w", encoding="ascii") as f:
                f.write("0" if self.usage else "64M")
        except OSError:
            pass                        # it gave back what it could
        if self.usage:
            with open(os.path.join(self.path, self.usage), encoding="ascii") as f:
                return int(f.read()) // 1024
        with open(os.path.join(self.path, "memory.stat"), encoding="ascii") as f:
            return int(next(line for line in f if line.startswith("kernel ")).split()[1]) // 1024

    def close(self):
        if self.path:
            with open(os.path.join(os.path.dirname(self.path), "cgroup.procs"), "w", encoding="ascii") as f:
                f.write(str(os.getpid()))
            os.rmdir(self.path)


def folder_kb(path):
    total = 0
    for where, _, names in os.walk(path):
        total += sum(os.path.getsize(os.path.join(where, name)) for name in names)
    return total // 1024


def growth(points, name):
    """The mean of the last quarter over that of the second: the first quarter warms up. None: too few points."""
    values = [getattr(p, name) for p in points]
    quarter = len(values) // 4
    if not quarter or None in values:
        return None
    return sum(values[-quarter:]) / max(1, sum(values[quarter:2 * quarter]))
