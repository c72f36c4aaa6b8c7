# SPDX-License-Identifier: MIT
# What the tests of trials (apply --confirm) and of the history share. Sourced after lib.sh.

# Guardians of this router that live; a dead one may wait for init to look.
guardians() {
	local pid
	for pid in $(ip netns pids "$T4-router"); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != nlbc-guardian ] ||
			grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null || say "$pid"
	done
}
no_guardian() { [ -z "$(guardians)" ]; }
one_guardian() { [ "$(guardians | wc -l)" = 1 ]; }
in_force() { [ "$(nlbc get generation 2>/dev/null)" = "$1" ]; }
# in_trial GENERATION: it is in force and awaits confirmation.
in_trial() { [ "$(nlbc get generation 2>/dev/null)" = "$1" ] && [ -n "$(nlbc get confirm_until)" ]; }
# For whoever looks at the journal next; a guardian keeps its own time.
time_is_over() { sed -i 's/^\(confirm-by .*\) boottime=[0-9.]*/\1 boottime=1.000/' "$(state journal)"; }
outcome() { nlbc -j history | jq -r ".history[] | select(.generation == $1) | \"\(.outcome) \(.reason)\""; }
boottime() { cut -d. -f1 /proc/uptime; }
state() { find "$NLBC_STATE_DIR" -name "$1"; }
# All that the router holds, but for the number of the generation and the order in which its chains were made.
held() { dump router | sed 's/comment "gen=[0-9]* /comment "/' | sort; }
expect_held() { diff -u "$1" <(held) || fail "$2: the kernel is not as it was"; }
