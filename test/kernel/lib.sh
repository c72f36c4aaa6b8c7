# SPDX-License-Identifier: MIT
# What the kernel tests share: the four machines T4 of the packet layer's acceptance (client, router, aggr, server) as
# network namespaces of this run, the packet tool, expectations that say what they saw, dumps of everything a namespace
# holds, and the two facts every test ends with: a second apply writes nothing, and what is not ours stays untouched.
#
# A test sources this file, calls t4, does its work in the router, and ends with `finish`. It needs root; without it, or
# without a tool or kernel part it names with `need`, it ends with 77 and the reason.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$TOP/test/expect.sh"
. "$TOP/testbed/line.sh"
NODES=$LINE_NODES
PIDS=()
T4=""
T4S=()
NODE=router
SAMPLE='^nlbc[0-9]+-'

# --- what a test needs -------------------------------------------------------------------------------------------------

[ "$(id -u)" = 0 ] || skip "needs root"
for tool in ip nft tc jq strace ethtool nsenter iptables-legacy-save; do
	command -v $tool >/dev/null || skip "needs $tool"
done
PKT=${PKT:-$(first_program test/kernel/pkt "$TOP"/build/test/kernel/pkt "$TOP"/test/kernel/pkt)}
[ -x "$PKT" ] || skip "test/kernel/pkt is not built (make check builds it)"
NLBC=${NLBC:-$(first_program ./nlbc "$TOP"/build/nlbc "$TOP"/nlbc)}
# has_queue NODE DEVICE KIND [OPTION…]: does this kernel have the queue? Asked of a device that is to spare.
has_queue() {
	local answer
	answer=$(tc -n "$T4-$1" qdisc add dev "$2" root "${@:3}" 2>&1) || true
	tc -n "$T4-$1" qdisc del dev "$2" root 2>/dev/null || true
	[[ $answer != *"Unknown qdisc"* && $answer != *"kind is unknown"* && $answer != *"not found"* ]]
}
need_nlbc() { [ -x "$NLBC" ] || skip "nlbc is not built"; }

# The target that profiles ask for: nft, or with NLBC_TEST_TARGET=iptables the other (P-35), which has no hash.
TARGET=${NLBC_TEST_TARGET:-nft}
is_nft() { [ "$TARGET" = nft ]; }
only_nft() { ! is_nft || say "$*"; }

# --- the run's own folder, and its end ---------------------------------------------------------------------------------

SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/nlbc-kernel.$$.XXXXXX")
export NLBC_STATE_DIR="$SCRATCH/state" NLBC_SOCKET="$SCRATCH/no-daemon.sock"
export XTABLES_LOCKFILE="$SCRATCH/xtables.lock"
unset NLBC_ROLE

