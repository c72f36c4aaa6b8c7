# SPDX-License-Identifier: MIT
# How long numbered datagrams take between two places of the line. To be sourced after lib.sh.

# delays NODE DEVICES NODE DEVICES [OPTION…]: datagrams of the client, seen at both places. $SCRATCH/record is what came
# to the second, with the microseconds since the first as column 15. Between datagrams the sender should sleep (gap_us of
# 1000 at least), so that the recorders are not kept waiting.
delays() {
	local pid fd line
	start "$1" record file="$SCRATCH/near" devices="$2" protocol=udp
	pid=$STARTED fd=$FD
	RECORDER=$3 record_start devices="$4" protocol=udp
	in_node client "$PKT" udp "${@:5}" >/dev/null
	record_stop
	kill -TERM "$pid"
	read -r -t 20 line <&"$fd" || fail "the recorder is gone"
	expect_text "the recorder" "$line" "dropped 0"
	awk 'NR == FNR { seen[$13] = $14; next } { print $0, $14 - seen[$13] }' "$SCRATCH/near" "$SCRATCH/record" >"$SCRATCH/both"
	mv "$SCRATCH/both" "$SCRATCH/record"
}

# median_delay [CONDITION]: of the recorded datagrams that meet it, in microseconds.
median_delay() { awk "(${1:-1}) { print \$15 }" "$SCRATCH/record" | sort -n | awk '{ d[NR] = $1 } END { print d[int((NR + 1) / 2)] }'; }

# expect_delay WHAT US WANTED: half a millisecond more or less by the guest's virtual time. By the clock of a busy machine
# only too little would be wrong.
expect_delay() {
	local most=$(($3 + 500))
	[ -n "${NLBC_VIRTUAL_TIME:-}" ] || most=1000000
	expect_between "$1" "$2" $(($3 - 500)) $most
}
