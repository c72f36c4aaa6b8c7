# SPDX-License-Identifier: MIT
# For tests of consensuses: the shared ones unpacked, and what `bandwidth` says in JSON. Sourced behind lib.sh.

need xz jq

# unpack NAME FILE: the shared consensus; PACKED is where it lies.
unpack() {
	PACKED=$(tor_data "$1-consensus.xz")
	xz -dc "$PACKED" >"$2"
}

# bandwidth CODE FILE [JQ]: its exit code; OUT is what the program of jq gives of its result.
bandwidth() {
	expect_exit "$1" weights bandwidth -j "$2"
	OUT=$(jq -c ".weights | ${3:-.}" <<<"$OUT")
}

# refused FILE LINE COLUMN TEXT [HINT]: it is refused there, in these words.
refused() {
	expect_exit 1 weights bandwidth "$1"
	expect_text "$1" "$ERR" "$1:$2:$3: error: $4"
	[ $# -lt 5 ] || expect_text "$1" "$ERR" "hint: $5"
}
