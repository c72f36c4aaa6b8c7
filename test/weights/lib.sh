# SPDX-License-Identifier: MIT
# What the scripts of `nlbc weights` share: the program, the folder of a test's own, real data, and tools that may be missing.
#
# A test sources this file and does its work in $SCRATCH, where it stands. It needs no rights. Without a tool that it names
# with `need`, or without data that it asks for, it ends with 77 and the reason.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$TOP/test/expect.sh"

NLBC=${NLBC:-$(first_program ./nlbc "$TOP/build/nlbc" "$TOP/nlbc")}
[ -n "$NLBC" ] || skip "nlbc is not built"
BUILD=$(dirname "$NLBC")
MAKE_PROBLEM=$BUILD/test/weights/make-problem
DATA=$TOP/test/weights/data

# need TOOL…
need() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || skip "needs $tool (testbed/packages install weights)"
	done
}

# $(tor_data NAME): the file of the shared data for tests; they lie beside the repository, or where NLBC_TOR_DATA says.
tor_data() {
	local file=${NLBC_TOR_DATA:-$TOP/../shared/data/tor}/$1
	[ -r "$file" ] || skip "no $1 in ${NLBC_TOR_DATA:-../shared/data/tor}; NLBC_TOR_DATA names another folder" >&2
	readlink -f "$file"
}
# Who skips in $(...) skips the test.
trap '[ $? != 77 ] || exit 77; fail "line $LINENO: $BASH_COMMAND"' ERR

# is_instrumented: sanitizers hold more memory and take longer, so neither is judged.
is_instrumented() { grep -q -m 1 __asan_init "$NLBC"; }

weights() { "$NLBC" weights "$@"; }

SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/nlbc-weights.XXXXXX")
trap 'rm -rf "$SCRATCH"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$SCRATCH"
