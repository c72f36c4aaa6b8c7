/* SPDX-License-Identifier: MIT */
/* What most verbs begin with: reading the profile, finding the role, opening the namespace. */
#include "base/base.h"

#include <errno.h>
#include <time.h>

#include "apply/status.h"
#include "apply/trial.h"
#include "cli/command.h"
#include "cli/proxies.h"
#include "target/facts.h"
#include "target/kernel.h"

enum { READ_TRIES = 100, READ_STEP_MS = 10 };

const struct profile *cli_read(struct invocation *v, const char *file)
{
	v->file = strcmp(file, "-") == 0 ? "standard input" : file;
	const struct profile *p = profile_read(file, option_value(v, "target"), v->arena, &v->diags);

	if (p)                          /* the count of errors closes what is said of a wrong profile only */
		v->file = NULL;
	return p;
}

/* Those addresses of the profile that this namespace owns: by them a role fits. */
static size_t find_owned(struct invocation *v, const struct profile *p, struct kernel *k, struct addr **owned)
{
	size_t n = 0, room = 0;

	*owned = NULL;
	for (size_t i = 0; i < p->n_machines; i++) {
		for (size_t j = 0; j < p->machines[i].n_interfaces; j++) {
			const struct interface *f = &p->machines[i].interfaces[j];

			if (f->by != BY_ADDRESS || kernel_owns(k, &f->address) != 1)
				continue;
			*owned = arena_grow(v->arena, *owned, n, &room, sizeof(**owned));
			(*owned)[n++] = f->address;
		}
	}
	return n;
}

const struct machine *cli_machine(struct invocation *v, const struct profile *p, struct session *s)
{
	struct role_facts facts = { .option = option_value(v, "role"), .environment = v->role };
	struct addr *owned = NULL;

	if (s && p->n_machines > 1) {
		facts.n_owned = find_owned(v, p, s->kernel, &owned);
		facts.owned = owned;
		facts.host = arena_copy(v->arena, v->out.host, strcspn(v->out.host, "."));
	}
	return profile_choose(p, &facts, &v->diags);
}

int cli_check_kept(struct invocation *v, const struct machine *m, const char *what)
{
	const char *target = option_value(v, "target"), *role = option_value(v, "role");
	struct diag *g = NULL;

	if (target && strcmp(target, target_name(m->kernel.target)) != 0)
		g = diag_error(&v->diags, NULL, "usage", "'--target %s', but %s is of target %s", target, what,
			       target_name(m->kernel.target));
	else if (role && (!m->role || strcmp(role, m->role) != 0))
		g = diag_error(&v->diags, NULL, "usage", "'--role %s', but %s is of %s%s", role, what, m->role ? "role " : "no role",
			       m->role ? m->role : "");
	if (g)
		diag_hint(&v->diags, g, "nlbc apply FILE takes these options");
	return g ? -EINVAL : 0;
}

bool cli_reads_again(struct session *s, int tries)
{
	const struct timespec step = { 0, READ_STEP_MS * 1000000L };

	if (tries >= READ_TRIES || !journal_moves(&s->journal))
		return false;
	session_close(s);
	(void)nanosleep(&step, NULL);
	return true;
}

static int open_in(struct invocation *v, struct session *s, bool change, struct arena *a)
{
	const struct session_conf conf = { .state_dir = v->state_dir, .interrupted = v->interrupted };

	return session_open(s, &conf, change, a, &v->diags);
}

int cli_open(struct invocation *v, struct session *s, bool change)
{
	return open_in(v, s, change, v->arena);
}

static json_t *packet_status(struct invocation *v, struct arena *a, const struct plan **p)
{
	const struct diags told = v->diags;
	struct session s;

	for (int tries = 1;; tries++) {
		v->diags = told;
		if (open_in(v, &s, false, a) != 0)
			return NULL;
		json_t *status = status_read(&s, p, &v->diags);

		if (!cli_reads_again(&s, tries)) {
			session_close(&s);
			return status;
		}
		json_decref(status);
	}
}

static bool has_proxies(const struct proxies *p)
{
	return json_object_size(p->all) > 0;
}

json_t *cli_status(struct invocation *v, struct arena *a, unsigned parts, const struct plan **p)
{
	struct proxies proxies;
	json_t *status;

	if (!(parts & STATUS_PROXIES))
		return packet_status(v, a, p);
	if (proxies_ask(v, a, &proxies) < 0) {
		diag_error(&v->diags, NULL, "interrupted", "stopped by a signal");
		return NULL;
	}
	if (has_proxies(&proxies) && !(parts & STATUS_PACKETS)) {
		status = proxies_alone(&proxies);
	} else if (has_proxies(&proxies) && !kernel_may_write()) {
		diag_hint(&v->diags, diag_warning(&v->diags, NULL, "permission", "not allowed to look at paths and queues"),
			  "run as root, or join group nlbc");
		status = proxies_alone(&proxies);
	} else {
		status = packet_status(v, a, p);
		if (status)
			proxies_join(status, &proxies);
	}
	proxies_warn(v, &proxies);
	proxies_release(&proxies);
	return status;
}

unsigned cli_status_parts(const char *path)
{
	const struct str first = { path, strcspn(path, ".") };

	if (first.n == 0 || str_is(first, "state") || str_is(first, "unreachable"))
		return STATUS_ALL;
	return str_is(first, "proxies") ? STATUS_PROXIES : STATUS_PACKETS;
}

void cli_close(struct session *s)
{
	int call = guardian_call(&s->journal);

	session_close(s);
	guardian_await(call);
}

int cli_open_settled(struct invocation *v, struct session *s)
{
	bool ended = false;
	int err = cli_open(v, s, true);

	if (err)
		return err;
	err = trial_settle(s, &ended, &v->diags);
	if (!err && !ended)
		return 0;
	cli_close(s);
	return err ? err : cli_open(v, s, true);
}
