# SPDX-License-Identifier: MIT
# What the proxy tests share: a namespace of the network and of processes for each test, so that ports never collide and
# nothing outlives it; profiles; nlbc-proxy, nlbc-bench, HAProxy, nginx and Apache as children with folders of their own,
# waited for with a deadline and ended by their number; the facts every test ends with.
#
# A test sources this file, writes a profile, starts servers and the proxy, does its work, and ends with `finish`. It needs
# root; without it, or without a tool it names with `need`, it ends with 77 and the reason. NLBC_PROXY may be a command of
# several words, such as "valgrind -q --vgdb=no nlbc-proxy".

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$TOP/test/expect.sh"

[ "$(id -u)" = 0 ] || skip "needs root"
if [ -z "${PROXY_TEST_ALONE:-}" ]; then
	PROXY_TEST_ALONE=1 exec unshare --net --mount --pid --fork --kill-child --mount-proc -- "$0" "$@"
fi
unset PROXY_TEST_ALONE
ip link set lo up

# program VARIABLE NAME: where a program of the build is, from the environment, from $BUILD, or from build/.
program() {
	[ -n "${!1:-}" ] || printf -v "$1" %s "$(first_program "${BUILD:-.}/$2" "$TOP/build/$2" "$TOP/$2")"
}
program NLBC nlbc
program NLBC_PROXY nlbc-proxy
program NLBC_BENCH nlbc-bench
read -r -a PROXY <<<"$NLBC_PROXY"

# need TOOL…: programs of packages, or `proxy`, `bench`, or PROGRAM of test/proxy by its variable (`$TALK`).
need() {
	local tool
	for tool; do
		case $tool in
		proxy) [ -n "$NLBC_PROXY" ] || skip "nlbc-proxy is not built" ;;
		bench) [ -n "$NLBC_BENCH" ] || skip "nlbc-bench is not built" ;;
		*) command -v "$tool" >/dev/null || skip "needs $tool (testbed/packages install proxy)" ;;
		esac
	done
}

# Instrumented builds and valgrind hold more memory and take longer: what is measured there is no fault of the program.
is_instrumented() {
	[ "${#PROXY[@]}" != 1 ] || grep -q -m 1 __asan_init "${PROXY[0]}"
}

# Files that valgrind keeps for itself: a limit of so many more is what the program sees.
KEPT_FILES=0
[ "${#PROXY[@]}" = 1 ] || KEPT_FILES=12

# --- the run's own folder, and its end ---------------------------------------------------------------------------------

SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/nlbc-proxy.XXXXXX")
chmod 755 "$SCRATCH"
mkdir "$SCRATCH/run"
declare -A PID=()
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1} UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

