/* SPDX-License-Identifier: MIT */
/* The doctor on what nlbc stands on: rights, kernel, state directory, and what it began or left there. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <sys/utsname.h>

#include "apply/doctor_checks.h"
#include "apply/intent.h"
#include "apply/trial.h"
#include "plan/facts.h"
#include "target/kernel.h"
#include "target/proc.h"

enum { KERNEL_MAJOR = 6, KERNEL_MINOR = 1 };

/* CAP_NET_ADMIN was asked for before. */
enum looked check_capabilities(struct exam *e, struct diags *d)
{
	const struct machine *m = e->request->machine;
	const enum target_kind target = m ? m->kernel.target : e->plan->kernel.target;

	if (target == TARGET_IPTABLES && !kernel_may_use_iptables())
		diag_hint(d, diag_error(d, NULL, "permission", "target iptables needs CAP_NET_RAW"), "run as root");
	return LOOKED;
}

/* The number at *at, and past the dot behind it; what is no number is 0. */
static uint64_t next_number(const char **at)
{
	const size_t n = strspn(*at, "0123456789");
	uint64_t number = 0;

	if (parse_uint((struct str){ *at, n }, &number) < 0)
		number = 0;
	*at += n + ((*at)[n] == '.');
	return number;
}

enum looked check_kernel(struct exam *e UNUSED, struct diags *d)
{
	struct utsname u;

	if (uname(&u) < 0)
		return LOOKED_NOT;
	const char *at = u.release;
	const uint64_t major = next_number(&at), minor = next_number(&at);

	if (major < KERNEL_MAJOR || (major == KERNEL_MAJOR && minor < KERNEL_MINOR))
		diag_hint(d,
			  diag_warning(d, NULL, "machine",
				       "kernel %s is older than %d.%d, the oldest that nlbc is tested on", u.release,
				       KERNEL_MAJOR, KERNEL_MINOR),
			  "install a newer one");
	return LOOKED;
}

/* ---- the state directory ------------------------------------------------------------------------------------------ */

/* The nearest directory above, or the name itself, that is there. */
static const char *existing(const char *path, struct arena *a)
{
	char *p = arena_strdup(a, path);

	while (access(p, F_OK) < 0) {
		char *slash = strrchr(p, '/');

		if (!slash || slash == p)
			return slash ? "/" : ".";
		*slash = '\0';
	}
	return p;
}

enum looked check_state_directory(struct exam *e, struct diags *d)
{
	const char *dir = e->session->journal.dir;
	const char *there = existing(dir, e->session->arena);
	const char *slash = strrchr(dir, '/');
	const char *boot = arena_printf(e->session->arena, "%.*s/boot.json", slash ? (int)(slash - dir) : 0, dir);
	struct statfs fs;

	if (access(there, W_OK) < 0)
		diag_hint(d,
			  diag_error(d, NULL, "machine", "cannot write to state directory '%s': %s", dir,
				     strerror(errno)),
			  "set NLBC_STATE_DIR to a directory that can be written");
	else if (statfs(there, &fs) == 0 && fs.f_blocks && fs.f_bavail == 0)
		diag_hint(d, diag_error(d, NULL, "machine", "no room is left for state directory '%s'", dir),
			  "df -h %s", there);
	else if (statfs(there, &fs) == 0 && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC) &&
		 access(boot, F_OK) == 0)
		diag_hint(d,
			  diag_warning(d, NULL, "machine",
				       "the start-up profile '%s' is kept in memory and will be gone", boot),
			  "set NLBC_STATE_DIR to a directory on disk");
	return LOOKED;
}

enum looked check_unfinished(struct exam *e, struct diags *d)
{
	const struct journal *j = &e->session->journal;
	const struct generation *g = &j->now;

	if (trial_is_over(&j->trial))
		diag_hint(d,
			  diag_error(d, NULL, "state", "generation %" PRIu64 " was not confirmed in time, and its guardian is gone",
				     j->trial.number),
			  "nlbc confirm rolls it back");
	else if (j->end == JOURNAL_UNFINISHED)
		diag_hint(d,
			  diag_error(d, NULL, "state", "'%s' by %s (pid %ld, %s) was begun and not ended", g->verb, g->by,
				     g->pid, g->at),
			  "nlbc apply FILE ends it, nlbc flush removes all of it");
	return LOOKED;
}

enum looked check_leftovers(struct exam *e, struct diags *d)
{
	if (!e->compared)
		return LOOKED_NOT;
	intent_warn_adopted(e->session, &e->road, d);
	return LOOKED;
}

static const struct change *first_change(const struct road *r)
{
	for (size_t i = 0; i < r->n_steps; i++)
		if (r->steps[i].changes.n)
			return &r->steps[i].changes.list[0];
	return NULL;
}

/* Another profile than the one in force differs by its nature. */
enum looked check_drift(struct exam *e, struct diags *d)
{
	const struct change *c = first_change(&e->road);

	if (!e->asked || e->request->profile)
		return LOOKED_NOT;
	if (!c)
		return LOOKED;
	const size_t n = road_changes(&e->road);

	diag_hint(d,
		  diag_error(d, NULL, "state",
			     "the kernel differs from generation %" PRIu64 " in %zu item%s, first in %s",
			     e->session->journal.in_force.number, n, n == 1 ? "" : "s",
			     (c->to ? c->to : c->from)->key),
		  "nlbc diff FILE shows it, nlbc apply FILE puts it right");
	return LOOKED;
}

/* ---- what the profile needs of the kernel -------------------------------------------------------------------------- */

enum looked check_conntrack(struct exam *e, struct diags *d)
{
	for (size_t i = 0; e->asked && i < e->plan->n_balances; i++) {
		const struct balance *b = e->plan->balances[i].conf;

		if (b->method->kind != POLICY_PER_FLOW)
			continue;
		check_tracking(e->request->root, &b->method_place, d);
		return LOOKED;
	}
	return LOOKED_NOT;
}

enum looked check_groups(struct exam *e, struct diags *d)
{
	auto_text struct text value = { 0 };

	if (!e->asked || !e->plan->n_nexthops)
		return LOOKED_NOT;
	if (setting_read("net.ipv4.fib_multipath_hash_policy", &value) < 0)
		diag_hint(d,
			  diag_error(d, &e->plan->nexthops[0].origin.place, "machine",
				     "this kernel has no multipath routes"),
			  "CONFIG_IP_ROUTE_MULTIPATH, or a method without 'engine nexthop'");
	return LOOKED;
}

enum looked check_queues(struct exam *e, struct diags *d)
{
	struct session *s = e->session;

	if (!e->asked || !e->plan->n_trees)
		return LOOKED_NOT;
	for (size_t i = 0; i < e->road.n_steps; i++) {
		struct step *step = &e->road.steps[i];

		if (step->target == &target_tc &&
		    step->target->survey(s->kernel, e->plan, &step->changes, &s->own, d) < 0)
			break; /* explained in d */
	}
	return LOOKED;
}
