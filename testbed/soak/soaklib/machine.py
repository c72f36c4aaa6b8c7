# SPDX-License-Identifier: MIT
"""The machine that is soaked: the router of the line topology with two more links, a default route and things of
somebody else, in namespaces that end with the program; and the nlbc command run in it, with what each run took."""

import collections
import os
import re
import subprocess
import time

from benchlib.host import run
from packetlib.line import PREFIX, Line

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))))
SPARE_LINKS = (("eth4", "24", "10.10.4", 24, 34), ("eth5.7", "25", "10.10.5", 25, 35))
Done = collections.namedtuple("Done", "code out err rss_kb")          # rss_kb: 0 where the peak was not asked for

FOREIGN_NFT = """
table inet foreign {
	chain aside { meta mark set meta mark & 0xffffff00 | 0x00000005; }
	chain look { type filter hook prerouting priority -160; ip saddr 192.0.2.9 goto aside; }
}
"""
FOREIGN_LEGACY = "*mangle\n:ASIDE - [0:0]\n-A PREROUTING -s 192.0.2.0/24 -j ASIDE\n-A ASIDE -j MARK --set-xmark 0x6/0xff\nCOMMIT\n"
# They go with their link.
FOREIGN_ROUTES = ("route add 198.51.100.0/24 via 10.10.1.1 table 500\nnexthop add id 4711 via 10.10.1.1 dev eth1\n"
                  "route add 203.0.113.0/24 nhid 4711 table 500\n")


