# SPDX-License-Identifier: MIT
# What scripts that run whole programs share (test/kernel, test/proxy): how they end, and expectations that say what they
# saw. Sourced by their libraries, which make the folder $SCRATCH.

set -Eeuo pipefail
export LC_ALL=C

say() { printf '%s\n' "$*"; }
fail() { trap - ERR; printf 'FAIL: %s\n' "$*" >&2; exit 1; }
skip() { printf 'SKIP: %s\n' "$*"; exit 77; }
trap 'fail "line $LINENO: $BASH_COMMAND"' ERR

# First of the given files that can be run.
first_program() {
	local file
	for file; do
		if [ -x "$file" ] && [ ! -d "$file" ]; then
			readlink -f "$file"
			return
		fi
	done
}

# Still ours? The number of one that has ended may be somebody else's by now.
is_child() {
	local parent=""
	{ read -r _ _ _ parent _ <"/proc/$1/stat"; } 2>/dev/null
	[ "$parent" = "$BASHPID" ]
}

# run COMMAND…: its output in OUT, its messages in ERR, its exit code in RC.
run() {
	RC=0
	"$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || RC=$?
	OUT=$(<"$SCRATCH/out")
	ERR=$(<"$SCRATCH/err")
}

expect_exit() {
	local code=$1
	shift
	run "$@"
	[ "$RC" = "$code" ] || fail "'$*' exits $RC instead of $code${OUT:+
$OUT}${ERR:+
$ERR}"
}

expect_eq() { [ "$2" = "$3" ] || fail "$1: $2 instead of $3"; }
expect_between() {
	awk -v x="$2" -v a="$3" -v b="$4" 'BEGIN { exit !(x ~ /^-?[0-9.]+(e[-+]?[0-9]+)?$/ && x >= a && x <= b) }' ||
		fail "$1: $2 is not between $3 and $4"
}
expect_text() { [[ $2 == *"$3"* ]] || fail "$1: no '$3' in:
$2"; }
expect_no_text() { [[ $2 != *"$3"* ]] || fail "$1: '$3' in:
$2"; }

# until_true SECONDS COMMAND…: again and again until it succeeds.
until_true() {
	local end=$((SECONDS + $1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || fail "still not so in time: $*"
		sleep 0.02
	done
}
