# SPDX-License-Identifier: MIT
"""What others do to the machine between two applies: tables, rules, routes and queues of their own, some in our way; links
that go down and come back; and hands that delete or change what is ours. All that is not ours can be taken back."""

import json
import re
import time

from soaklib.machine import FOREIGN_ROUTES

UP = {
    "eth1": "addr add fd00:10:1::2/64 dev eth1 nodad\n" + FOREIGN_ROUTES,
    "eth2": "addr add fd00:10:21::1/64 dev eth2 nodad\nroute add fd00:10::/32 via fd00:10:21::2 dev eth2\n"
            "route add 10.0.0.0/8 via 10.10.2.2 dev eth2\n",
    "eth3": "addr add fd00:10:22::1/64 dev eth3 nodad\n",
    "eth4": "addr add fd00:10:24::1/64 dev eth4 nodad\n",
    "eth5.7": "addr add fd00:10:25::1/64 dev eth5.7 nodad\n",
}
QUEUES = (
    "qdisc replace dev {d} root handle 1: htb default 3\nclass add dev {d} parent 1: classid 1:3 htb rate 5mbit quantum 1514\n"
    "qdisc add dev {d} parent 1:3 handle 30: bfifo limit 20000\n",
    "qdisc replace dev {d} root handle 1: tbf rate 9mbit burst 20kb limit 40kb\n",
    "qdisc replace dev {d} root handle 1: pfifo limit 77\n",
)
# Lines for each stranger: to come, to go. They may come twice or go without being there.
VISITS = {
    "nft table": (("nft", "table inet visitor { chain c { type filter hook prerouting priority -140; ip saddr 192.0.2.77 drop; }; }\n"),
                  ("nft", "delete table inet visitor\n")),
    "ip rule": (("ip", "rule add pref 620 from 192.0.2.128/25 lookup 500\n"), ("ip", "rule del pref 620\n")),
    "ip -6 rule": (("ip6", "rule add pref 621 from 2001:db8:7::/48 lookup 500\n"), ("ip6", "rule del pref 621\n")),
    "route": (("ip", "route add 192.0.2.192/26 via 10.10.1.1 table 500\n"), ("ip", "route del 192.0.2.192/26 table 500\n")),
    "route in main": (("ip", "route add 10.10.3.0/24 via 10.10.2.4 dev eth3 proto static\n"),
                      ("ip", "route del 10.10.3.0/24 proto static\n")),
    "mangle rule": (("legacy", "-A FORWARD -s 192.0.2.99 -j ACCEPT"), ("legacy", "-D FORWARD -s 192.0.2.99 -j ACCEPT")),
    "mark in use": (("ip", "rule add pref 622 fwmark 0x01200000/0xffe00000 lookup 500\n"), ("ip", "rule del pref 622\n")),
    "preference in use": (("ip", "rule add pref 9030 from 192.0.2.77 lookup 500 protocol static\n"), ("ip", "rule del pref 9030\n")),
    "whole mark": (("nft", "table ip marks { chain c { type filter hook forward priority 5; ip saddr 192.0.2.78 meta mark set 3; }; }\n"),
                   ("nft", "delete table ip marks\n")),
}
IN_THE_WAY = {"route in main", "mark in use", "preference in use"}
SETTINGS = ("net/ipv4/conf/all/rp_filter", "net/ipv4/conf/eth2/rp_filter", "net/ipv4/conf/eth3/src_valid_mark",
            "net/ipv4/conf/eth4/ignore_routes_with_linkdown")