class Machine:
    def __init__(self, nlbc, pkt, scratch, peak=""):
        self.nlbc, self.pkt, self.scratch, self.peak = nlbc, pkt, scratch, peak
        self.line = Line()
        self.router = self.line.node["router"]
        for device, *_ in SPARE_LINKS:
            self.add_link(device)
        self.foreign()
        self.line.neighbours()
        self.protocol = "110"           # route-protocol of the profiles applied now
        self.cpu = 0.0

    def add_link(self, device):
        """One of the spare links, always the same one: indexes, link addresses, addresses, default route."""
        net, prefix, here, there = next(rest for name, *rest in SPARE_LINKS if name == device)
        run(["ip", "link", "add", device, "index", str(here), "address", "02:00:00:00:%s:01" % net, "netns", PREFIX + "-router",
             "type", "veth", "peer", "name", device, "index", str(there), "netns", PREFIX + "-aggr"])
        for node, host in (("router", 1), ("aggr", 2)):
            with self.line.node[node]:
                for name, value in (("net/ipv4/conf/%s/rp_filter", "0"), ("net/ipv6/conf/%s/accept_dad", "0")):
                    with open("/proc/sys/" + name % device, "w", encoding="ascii") as f:
                        f.write(value)
                run(["ip", "-batch", "-"], "addr add %s.%d/24 dev %s\naddr add fd00:10:%s::%d/64 dev %s nodad\nlink set %s up\n" %
                    (prefix, host, device, net, host, device, device))
        if device == "eth4":
            self.default_routes("add")

    def default_routes(self, verb):
        """The system's own way out, by eth4: what `via auto` follows."""
        with self.router:
            run(["ip", "-batch", "-"], "route %s default via 10.10.4.2 dev eth4 metric 50\n"
                "route %s default via fd00:10:24::2 dev eth4 metric 2048\n" % (verb, verb), ok=(0, 1))

    def foreign(self):
        """Something of everything that is not ours."""
        with self.router:
            run(["nft", "-f", "-"], FOREIGN_NFT)
            run(["iptables-legacy-restore", "--noflush"], FOREIGN_LEGACY)
            run(["ip6tables-legacy-restore", "--noflush"], "*mangle\n-A FORWARD -s 2001:db8::/64 -j ACCEPT\nCOMMIT\n")
            run(["ip", "-batch", "-"], "rule add pref 500 from 192.0.2.0/24 lookup 500\n" + FOREIGN_ROUTES)

    # ---- what it holds ----------------------------------------------------------------------------------------------

    def dump(self):
        """Everything but counters of traffic, by the kernel tests' own words."""
        return run(["bash", "-c", ". '%s/test/kernel/lib.sh'; T4=%s; dump router" % (TOP, PREFIX)])

    def holds(self):
        """What nlbc and the stock tools must agree on: rules, routes, next hops, queues, settings, and the rule-set with
        its objects sorted, since they stand in the order they were made. Counters of traffic and the kernel's own routes aside."""
        with self.router:
            text = re.sub(r"packets \d+ bytes \d+", "", run(["nft", "list", "ruleset"]))
            rest = [re.sub(r"^#.*$|\[\d+:\d+\]", "", run([tool, "-t", "mangle"]), flags=re.M)
                    for tool in ("iptables-legacy-save", "ip6tables-legacy-save")]
            rest += [run(["ip", "-d", "-batch", "-"], "rule show\nroute show table all\nnexthop show\n"),
                     run(["ip", "-d", "-6", "-batch", "-"], "rule show\nroute show table all\n"),
                     run(["tc", "-d", "-batch", "-"], "qdisc show\n" + "".join(
                        "class show dev %s\n" % d for d in sorted(os.listdir("/proc/sys/net/ipv4/conf")) if d not in ("all", "default")))]
            rest += ["%s = %s" % item for item in sorted(self.settings().items())]
        objects = re.findall(r"^\t[a-z]+ [^\n]*\{\n.*?^\t\}$", text, re.M | re.S)
        listing = sorted(o for o in objects if not o.startswith("\tchain about"))
        return "\n".join(line for line in "\n".join(listing + rest).split("\n") if " proto kernel " not in line)

    def settings(self):
        """Those of devices, and the few others that profiles touch. To be read inside the router."""
        found = {}
        names = ["net/ipv4/fib_multipath_hash_policy", "net/ipv6/fib_multipath_hash_policy", "net/ipv4/ip_forward",
                 "net/ipv4/ip_local_port_range"]
        for family in ("ipv4", "ipv6"):
            for d in os.listdir("/proc/sys/net/%s/conf" % family):
                names += ["net/%s/conf/%s/%s" % (family, d, n) for n in os.listdir("/proc/sys/net/%s/conf/%s" % (family, d))]
        for name in names:
            try:
                with open("/proc/sys/" + name, encoding="ascii") as f:
                    found[name] = f.read().strip()
            except OSError:
                continue                # stable_secret, where none was given
        return found

    def restore(self, settings):
        """Puts back those that differ. To be called inside the router."""
        now = self.settings()
        for name, value in settings.items():
            if name in now and now[name] != value:
                with open("/proc/sys/" + name, "w", encoding="ascii") as f:
                    f.write(value)

    # ---- nlbc -------------------------------------------------------------------------------------------------------

    def run(self, *words, kill_after=None, signal=9, wrap=()):
        """The command in the router. With kill_after it gets the signal so many seconds after its start."""
        with self.router:
            p = subprocess.Popen([*wrap, self.nlbc, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(p.pid, signal)      # before wait4 the number is nobody else's
        out, err = p.stdout.read(), p.stderr.read()
        p.stdout.close()
        p.stderr.close()
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        self.cpu += usage.ru_utime + usage.ru_stime
        said, _, peak = err.decode(errors="replace").partition("peak ") if self.peak in wrap else (err.decode(errors="replace"), "", "0")
        return Done(p.returncode, out.decode(errors="replace"), said, int(peak))

    def stock(self, words, text=None, ok=(0,)):
        with self.router:
            return run(words, text, ok)

    def try_stock(self, words, text=None):
        """For changes that may find nothing to change: did it?"""
        with self.router:
            return subprocess.run(words, input=text, text=True, capture_output=True).returncode == 0

    @staticmethod
    def try_here(words):
        return subprocess.run(words, capture_output=True).returncode == 0

    def close(self):
        self.line.close()

