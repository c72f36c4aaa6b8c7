# SPDX-License-Identifier: MIT
# The line topology in network namespaces: client – router = aggr – server, two parallel links in the middle. Addresses
# are those of profiles/line-topology.prof; IPv6 beside them; forwarding on, strict source checks and offloads off.
# Sourced by testbed/demo and the kernel tests.

LINE_NODES="client router aggr server"

write_settings() {
	local s
	for s; do
		printf '%s\n' "${s#*=}" >"/proc/sys/${s%%=*}"
	done
}

# line_node NAMESPACE DEVICE…, with what ip -batch shall do there on standard input.
line_node() {
	local node=$1 device
	shift
	nsenter --net="/run/netns/$node" -- bash -ec "$(declare -f write_settings)
		write_settings net/ipv4/ip_forward=1 net/ipv6/conf/all/forwarding=1
		for d in all default lo $*; do
			write_settings net/ipv4/conf/\$d/rp_filter=0 net/ipv6/conf/\$d/accept_dad=0 \
				net/ipv6/conf/\$d/dad_transmits=0 net/ipv6/conf/\$d/router_solicitations=0
		done"
	ip -n "$node" -batch -
	for device; do
		nsenter --net="/run/netns/$node" -- ethtool -K "$device" tso off gso off gro off >/dev/null
	done
}

# line_up PREFIX: the namespaces PREFIX-client, PREFIX-router, PREFIX-aggr and PREFIX-server. The ends of a link have
# different indexes: the kernel then takes the link's events as urgent instead of once a second (linkwatch_urgent_event).
line_up() {
	local node
	for node in $LINE_NODES; do
		ip netns add "$1-$node"
	done
	ip -batch - <<-END
		link add eth1 index 11 netns $1-client type veth peer name eth1 index 21 netns $1-router
		link add eth2 index 22 netns $1-router type veth peer name eth2 index 32 netns $1-aggr
		link add eth3 index 23 netns $1-router type veth peer name eth3 index 33 netns $1-aggr
		link add eth1 index 31 netns $1-aggr type veth peer name eth1 index 41 netns $1-server
	END
	line_node "$1-client" eth1 <<-END
		link set lo up
		addr add 10.10.1.1/24 dev eth1
		addr add fd00:10:1::1/64 dev eth1 nodad
		link set eth1 up
		route add 10.0.0.0/8 via 10.10.1.2
		route add fd00:10::/32 via fd00:10:1::2
	END
	line_node "$1-router" eth1 eth2 eth3 <<-END
		link set lo up
		addr add 10.10.1.2/24 dev eth1
		addr add fd00:10:1::2/64 dev eth1 nodad
		addr add 10.10.2.1/24 dev eth2
		addr add fd00:10:21::1/64 dev eth2 nodad
		addr add 10.10.2.3/24 dev eth3
		addr add fd00:10:22::1/64 dev eth3 nodad
		link set eth1 up
		link set eth2 up
		link set eth3 up
		route add 10.0.0.0/8 via 10.10.2.2 dev eth2
		route add fd00:10::/32 via fd00:10:21::2 dev eth2
	END
	line_node "$1-aggr" eth1 eth2 eth3 <<-END
		link set lo up
		addr add 10.10.3.1/24 dev eth1
		addr add fd00:10:3::1/64 dev eth1 nodad
		addr add 10.10.2.2/24 dev eth2
		addr add fd00:10:21::2/64 dev eth2 nodad
		addr add 10.10.2.4/24 dev eth3
		addr add fd00:10:22::2/64 dev eth3 nodad
		link set eth1 up
		link set eth2 up
		link set eth3 up
		route add 10.0.0.0/8 via 10.10.2.1 dev eth2
		route add fd00:10::/32 via fd00:10:21::1 dev eth2
	END
	line_node "$1-server" eth1 <<-END
		link set lo up
		addr add 10.10.3.2/24 dev eth1
		addr add fd00:10:3::2/64 dev eth1 nodad
		link set eth1 up
		route add 10.0.0.0/8 via 10.10.3.1
		route add fd00:10::/32 via fd00:10:3::1
	END
}

# line_down PREFIX: ends what still runs in them, and deletes them.
line_down() {
	local node pid
	for node in $LINE_NODES; do
		[ -e "/run/netns/$1-$node" ] || continue
		for pid in $(ip netns pids "$1-$node" 2>/dev/null); do
			kill -9 "$pid" 2>/dev/null || true
		done
		ip netns del "$1-$node" || true
	done
}
