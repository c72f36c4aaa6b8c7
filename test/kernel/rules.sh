# SPDX-License-Identifier: MIT
# What P-1 and P-2 share: the folders of rules/, the profile and role each was compiled from, a namespace with the
# devices, named as the rules name them, on which it can be loaded, and what it then holds.

RULES="$TOP/rules"

# Folders with a plan in them, as NAME or NAME/ROLE.
rule_folders() { (cd "$RULES" && find . -name plan.txt | sed 's|^\./||; s|/plan.txt$||' | sort); }

folder_profile() { say "$TOP/profiles/${1%%/*}.prof"; }
folder_role() {
	case $1 in
	*/*) printf '%s\n' --role "${1#*/}" ;;
	esac
}

# The devices of each folder, with their addresses.
folder_devices() {
	case $1 in
	line-topology/client) say "fwd=10.10.1.1/24" ;;
	line-topology/server) say "back=10.10.3.2/24" ;;
	line-topology/aggr) say "out=10.10.3.1/24 p1=10.10.2.2/24 p2=10.10.2.4/24" ;;
	line-topology/router | per-packet | per-flow | unequal-paths)
		say "back=10.10.1.2/24 p1=10.10.2.1/24 p2=10.10.2.3/24"
		;;
	multi-wan) say "br-lan=10.20.0.1/16 br-guest=10.30.0.1/16 eth1=203.0.113.2/24,2001:db8:1::2/64 ppp0=100.64.0.2/32 wwan0=100.65.0.2/30,2001:db8:3::2/64" ;;
	everything)
		say "eth0=10.20.0.10/16,2001:db8:20::10/48 eth1=198.51.100.2/24,2001:db8:100::2/64 eth2=203.0.113.2/24,2001:db8:200::2/64" \
			"eth3=192.0.2.129/28 eth4=192.0.2.145/28"
		;;
	*) fail "rules/$1 has no devices here" ;;
	esac
}

# machine NODE FOLDER: a namespace with these devices; the same link addresses for the same folder, so that two compare.
machine() {
	local node=$1 pair device address number=0 settings="" near="link set lo up" far="" pairs=""
	node_add "$node" "far-$node"
	for pair in $(folder_devices "$2"); do
		device=${pair%%=*}
		number=$((number + 1))
		pairs+="link add $device index $((number + 10)) netns $T4-$node address 02:00:00:00:00:0$number type veth"
		pairs+=" peer name far$number index $((number + 100)) netns $T4-far-$node"$'\n'
		settings+=" net/ipv6/conf/$device/accept_dad=0 net/ipv4/conf/$device/rp_filter=0"
		address=${pair#*=}
		for address in ${address//,/ }; do
			near+=$'\n'"addr add $address dev $device$(case $address in *:*) say " nodad" ;; esac)"
		done
		near+=$'\n'"link set $device up"
		far+="link set far$number up"$'\n'
	done
	ip -batch - <<<"$pairs"
	in_node "$node" bash -ec "$(declare -f write_settings)
		write_settings $settings"
	ip -n "$T4-far-$node" -batch - <<<"$far"
	ip -n "$T4-$node" -batch - <<<"$near"
}

# The profile with the emulation and queues taken out that this kernel lacks.
profile_without() {
	sed -E 's/^(shaper far +)\{ delay 5ms \}/\1{ queue 1000p }/; /^shaper|shaper \{/{ s/queue fq_codel[^;}]*;?//; s/(delay|loss) [^;}]*;//g }' "$1"
}

# holds NODE: everything, and the queues in the kernel's own units. The objects of a table come in the order they were
# made in; they are sorted here, and the generation's chain left out.
holds() {
	dump "$1" >"$SCRATCH/dump"
	sed '/^# iptables/,$d' "$SCRATCH/dump" | awk '
		/^\t[a-z]+ .*\{$/ { object = $0; inside = 1; next }
		inside { object = object "\001" $0 }
		inside && /^\t\}$/ { print object; inside = 0 }
		!inside && /^(table|\tcomment)/ { print }' |
		sed '/^.chain about /d' | sort | tr '\001' '\n'
	sed -n '/^# iptables/,$p' "$SCRATCH/dump"
	in_node "$1" bash -ec 'for device in /proc/sys/net/ipv4/conf/*; do
		case ${device##*/} in all | default) continue ;; esac
		"$0" tc device="${device##*/}"
	done' "$PKT"
}