cleanup() {
	local code=$? pid t
	trap - ERR
	set +e
	for pid in "${PIDS[@]}"; do
		is_child "$pid" && kill "$pid" 2>/dev/null
	done
	for t in "${T4S[@]}"; do
		line_down "$t"
	done
	if [ -n "${STANDING_LINE:-}" ] && [ $code != 0 ] && [ $code != 77 ]; then
		line_down "$STANDING_LINE"
	fi
	rm -rf "$SCRATCH"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Namespaces and folders of runs that were killed outright.
sweep() {
	local name pid
	for name in "${TMPDIR:-/tmp}"/nlbc-kernel.*.*; do
		pid=${name##*/nlbc-kernel.}
		[ -d "/proc/${pid%%.*}" ] || rm -rf "$name"
	done
	for name in $(ls /run/netns 2>/dev/null | grep -E "$SAMPLE" || true); do
		pid=${name#nlbc}
		pid=${pid%%-*}
		[ -d "/proc/$pid" ] || ip netns del "$name" 2>/dev/null || true
	done
}

# apart NUMBER FUNCTION [ARGUMENT…]: runs it in the background with a folder and machines of its own; on a standing line,
# one after the other.
apart() {
	local number=$1
	shift
	(
		PIDS=() T4S=()
		SCRATCH="$SCRATCH/apart$number"
		mkdir -p "$SCRATCH"
		export NLBC_STATE_DIR="$SCRATCH/state" XTABLES_LOCKFILE="$SCRATCH/xtables.lock"
		trap cleanup EXIT
		if [ -n "${STANDING_LINE:-}" ]; then
			t4
		else
			t4 "$number"
		fi
		"$@"
	) &
	APART+=($!)
	[ -z "${STANDING_LINE:-}" ] || apart_wait
}
APART=()
apart_wait() {
	local pid failed=0
	for pid in "${APART[@]}"; do
		wait "$pid" || failed=$((failed + 1))
	done
	APART=()
	[ $failed = 0 ] || fail "$failed parts failed (above)"
}

# --- T4 ----------------------------------------------------------------------------------------------------------------

# node_add NODE…: more namespaces of this line, removed with it.
node_add() {
	local node
	for node; do
		ip netns add "$T4-$node"
		[[ " $NODES " == *" $node "* ]] || NODES+=" $node"
	done
}

in_node() {
	local node=$1
	shift
	nsenter --net="/run/netns/$T4-$node" -- "$@"
}

# in_node for the background: exec makes $! the program itself.
in_node_exec() { exec nsenter --net="/run/netns/$T4-$1" -- "${@:2}"; }

nlbc() { in_node "$NODE" "$NLBC" "$@"; }

# The line client – router = aggr – server; optional number for a second one beside the first. STANDING_LINE names one
# that goes from test to test where making it is slow (test/vm), and must be left whole; a test that fails takes it down.
t4() {
	if [ $# = 0 ] && [ -n "${STANDING_LINE:-}" ]; then
		T4=$STANDING_LINE
	else
		T4="nlbc$$-${1:-0}"
		sweep
		T4S+=("$T4")
	fi
	if [ -e "/run/netns/$T4-router" ]; then
		in_node router "$PKT" forget
		prime
	else
		line_up "$T4"
		prime
		foreign
	fi
	dump router >"$SCRATCH/before"
}

# Neighbours known everywhere: one echo end to end, and one over each of the middle links in both directions.
prime() {
	until_true 5 in_node client "$PKT" echo dst=10.10.3.2 wait_ms=200
	until_true 5 in_node client "$PKT" echo dst=fd00:10:3::2 wait_ms=200
	until_true 5 in_node router "$PKT" echo dst=fd00:10:22::2 wait_ms=200
	until_true 5 known router eth3 10.10.2.4
	until_true 5 known aggr eth3 10.10.2.3
}

known() {
	local near=10.10.2.3
	[ "$1" = router ] || near=10.10.2.4
	in_node "$1" "$PKT" echo src=$near dst="$3" device="$2" wait_ms=20 >/dev/null 2>&1 || true
	ip -n "$T4-$1" neigh show "$3" dev "$2" | grep -q lladdr
}

# Something of everything that is not ours, in the router. Nothing here asks for connection tracking.
foreign() {
	in_node router nft -f - <<-END
		table inet foreign {
			set hosts { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.7 }; }
			map ways { type ipv4_addr : verdict; elements = { 192.0.2.9 : goto aside }; }
			chain aside { meta mark set meta mark & 0xffffff00 | 0x00000005; }
			chain look { type filter hook prerouting priority -160; ip saddr @hosts drop; ip saddr vmap @ways; }
		}
		table ip other { chain post { type filter hook postrouting priority 10; ip daddr 192.0.2.8 drop; }; }
	END
	in_node router iptables-legacy -t mangle -N ASIDE
	in_node router iptables-legacy -t mangle -A ASIDE -j MARK --set-xmark 0x6/0xff
	in_node router iptables-legacy -t mangle -A PREROUTING -s 192.0.2.0/24 -j ASIDE
	in_node router ip6tables-legacy -t mangle -A FORWARD -s 2001:db8::/64 -j MARK --set-xmark 0x7/0xff
	ip -n "$T4-router" -batch - <<-END
		link add spare0 type veth peer name spare1
		addr add 192.0.2.33/28 dev spare0
		link set spare0 up
		link set spare1 up
		rule add pref 500 from 192.0.2.0/24 lookup 500
		rule add pref 501 fwmark 0x5/0xff lookup 500
		rule add pref 9300 from 192.0.2.64/26 lookup 500 protocol static
		route add 198.51.100.0/24 via 192.0.2.34 dev spare0 table 500
		route add 198.51.100.0/25 via 10.10.1.1
		nexthop add id 4711 via 192.0.2.34 dev spare0
		route add 203.0.113.0/24 nhid 4711 table 500
		route add 2001:db8:1::/64 via fd00:10:1::1 table 500
	END
	ip -n "$T4-router" -6 rule add pref 500 from 2001:db8::/64 lookup 500
	tc -n "$T4-router" -batch - <<-END
		qdisc add dev spare0 root handle 1: htb default 3
		class add dev spare0 parent 1: classid 1:3 htb rate 5mbit quantum 1514
		qdisc add dev spare0 parent 1:3 handle 30: bfifo limit 20000
	END
	in_node router bash -ec "$(declare -f write_settings)
		write_settings net/ipv4/conf/spare0/rp_filter=2 net/ipv4/conf/eth2/log_martians=1"
	until_true 10 local_addresses 2 spare
}

# local_addresses N DEVICE: have so many of the router's devices of this beginning taken their link-local address?
local_addresses() {
	[ "$(ip -n "$T4-router" -6 route show table local | grep -c "^anycast fe80:: dev $2")" = "$1" ]
}

# --- what a namespace holds --------------------------------------------------------------------------------------------

# Everything but counters and flows of traffic (classes of fq_codel, sfq), as the stock tools show it. The legacy mangle
# tables are made to exist first. Settings are those that sysctl -a shows, read by one quick process.
dump() {
	in_node "$1" bash -euo pipefail -c '
		grep -qs mangle /proc/net/ip_tables_names || iptables-legacy -t mangle -S >/dev/null
		grep -qs mangle /proc/net/ip6_tables_names || ip6tables-legacy -t mangle -S >/dev/null
		echo "# nft"
		nft list ruleset
		echo "# iptables"
		iptables-legacy-save -c
		ip6tables-legacy-save -c
		echo "# ip"
		printf "%s\n" "rule show" "route show table all" "nexthop show" | ip -d -batch -
		printf "%s\n" "rule show" "route show table all" | ip -d -6 -batch -
		echo "# tc"
		{
			echo "qdisc show"
			for d in /proc/sys/net/ipv4/conf/*; do
				case ${d##*/} in all | default) continue ;; esac
				printf "%s\n" "class show dev ${d##*/}" "filter show dev ${d##*/}"
			done
		} | tc -d -batch -
		echo "# settings"
		"$0" settings' "$PKT" |
		sed -E '/^# (Generated|Completed|Warning)/d; /^class (fq_codel|sfq) /d; /nf_conntrack_count/d; s/ expires [0-9]+sec//
			s/packets [0-9]+ bytes [0-9]+/packets N bytes N/; s/\[[0-9]+:[0-9]+\]/[N:N]/'
}

# same_dump NODE FILE: the namespace holds byte for byte what it held when FILE was dumped.
same_dump() {
	dump "$1" >"$SCRATCH/now"
	if ! cmp -s "$2" "$SCRATCH/now"; then
		diff -u "$2" "$SCRATCH/now" | head -40 >&2 || true
		fail "${3:-the kernel} is not as before"
	fi
}

# --- netlink writes ----------------------------------------------------------------------------------------------------

# traced LOG COMMAND…: in the node, under strace, with every netlink message spelled out.
traced() {
	local log=$1
	shift
	in_node "$NODE" strace -f -qq -v -s 65536 -o "$log" -e trace=sendmsg,sendto,setsockopt,openat "$@"
}

# Messages in a log of `traced` that are neither dumps nor queries: netlink writes, table replacements of iptables, and
# settings opened for writing. strace 6.1 does not name every type: a route type asks if it is 2 modulo 4.
writes() {
	awk '
		/ (sendmsg|sendto)\(/ {
			line = $0
			while (match(line, /nlmsg_type=[^,]*/)) {
				type = substr(line, RSTART + 11, RLENGTH - 11)
				line = substr(line, RSTART + RLENGTH)
				if (type ~ /GET/ || type ~ /^NLMSG_/)
					continue
				if (type ~ /^0xa(01|04|07|0a|0d|10|13|17) /)
					continue
				if (type ~ /^0x[0-9a-f][26ae] /)
					continue
				print type
			}
		}
		/ setsockopt\(.*(IPT|IP6T)_SO_SET_/ { print "iptables" }
		/ openat\(.*"\/proc\/sys\/.*O_(WRONLY|RDWR)/ { print "setting" }' "$1"
}

# --- faults ------------------------------------------------------------------------------------------------------------

# The calls that the kernel answers with a refusal.
REFUSABLE=sendmsg,sendto
is_nft || REFUSABLE+=,setsockopt

# calls SYSCALLS COMMAND…: runs it in the node and prints "SYSCALL NUMBER KIND" for each of these calls, in the order made;
# KIND is SYSCALL, or the option that is set. With KILL_EVERY=N these are the last three of a kind and every N-th before. A
# write that the kernel begins anew (of a setting, while others hold the lock of all devices) is one call.
calls() {
	local set=$1
	shift
	in_node "$NODE" strace -f -qq -o "$SCRATCH/calls" -e trace="$set" "$@" >/dev/null 2>&1 ||
		fail "'$*' does not succeed under strace"
	awk '{
		if (/ERESTARTNOINTR/)
			next
		sub(/^[0-9]+ +/, "")
		name = kind = $0
		sub(/\(.*/, "", name)
		if (name ~ /^[a-z0-9_]+$/)
			print name, ++n[name], match(kind, /[A-Z0-9]+_[A-Z_]+, [["]/) ? substr(kind, RSTART, RLENGTH - 3) : name
	}' "$SCRATCH/calls" | tac | awk -v every="${KILL_EVERY:-1}" 'n[$3]++ < 3 || n[$3] % every == 0' | tac
}

# injected WHAT COMMAND…: runs it in the node under strace with this fault, e.g. "sendmsg:signal=KILL:when=3".
injected() {
	local what=$1
	shift
	run in_node "$NODE" strace -f -qq -o "$SCRATCH/injected" -e trace="${what%%:*}" -e inject="$what" "$@"
}

state_now() { { nlbc -j status 2>/dev/null || true; } | sed -n 's/.*"status":{"state":"\([^"]*\)".*/\1/p'; }

apply_ok() { expect_exit 0 nlbc apply "$@"; }

# --- profiles ----------------------------------------------------------------------------------------------------------

# profile NAME: standard input becomes $SCRATCH/NAME.prof, its two first lines are given; prints the file's name.
profile() {
	{
		say "nlbc 1"
		say "profile $1"
		cat
		is_nft || say "kernel { target $TARGET }"
	} >"$SCRATCH/$1.prof"
	say "$SCRATCH/$1.prof"
}

# The method as the target takes it: per-flow draws by hash, or by chance.
method() { if [ "$*" = per-flow ] && ! is_nft; then say "per-flow pick random"; else say "$*"; fi; }

# with_iptables TEST…: these tests once more for target iptables, two at a time, or one after the other on a standing
# line; what a failed one said is shown.
with_iptables() {
	local folder at_once=2
	[ -z "${STANDING_LINE:-}" ] || at_once=1
	folder=$(dirname "$0")
	printf '%s\n' "$@" | NLBC_TEST_TARGET=iptables xargs -P $at_once -I TEST bash -c '
		"$1/$2" >"$3/$2.log" 2>&1 && { tail -1 "$3/$2.log"; exit; }
		echo "FAIL: $2"
		cat "$3/$2.log"
		exit 1' with_iptables "$folder" TEST "$SCRATCH" || fail "not so with target iptables (above)"
}

# The router's interfaces and its two paths, in both families.
two_paths() {
	cat <<-END
		interface back { device eth1 }
		interface p1 { device eth2 }
		interface p2 { device eth3 }
		path p1 { via 10.10.2.2 fd00:10:21::2; interface p1; table main }
		path p2 { via 10.10.2.4 fd00:10:22::2; interface p2 }
	END
}

# steer NAME METHOD [OPTIONS-OF-P1 [OPTIONS-OF-P2 [MORE]]]: one balance from the client to the server over both paths.
steer() {
	profile "$1" <<-END
		$(two_paths)
		balance forward {
			in back
			to 10.10.3.0/24 fd00:10:3::/64
			method $(method "$2")
			path p1 ${3:-}
			path p2 ${4:-}
			${5:-}
		}
	END
}

# --- traffic -----------------------------------------------------------------------------------------------------------

# start NODE VERB [OPTION…]: the packet tool in the background; returns once it is ready. Pid in STARTED, its output in FD.
start() {
	local node=$1 line
	shift
	exec {FD}< <(in_node_exec "$node" "$PKT" "$@")
	STARTED=$!
	PIDS+=($STARTED)
	read -r -t 10 line <&"$FD" && [ "$line" = ready ] || fail "pkt $* is not ready"
}

serve() { start "${2:-server}" serve udp="${1:-echo}"; }

# record_start [OPTION…]: what arrives at aggr by eth2 and eth3, into $SCRATCH/record; RECORDER may name another node.
record_start() {
	start "${RECORDER:-aggr}" record file="$SCRATCH/record" "$@"
	RECORD_PID=$STARTED RECORD_FD=$FD
}

record_stop() {
	local line
	kill -TERM "$RECORD_PID" 2>/dev/null || true
	read -r -t 20 line <&"$RECORD_FD" || fail "the recorder is gone"
	exec {RECORD_FD}<&-
	expect_text "the recorder" "$line" "dropped 0"
}

COLUMNS_OF_RECORD='{ device = $1; direction = $2; family = $3; proto = $4; src = $5; sport = $6; dst = $7; dport = $8
	offset = $9; more = $10; id = $11; size = $12; info = $13; time = $14; flow = proto " " src " " sport " " dst " " dport }'

# packets [CONDITION]: how many recorded packets meet it, in awk's words over the columns above.
packets() { awk "$COLUMNS_OF_RECORD (${1:-1}) { n++ } END { print n + 0 }" "$SCRATCH/record"; }

# order [CONDITION]: their devices in the order of arrival, A for eth2 and B for eth3.
order() {
	awk "$COLUMNS_OF_RECORD"' ('"${1:-1}"') { printf "%s", device == "eth2" ? "A" : "B" } END { print "" }' "$SCRATCH/record"
}

# flows [CONDITION]: one line a flow, "DEVICE… FLOW", the devices it was seen on in sorted order joined by "+".
flows() {
	awk "$COLUMNS_OF_RECORD (${1:-1})"' { seen[flow, device] = 1; all[flow] = 1 }
		END {
			for (f in all) {
				way = ((f, "eth2") in seen ? "eth2" : "")
				if ((f, "eth3") in seen)
					way = way (way ? "+" : "") "eth3"
				print way, f
			}
		}' "$SCRATCH/record" | sort
}

# flows_on WAY [CONDITION]: how many flows were seen on exactly that device, or on "eth2+eth3".
flows_on() { flows "${2:-1}" | awk -v way="$1" '$1 == way { n++ } END { print n + 0 }'; }

# TCP connections from the client that stay open: flows_start [OPTION…], then flows_do "open 200", with the answer in REPLY.
flows_start() {
	local fifo="$SCRATCH/orders.$RANDOM"
	mkfifo "$fifo"
	exec {FLOWS_IN}<>"$fifo"
	exec {FLOWS_OUT}< <(in_node_exec "${FLOWS_NODE:-client}" "$PKT" flows "$@" <"$fifo" {FLOWS_IN}>&-)
	PIDS+=($!)
	read -r -t 10 REPLY <&"$FLOWS_OUT" || fail "pkt flows is not ready"
}

flows_do() {
	printf '%s\n' "$1" >&"$FLOWS_IN"
	read -r -t 60 REPLY <&"$FLOWS_OUT" || fail "no answer to '$1'"
}

# 1000 numbered datagrams of one flow, 36 bytes each in IPv4: every second one by the other path, the first by eth2. The
# gap between them keeps a shaper of 50 Mbit/s from holding one path's packets back (8 us each).
expect_turns() {
	record_start protocol=udp count=1000
	in_node client "$PKT" udp dst="${1:-10.10.3.2}" count=1000 >/dev/null
	record_stop
	expect_eq "packets by eth2" "$(packets 'device == "eth2"')" 500
	expect_eq "packets by eth3" "$(packets 'device == "eth3"')" 500
	expect_eq "packets not in turn" "$(order | sed 's/AB//g')" ""
}

# --- what every test ends with -----------------------------------------------------------------------------------------

journal_sum() { find "$NLBC_STATE_DIR" -type f ! -name lock -exec sha256sum {} + | sort; }

# P-21: the applied profile once more sends nothing but questions and leaves the journal alone.
second_apply_writes_nothing() {
	local before after generation
	before=$(journal_sum)
	generation=$(nlbc get generation)
	RC=0
	traced "$SCRATCH/trace" "$NLBC" apply "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || RC=$?
	expect_eq "second apply: exit" "$RC" 0
	expect_text "second apply" "$(<"$SCRATCH/out")" "no change"
	expect_eq "second apply: writes" "$(writes "$SCRATCH/trace" | sort | uniq -c)" ""
	after=$(journal_sum)
	expect_eq "second apply: journal" "$after" "$before"
	expect_eq "second apply: generation" "$(nlbc get generation)" "$generation"
	expect_exit 0 nlbc diff "$@"
}

# P-22: after flush the router is byte for byte as it was before the first apply, with all that is not ours.
flush_leaves_no_trace() {
	expect_exit 0 nlbc flush
	same_dump router "$SCRATCH/before" "the kernel after flush"
}

# finish PROFILE [OPTION…]: the end of every test; PROFILE is the one that is applied.
finish() {
	second_apply_writes_nothing "$@"
	flush_leaves_no_trace
	say "ok: ${0##*/}"
}
