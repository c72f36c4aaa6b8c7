# SPDX-License-Identifier: MIT
"""The line topology of testbed/line.sh for measurements: client, router, aggr and server. Its names live in a file system
of our own, so they are nobody else's and end with us."""

import json
import os
import subprocess

from benchlib.host import Namespace, run

NODES = ("client", "router", "aggr", "server")
LINE_SH = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))), "line.sh")
PREFIX = "nlbc-bench"


class Line:
    def __init__(self):
        os.makedirs("/run/netns", exist_ok=True)
        run(["mount", "-t", "tmpfs", "none", "/run/netns"])
        run(["bash", "-euc", ". '%s'; line_up %s" % (LINE_SH, PREFIX)])
        self.node = {n: Namespace(name="/run/netns/%s-%s" % (PREFIX, n)) for n in NODES}

    def mac(self, node, device):
        with self.node[node]:
            return json.loads(run(["ip", "-j", "link", "show", device]))[0]["address"]

    def run(self, node, words, text=None):
        with self.node[node]:
            return run(words, text)

    def start(self, node, words):
        """A program that is spoken to by lines."""
        with self.node[node]:
            return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def neighbours(self):
        """Next hops known for good: nothing is asked or forgotten while packets are counted."""
        for here, device, address, there, far in (
                ("router", "eth2", "10.10.2.2", "aggr", "eth2"), ("router", "eth3", "10.10.2.4", "aggr", "eth3"),
                ("aggr", "eth1", "10.10.3.2", "server", "eth1"), ("aggr", "eth2", "10.10.2.1", "router", "eth2"),
                ("client", "eth1", "10.10.1.2", "router", "eth1"), ("server", "eth1", "10.10.3.1", "aggr", "eth1"),
                ("router", "eth1", "10.10.1.1", "client", "eth1")):
            self.run(here, ["ip", "neigh", "replace", address, "lladdr", self.mac(there, far), "dev", device,
                            "nud", "permanent"])

    def close(self):
        for space in self.node.values():
            space.close()
        run(["bash", "-euc", ". '%s'; line_down %s" % (LINE_SH, PREFIX)])
        run(["umount", "/run/netns"])
