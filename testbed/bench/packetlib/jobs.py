# SPDX-License-Identifier: MIT
"""The job that all have to do, in each one's own language: packets that come in by `back` for TO are spread over N
paths, connection by connection or packet by packet. For nft(8) and ip(8) it is what `nlbc compile` prints."""

import json
import os

from benchlib.host import run

TO = "10.99.0.0/16"
SHARED_FROM = 3           # from so many paths on they share two devices and differ by next hop
SLOTS = {2: 256, 64: 1024, 128: 1024, 1024: 4096}


def mask(paths):
    return 0x7f000000 if paths <= 126 else 0x7ff00000


def mark(paths, number):
    return number << (24 if paths <= 126 else 20)


def next_hop(number):
    return "10.%d.%d.%d" % (1 + (number - 1) % 2, 1 + number // 250, 1 + number % 250)


def links():
    """For ip -batch: the three devices, each with its far end beside it."""
    lines = []
    for i, d in enumerate(("back", "wan1", "wan2")):
        lines += ["link add %s type veth peer name %s-far" % (d, d), "addr add 10.%d.0.1/16 dev %s" % (i, d),
                  "link set %s-far up" % d, "link set %s up" % d]
    return "\n".join(lines) + "\n"


class Job:
    """One method and number of paths; its files lie in a folder of their own."""

    def __init__(self, nlbc, folder, method, paths, to=TO, devices=("back", "wan1", "wan2")):
        self.method, self.paths, self.to = method, paths, to
        self.devices = devices              # where packets come from, and the two they leave by
        self.folder = os.path.join(folder, "%s-%d" % (method, paths))
        os.makedirs(self.folder, exist_ok=True)
        self.profile = self.write("bench.prof", self._profile())
        self.nft_text = run([nlbc, "compile", "--format", "nft", self.profile])
        self.nft = self.write("nft.nft", self.nft_text)
        self.ip = self.write("ip.batch", run([nlbc, "compile", "--format", "ip", self.profile]))

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        return path

    def device(self, number):
        return self.devices[1 + (number - 1) % 2]

    def numbers(self):
        return range(1, self.paths + 1)

    def _profile(self):
        lines = ["nlbc 1", "profile bench"]
        lines += ["interface %s { device %s }" % (d, d) for d in self.devices]
        if self.paths > 126:
            lines.append("kernel { mark-mask 0x%08x }" % mask(self.paths))
        lines += ["path p%d { via %s; interface %s }" % (n, next_hop(n), self.device(n)) for n in self.numbers()]
        lines.append("balance forward { in %s; to %s; method %s" % (self.devices[0], self.to, self.method))
        if self.method == "per-flow":
            lines.append("slots %d" % SLOTS[self.paths])
        lines += ["path p%d" % n for n in self.numbers()]
        lines += ["}", "sysctl net.ipv4.ip_forward 1", ""]
        return "\n".join(lines)

    # ---- iptables: packet.md section 7, with as many paths as there are --------------------------------------------

    def _word(self, n):
        return "0x%x/0x%x" % (mark(self.paths, n), mask(self.paths))

    def choice(self, without=None):
        """The chain that chooses; `without` one path that is down."""
        live = [n for n in self.numbers() if n != without]
        none = "0x0/0x%x" % mask(self.paths)
        lines = []
        if self.method == "per-flow":
            lines += ["-A NLBC-B1 -m connmark --mark %s -g NLBC-S%d" % (self._word(n), n) for n in live]
        lines.append("-A NLBC-B1 -m mark ! --mark %s -j RETURN" % none)
        if self.method == "per-flow":
            lines.append("-A NLBC-B1 -m conntrack ! --ctstate NEW -m connmark --mark %s -j RETURN" % none)
        for i, n in enumerate(live[:-1]):
            left = len(live) - i
            how = "nth --every %d --packet 0" % left if self.method == "per-packet" else \
                "random --probability %.10f" % (1 / left)
            lines.append("-A NLBC-B1 -m statistic --mode %s -g NLBC-P%d" % (how, n))
        return lines + ["-A NLBC-B1 -g NLBC-P%d" % live[-1]]

    def member_chains(self):
        if self.method == "per-packet":
            return ["NLBC-P%d" % n for n in self.numbers()]
        return ["NLBC-%s%d" % (kind, n) for kind in "PS" for n in self.numbers()]

    def members(self, end="ACCEPT"):
        lines = []
        for chain in self.member_chains():
            n = int(chain[6:])
            if self.method == "per-flow" and chain[5] == "P":
                lines.append("-A %s -m comment --comment nlbc:flows:forward:p%d -j CONNMARK --set-xmark %s" %
                             (chain, n, self._word(n)))
            lines.append("-A %s -m comment --comment nlbc:packets:forward:p%d -j MARK --set-xmark %s" %
                         (chain, n, self._word(n)))
            lines.append("-A %s -j %s" % (chain, end))
        return lines

    def _arrivals(self):
        lines = []
        for n in self.numbers() if self.paths < SHARED_FROM else ():
            if self.method == "per-flow":
                lines.append("-A NLBC-PRE -i %s -m conntrack --ctstate NEW -m connmark --mark 0x0/0x%x "
                             "-j CONNMARK --set-xmark %s" % (self.device(n), mask(self.paths), self._word(n)))
            lines.append("-A NLBC-PRE -i %s -j MARK --set-xmark %s" % (self.device(n), self._word(n)))
            lines.append("-A NLBC-PRE -i %s -j ACCEPT" % self.device(n))
        return lines

    def iptables(self):
        """The whole of it, for iptables-restore --noflush."""
        chains = ["NLBC-PRE", "NLBC-B1"] + self.member_chains()
        lines = ["*mangle"] + [":%s - [0:0]" % c for c in chains]
        lines.append("-A PREROUTING -m comment --comment \"nlbc 1\" -j NLBC-PRE")
        lines += self._arrivals() + ["-A NLBC-PRE -d %s -i %s -g NLBC-B1" % (self.to, self.devices[0])]
        lines += self.choice() + self.members() + ["COMMIT", ""]
        return self.write("iptables.rules", "\n".join(lines))

    def iptables_change(self, without, name):
        """The choosing chain alone, as it stands with one path less (or none)."""
        lines = ["*mangle", ":NLBC-B1 - [0:0]"] + self.choice(without) + ["COMMIT", ""]
        return self.write(name, "\n".join(lines))

    # ---- nft: one path down by hand -------------------------------------------------------------------------------

    def nft_change(self, down, name):
        """Path `down` leaves (or, with a minus, comes back): the entries of the maps, in one batch."""
        live = [n for n in self.numbers() if n != down]
        lines = []
        if self.method == "per-flow":
            count = SLOTS[self.paths]
            table = "slots_forward.%d" % count
            verb = "delete" if down > 0 else "add"
            verdict = "" if down > 0 else " : goto stay_forward_p%d" % -down
            lines.append("%s element inet nlbc live_forward { 0x%08x%s }" % (verb, mark(self.paths, abs(down)), verdict))
            slots = ["%d : goto pick_forward_p%d" % (s, live[s % len(live)]) for s in range(count)]
            lines.append("flush map inet nlbc %s" % table)
            lines.append("add element inet nlbc %s { %s }" % (table, ", ".join(slots)))
        return self.write(name, "\n".join(lines) + "\n")

    # ---- nftlb: a farm of as many members -------------------------------------------------------------------------

    def nftlb(self):
        backends = [{"name": "p%d" % n, "ip-addr": next_hop(n), "weight": "1", "priority": "1", "state": "up"}
                    for n in self.numbers()]
        farm = {"name": "forward", "family": "ipv4", "virtual-addr": "10.99.0.1", "virtual-ports": "80", "mode": "dnat",
                "protocol": "tcp", "scheduler": "rr" if self.method == "per-packet" else "weight", "state": "up",
                "backends": backends}
        return self.write("nftlb.json", json.dumps({"farms": [farm]}, indent=1) + "\n")