cleanup() {
	local code=$?
	trap - ERR
	set +e
	if [ $code != 0 ] && [ $code != 77 ]; then
		find "$SCRATCH" -maxdepth 1 -name '*.err' -size +0 -exec tail -v -n 20 {} +
	fi
	{ kill -KILL "${PID[@]}"; wait "${PID[@]}"; } 2>/dev/null
	rm -rf "$SCRATCH"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# --- programs ----------------------------------------------------------------------------------------------------------

# begin NAME COMMAND…: in the background; its number in PID[NAME], what it says in $SCRATCH/NAME.out and NAME.err.
begin() {
	local name=$1
	shift
	"$@" >"$SCRATCH/$name.out" 2>"$SCRATCH/$name.err" </dev/null &
	PID[$name]=$!
}

runs() { is_child "${PID[$1]}" && [ "$(awk '$1 == "State:" { print $2 }' "/proc/${PID[$1]}/status" 2>/dev/null)" != Z ]; }

# listens PORT…: somebody here listens on every one of these.
listens() {
	local port
	for port; do
		grep -qsi "$(printf ':%04X [0-9A-F]*:0000 0A ' "$port")" /proc/net/tcp /proc/net/tcp6 || return
	done
}

# wait_ready NAME PORT…: until it listens there, or has died.
# What listens at first may be the proxy looking whether it is alone there, and is gone at the second look.
wait_ready() {
	local name=$1 end=$((SECONDS + 20))
	shift
	until listens "$@" && sleep 0.02 && listens "$@"; do
		runs "$name" || fail "$name ends at its start:
$(tail -n 20 "$SCRATCH/$name.err")"
		[ $SECONDS -lt $end ] || fail "$name does not listen on $*"
		sleep 0.02
	done
}

# wait_exit NAME [SECONDS]: its exit code in RC.
wait_exit() {
	local end=$((SECONDS + ${2:-20}))
	while runs "$1"; do
		[ $SECONDS -lt $end ] || fail "$1 does not end"
		sleep 0.02
	done
	RC=0
	wait "${PID[$1]}" || RC=$?
	unset "PID[$1]"
}

# end NAME [CODE]: asked to stop by SIGTERM, it ends, with this code.
end() {
	kill -TERM "${PID[$1]}"
	wait_exit "$1"
	[ "$RC" = "${2:-0}" ] || fail "$1 exits $RC instead of ${2:-0}:
$(tail -n 20 "$SCRATCH/$1.err")"
}

# profile NAME: standard input becomes $SCRATCH/NAME.prof, its two first lines are given.
profile() {
	{
		say "nlbc 1"
		say "profile $1"
		cat
	} >"$SCRATCH/$1.prof"
}

# works NAME: each proxy of its profile has a worker.
works() {
	local proxies=1
	[[ "$(tr '\0' ' ' <"/proc/${PID[$1]}/cmdline")" = *" --name "* ]] || proxies=$(grep -c '^[[:space:]]*proxy [^ ]* {' "$SCRATCH/$1.prof")
	[ "$(workers "$1" | wc -l)" -ge "$proxies" ]
}

# proxy_start NAME PORT… [-- OPTION…]: nlbc-proxy with that profile, until it listens on these ports and works.
proxy_start() {
	local name=$1 ports=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		ports+=("$1")
		shift
	done
	[ $# = 0 ] || shift
	begin "$name" "${PROXY[@]}" "$SCRATCH/$name.prof" --socket "$SCRATCH/run/proxy-$name.sock" "$@"
	wait_ready "$name" "${ports[@]}"
	until_true 20 works "$name"
	[ "${#PROXY[@]}" = 1 ] || sleep 1 # under valgrind the first second is a long one
}

# workers NAME: the numbers of a proxy's workers, a line each.
workers() { tr ' ' '\n' <"/proc/${PID[$1]}/task/${PID[$1]}/children" | sed '/^$/d'; }

# ask NAME LINE…: what the control socket says to these lines, up to its answer to the last one.
ask() {
	local name=$1
	shift
	/usr/bin/python3 "$TOP/test/proxy/ask" "$SCRATCH/run/proxy-$name.sock" "$@"
}

# origin_start NAME SPEC…: nlbc-bench origin; ports are taken from the specs.
origin_start() {
	local name=$1 spec ports=()
	shift
	for spec; do
		spec=${spec%%,*}
		ports+=("${spec##*:}")
	done
	begin "$name" "$NLBC_BENCH" origin "$@"
	wait_ready "$name" "${ports[@]}"
}

# The outside programs take their configuration from standard input.

# haproxy_start NAME PORT…
haproxy_start() {
	local name=$1
	shift
	cat >"$SCRATCH/$name.cfg"
	begin "$name" haproxy -db -f "$SCRATCH/$name.cfg"
	wait_ready "$name" "$@"
}

# nginx_start NAME PORT…: what stands in `http { }`; NGINX_TOP holds what stands before.
nginx_start() {
	local name=$1
	shift
	mkdir -p "$SCRATCH/$name"
	{
		say "user root; daemon off; master_process off; worker_rlimit_nofile 65536; pid $SCRATCH/$name/pid;"
		say "error_log $SCRATCH/$name.log;"
		say "${NGINX_TOP:-}"
		say "events { worker_connections 8192; }"
		say "http { client_body_temp_path $SCRATCH/$name/b; proxy_temp_path $SCRATCH/$name/p;"
		say "fastcgi_temp_path $SCRATCH/$name/f; uwsgi_temp_path $SCRATCH/$name/u; scgi_temp_path $SCRATCH/$name/s;"
		cat
		say "}"
	} >"$SCRATCH/$name.conf"
	begin "$name" nginx -p "$SCRATCH/$name/" -c "$SCRATCH/$name.conf"
	wait_ready "$name" "$@"
}

# apache_start NAME PORT…: modules and the rest of the configuration.
apache_start() {
	local name=$1 port
	shift
	{
		say "ServerRoot $SCRATCH"
		say "ServerName localhost"
		say "PidFile $SCRATCH/$name.pid"
		say "ErrorLog $SCRATCH/$name.log"
		say "DefaultRuntimeDir $SCRATCH"
		say "Mutex file:$SCRATCH default"
		for port; do
			say "Listen 127.0.0.1:$port"
		done
		for module in mpm_event authz_core; do
			say "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
		done
		cat
	} >"$SCRATCH/$name.conf"
	begin "$name" apache2 -DFOREGROUND -f "$SCRATCH/$name.conf"
	wait_ready "$name" "$@"
}

# scripted: standard input, a Python program with scripted.py at hand. TIMES=1 says how long each of its tests takes.
scripted() {
	PYTHONPATH=$TOP/test/proxy /usr/bin/python3 -B - >"$SCRATCH/said" 2>&1 || fail "$(cat "$SCRATCH/said")"
	cat "$SCRATCH/said"
}

# --- facts about a program ---------------------------------------------------------------------------------------------

# of_all FILE… in /proc of the named program and its children
family() { say "${PID[$1]}" $(cat /proc/"${PID[$1]}"/task/*/children); }

# descriptors NAME: how many it and its children hold, but for pipes, which are kept for later.
descriptors() {
	local pid n=0
	for pid in $(family "$1"); do
		n=$((n + $(find "/proc/$pid/fd" -type l ! -lname 'pipe:*' | wc -l)))
	done
	say $n
}

# idle_again NAME DESCRIPTORS: it holds no more than so many; connections to servers are kept for a while.
idle_again() { [ "$(descriptors "$1")" -le "$2" ]; }

# resident_kib NAME: memory of it and its children, what they share counted once for each.
resident_kib() {
	local pid files=()
	for pid in $(family "$1"); do
		files+=("/proc/$pid/status")
	done
	awk '$1 == "VmRSS:" { n += $2 } END { print n }' "${files[@]}"
}

cpu_ms() {
	local pid files=()
	for pid in $(family "$1"); do
		files+=("/proc/$pid/stat")
	done
	sed 's/.*) //' "${files[@]}" | awk -v hz="$(getconf CLK_TCK)" '{ n += $12 + $13 } END { print int(n * 1000 / hz) }'
}

# What sanitizers and `valgrind -q --vgdb=no` say of a program.
findings() { grep -lE '^==[0-9]+==|runtime error: |ERROR: [A-Za-z]*Sanitizer' "$SCRATCH"/*.err 2>/dev/null || true; }

# finish: the proxies that still run end in order, and nothing was found in any.
finish() {
	local name
	for name in "${!PID[@]}"; do
		[ ! -e "$SCRATCH/$name.prof" ] || end "$name"
	done
	name=$(findings)
	[ -z "$name" ] || fail "findings:
$(cat $name)"
	say "ok: ${0##*/}"
}