class Strangers:
    def __init__(self, machine):
        self.machine = machine
        self.here = set()               # visits that are not over
        self.queued = set()             # devices with a root queue of somebody else
        self.down, self.gone = set(), set()
        self.far_down = set()
        self.flapped = False            # ever: it changes which of two links to one network comes first
        self.routeless = False
        with machine.router:
            self.settings = machine.settings()      # as they were in the beginning
        self.written = set()

    def _load(self, how, text):
        words = {"nft": ["nft", "-f", "-"], "ip": ["ip", "-force", "-batch", "-"], "ip6": ["ip", "-6", "-force", "-batch", "-"],
                 "tc": ["tc", "-force", "-batch", "-"]}
        if how == "legacy":
            self.machine.try_stock(["iptables-legacy", "-w", "-t", "mangle"] + text.split())
        else:
            self.machine.try_stock(words[how], text)

    # ---- each of these is one event: it returns its kind and whether it may have touched what is ours -----------------

    def visit(self, dice):
        name = dice.choice(sorted(VISITS))
        if name in self.here:
            return self.leave(name)
        self._load(*VISITS[name][0])
        self.here.add(name)
        return "foreign " + name, False

    def leave(self, name):
        self._load(*VISITS[name][1])
        self.here.discard(name)
        return "foreign %s gone" % name, False

    def queue(self, dice):
        device = dice.choice(("eth4", "eth5.7"))
        if device in self.queued or device in self.gone:
            return self.unqueue(device)
        self._load("tc", dice.choice(QUEUES).format(d=device))
        self.queued.add(device)
        return "foreign queue", True

    def unqueue(self, device):
        queues = self.machine.stock(["tc", "qdisc", "show", "dev", device], ok=(0, 1))
        if " 6e01: root" in queues:
            return "foreign queue stays displaced", False
        if re.search(r"^qdisc \w+ 1: root", queues, re.M):
            self._load("tc", "qdisc del dev %s root\n" % device)
        self.queued.discard(device)
        return "foreign queue gone", True

    def link(self, dice):
        device = dice.choice(sorted(UP))
        if device in self.down:
            return self.link_up(device)
        if device in self.gone:
            return self.come_back()
        self.flapped = True
        if dice.random() < 0.4:
            self.down.add(device)
            self._load("ip", "link set %s down\n" % device)
            return "link down", True
        self._load("ip", "link set %s down\n" % device)
        self.down.add(device)
        self.link_up(device)
        return "link flap", True

    def link_up(self, device):
        """As it was: IPv6 addresses and the system's routes do not survive a device that is switched off."""
        self._load("ip", "link set %s up\n%s" % (device, UP[device]))
        if device == "eth4" and not self.routeless:
            self.machine.default_routes("add")
        self.down.discard(device)
        return "link up", True

    def carrier(self, dice):
        device = dice.choice(("eth2", "eth3", "eth4"))
        going = device not in self.far_down
        self.flapped = True
        with self.machine.line.node["aggr"]:
            self.machine.try_here(["ip", "link", "set", device, "down" if going else "up"])
        (self.far_down.add if going else self.far_down.discard)(device)
        self._settle(device, going)
        return "carrier " + ("lost" if going else "back"), False

    def _settle(self, device, down):
        """The far end notices a little later; what it then makes of its routes is not to happen while we compare."""
        end = time.monotonic() + 2
        while device not in self.down and time.monotonic() < end:
            if ("LOWER_UP" in self.machine.stock(["ip", "link", "show", device])) != down:
                return
            time.sleep(0.01)

    def device(self, _):
        if self.gone:
            return self.come_back()
        self.flapped = True
        self._load("ip", "link del eth5.7\n")
        self.gone.add("eth5.7")
        self.queued.discard("eth5.7")
        self.down.discard("eth5.7")
        return "device gone", True

    def come_back(self):
        self.machine.add_link("eth5.7")
        self.gone.discard("eth5.7")
        return "device back", True

    def default_route(self, _):
        self.machine.default_routes("add" if self.routeless else "del")
        self.routeless = not self.routeless
        return "default route " + ("gone" if self.routeless else "back"), True

    def setting(self, dice):
        name = dice.choice(SETTINGS)
        with self.machine.router:
            try:
                with open("/proc/sys/" + name, "w", encoding="ascii") as f:
                    f.write(str(dice.randrange(2)))
                    self.written.add(name)
            except FileNotFoundError:
                return "setting of a device that is gone", False
        return "setting", True

    # ---- hands on what is ours ------------------------------------------------------------------------------------------

    def hand(self, dice):
        what = dice.choice((self._hand_nft, self._hand_nft, self._hand_rule, self._hand_route, self._hand_nexthop, self._hand_queue))
        return "own " + what(dice), True

    def _hand_nft(self, dice):
        table = self.machine.stock(["nft", "list", "table", "inet", "nlbc"], ok=(0, 1))
        chains, maps = (re.findall(r"^\t%s (\S+) \{" % kind, table, re.M) for kind in ("chain", "map"))
        if not chains:
            return "table, not there"
        chain = dice.choice(chains)
        texts = [("chain emptied", "flush chain inet nlbc %s\n" % chain), ("rule added", "add rule inet nlbc %s counter\n" % chain),
                 ("rule before", "insert rule inet nlbc %s meta mark 0x1 return\n" % chain),
                 ("chain of a stranger", "add chain inet nlbc stranger\n"), ("table deleted", "delete table inet nlbc\n"),
                 ("set of a stranger", "add set inet nlbc strange { type ipv4_addr; }\n"),
                 ("counter of a stranger", "add counter inet nlbc strange_too\n")]
        if maps:
            texts += [("map emptied", "flush map inet nlbc %s\n" % dice.choice(maps))] * 2
        name, text = dice.choice(texts)
        self._load("nft", text)
        return name

    def _own(self, words, dice):
        """One line of what `ip` shows with our protocol number, as JSON; None: there is none."""
        found = [o for o in json.loads(self.machine.stock(words, ok=(0, 2)) or "[]")
                 if str(o.get("protocol", "")) == self.machine.protocol]
        return dice.choice(found) if found else None

    def _hand_rule(self, dice):
        family = dice.choice(("-4", "-6"))
        rule = self._own(["ip", family, "-j", "rule"], dice)
        if rule:
            self._load("ip6" if family == "-6" else "ip", "rule del pref %d\n" % rule["priority"])
        return "rule deleted"

    def _hand_route(self, dice):
        family = dice.choice(("-4", "-6"))
        route = self._own(["ip", family, "-j", "route", "show", "table", "all"], dice)
        if route:
            self._load("ip6" if family == "-6" else "ip", "route del %s table %s proto %s\n" %
                       (route["dst"], route.get("table", "main"), self.machine.protocol))
        return "route deleted"

    def _hand_nexthop(self, dice):
        hop = self._own(["ip", "-j", "nexthop"], dice)
        if hop:
            self._load("ip", "nexthop del id %d\n" % hop["id"])
        return "next hop deleted"

    def _hand_queue(self, dice):
        device = dice.choice(sorted(set(UP) - self.gone))
        text = self.machine.stock(["tc", "qdisc", "show", "dev", device])
        if " 6e01: root" not in text:
            return "queue, not there"
        if "htb 6e01:" in text and dice.random() < 0.5:
            self._load("tc", "class change dev %s parent 6e01: classid 6e01:3 htb rate 3mbit quantum 1514\n" % device)
            return "class changed"
        self._load("tc", "qdisc del dev %s root\n" % device)
        return "queue deleted"

    EVENTS = ((visit, 6), (queue, 1), (link, 3), (carrier, 2), (device, 1), (default_route, 1), (setting, 1), (hand, 6))

    def happen(self, dice):
        event = dice.choices([e for e, _ in self.EVENTS], [w for _, w in self.EVENTS])[0]
        return event(self, dice)

    def relent(self, dice):
        """What stands in the way does not stay for long; the kind of event, or None."""
        if self.gone:
            return self.come_back()[0]
        ways = sorted(self.here & IN_THE_WAY)
        if self.queued:
            return self.unqueue(dice.choice(sorted(self.queued)))[0]
        if self.down:
            return self.link_up(dice.choice(sorted(self.down)))[0]
        return self.leave(dice.choice(ways))[0] if ways else None

    def in_the_way(self):
        """Is there something for which nlbc may refuse a profile?"""
        return bool(self.here & IN_THE_WAY or self.queued or self.down or self.gone)

    def take_back(self):
        """All that is not ours as it was in the beginning; links first."""
        for device in sorted(self.far_down):
            with self.machine.line.node["aggr"]:
                self.machine.try_here(["ip", "link", "set", device, "up"])
            self._settle(device, False)
        self.far_down.clear()
        if self.gone:
            self.come_back()
        for device in sorted(self.down):
            self.link_up(device)
        if self.routeless:
            self.default_route(None)
        for device in sorted(self.queued):
            self.unqueue(device)
        for name in sorted(self.here):
            self.leave(name)
        with self.machine.router:
            for name in self.written:
                with open("/proc/sys/" + name, "w", encoding="ascii") as f:
                    f.write(self.settings[name])
        self.written.clear()
