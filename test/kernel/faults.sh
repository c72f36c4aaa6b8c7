# SPDX-License-Identifier: MIT
# The three works that the fault tests (P-24, P-25, P-26) break: a fresh apply of A, the change from A to B, and flush.
# A and B are both per-packet, so that P-3 can be asked of either, and between them use every kind of item.

profile a >/dev/null <<END
shaper core { rate 50mbit; queue 1mbit; quantum 1514 }
interface back { device eth1; shaper { rate 130mbit; queue 2.6mbit } }
interface p1 { device eth2; shaper core }
interface p2 { device eth3 }
path p1 { via 10.10.2.2 fd00:10:21::2; interface p1; table main }
path p2 { via 10.10.2.4 fd00:10:22::2; interface p2 }
balance forward { in back; to 10.10.3.0/24 fd00:10:3::/64; method per-packet; path p1; path p2 }
sysctl net.ipv4.conf.eth1.log_martians 1
END
profile b >/dev/null <<END
interface back { device eth1; shaper { rate 100mbit; queue 2mbit } }
interface p1 { device eth2; shaper { queue 1mbit } }
interface p2 { device eth3; shaper { rate 60mbit; queue 1mbit } }
path p1 { via 10.10.2.2 fd00:10:21::2; interface p1 }
path p2 { via 10.10.2.4 fd00:10:22::2; interface p2 }
balance forward { in back; to 10.10.3.0/24 fd00:10:3::/64; method per-packet; path p1 weight 1; path p2 weight 1 }
balance side { in back; to 10.10.9.0/24; method $(method per-flow); slots 16; path p1; path p2 weight 2 }
sysctl net.ipv4.conf.eth1.accept_redirects 0
sysctl net.ipv4.conf.eth1.log_martians 2
END
A="$SCRATCH/a.prof" B="$SCRATCH/b.prof"
WORKS="fresh change flush"

# The namespace as it is before a work begins, whatever happened to it.
work_prepare() {
	expect_exit 0 nlbc flush
	[ "$1" = fresh ] || apply_ok "$A"
}

# The work's command; its last word says what is in force afterwards.
work_command() {
	case $1 in
	fresh) WORK=("$NLBC" apply "$A") ;;
	change) WORK=("$NLBC" apply "$B") ;;
	flush) WORK=("$NLBC" flush) ;;
	esac
}

# A smaller buffer is no refusal.
is_room() { [[ $1 == SO_*BUFFORCE ]]; }

# What another `apply` after the broken work asks for.
work_wanted() { if [ "$1" = change ]; then say "$B"; else say "$A"; fi; }
