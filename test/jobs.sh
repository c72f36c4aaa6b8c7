# SPDX-License-Identifier: MIT
# For runners of test scripts: runs those named, several at a time, one line each as they end; what a failed test said
# follows its line, and what one measured. Those whose second or third line begins "# Alone:" run after the others, with
# the machine to themselves. Last line: N passed, N failed, N skipped. RUN_LOGS names a folder that keeps every output.
#   jobs=3 limit=300 (seconds); . ../jobs.sh NAME…

work=$(mktemp -d)
chmod 711 "$work" # some tests are somebody else for a while
logs=${RUN_LOGS:-$work}
passed=0 failed=0 skipped=0 count=0
declare -A running=() started=() folders=()
trap 'kill "${!running[@]}" 2>/dev/null; wait; rm -rf "$work"' EXIT
trap 'exit 143' TERM HUP
trap 'exit 130' INT

# report TEST CODE SECONDS
report() {
	local word
	case $2 in
	0) word=PASS passed=$((passed + 1)) ;;
	77) word=SKIP skipped=$((skipped + 1)) ;;
	*) word=FAIL failed=$((failed + 1)) ;;
	esac
	printf '%s %s (%d s)\n' $word "$1" "$3"
	if [ $word = PASS ]; then
		grep '^measured: ' "$logs/$1.log"
	else
		tail -40 "$logs/$1.log"
	fi
}

await_one() {
	local pid code
	wait -n -p pid "${!running[@]}"
	code=$?
	report "${running[$pid]}" $code $((SECONDS - started[$pid]))
	rm -rf "${folders[$pid]}"
	unset "running[$pid]"
}

# start TEST SLOTS: once fewer than so many run.
start() {
	while [ ${#running[@]} -ge "$2" ]; do
		await_one
	done
	count=$((count + 1))
	mkdir "$work/$count" # short: sockets stand in it
	TMPDIR=$work/$count timeout -k 20 "$limit" "./$1" >"$logs/$1.log" 2>&1 </dev/null &
	running[$!]=$1
	started[$!]=$SECONDS
	folders[$!]=$work/$count
}

alone=()
for test; do
	test=${test##*/}
	if sed -n 2,3p "$test" 2>/dev/null | grep -q '^# Alone:'; then
		alone+=("$test")
	else
		start "$test" "$jobs"
	fi
done
for test in "${alone[@]}"; do
	start "$test" 1
done
while [ ${#running[@]} -gt 0 ]; do
	await_one
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
