/* SPDX-License-Identifier: MIT */
/* What most verbs begin with: reading the profile, finding the role, opening the namespace. */
#include "base/base.h"

#include <errno.h>

#include "cli/command.h"
#include "target/facts.h"
#include "target/kernel.h"

const struct profile *cli_read(struct invocation *v, const char *file)
{
	v->file = strcmp(file, "-") == 0 ? "standard input" : file;
	const struct profile *p = profile_read(file, v->arena, &v->diags);

	if (p)                          /* the count of errors closes what is said of a wrong profile only */
		v->file = NULL;
	return p;
}

static const struct machine *no_role(struct invocation *v, const struct profile *p, const char *name)
{
	auto_text struct text roles = { 0 };

	for (size_t i = 0; i < p->n_machines; i++)
		text_printf(&roles, "%s%s", i ? ", " : "", p->machines[i].role ? p->machines[i].role : "none");
	struct diag *g = name ? diag_error(&v->diags, NULL, "profile", "no role '%s' in this profile", name) :
				diag_error(&v->diags, NULL, "profile", "which role is this machine?");

	if (name && !p->machines[0].role)
		diag_hint(&v->diags, g, "this profile has no roles");
	else
		diag_hint(&v->diags, g, "%sroles here: %s", name ? "" : "say --role NAME; ", text_get(&roles));
	return NULL;
}

/* It has an interface with `address`, and this namespace owns all those addresses. */
static bool fits(const struct machine *m, struct kernel *k)
{
	size_t owned = 0;

	for (size_t i = 0; i < m->n_interfaces; i++) {
		if (m->interfaces[i].by != BY_ADDRESS)
			continue;
		if (kernel_owns(k, &m->interfaces[i].address) != 1)
			return false;
		owned++;
	}
	return owned > 0;
}

static const struct machine *only_that_fits(const struct profile *p, struct kernel *k)
{
	const struct machine *found = NULL;

	for (size_t i = 0; i < p->n_machines; i++) {
		if (!fits(&p->machines[i], k))
			continue;
		if (found)
			return NULL;
		found = &p->machines[i];
	}
	return found;
}

static const struct machine *named_like_host(const struct invocation *v, const struct profile *p)
{
	size_t n = strcspn(v->out.host, ".");

	return profile_machine(p, arena_copy(v->arena, v->out.host, n));
}

static const struct machine *choose(struct invocation *v, const struct profile *p, struct session *s)
{
	const struct machine *m = NULL;

	if (v->role)
		return profile_machine(p, v->role);
	if (p->n_machines == 1)
		return &p->machines[0];
	if (s)
		m = only_that_fits(p, s->kernel);
	return !m && s ? named_like_host(v, p) : m;
}

const struct machine *cli_machine(struct invocation *v, const struct profile *p, struct session *s)
{
	const struct machine *m = choose(v, p, s);
	const char *target = option_value(v, "target");

	if (!m)
		return no_role(v, p, v->role);
	struct machine *mine = arena_one(v->arena, struct machine);

	*mine = *m;
	if (target)
		mine->kernel.target = strcmp(target, "nft") == 0 ? TARGET_NFT : TARGET_IPTABLES;
	if (mine->kernel.target == TARGET_NFT)
		return mine;
	diag_hint(&v->diags, diag_error(&v->diags, &mine->kernel.place, "machine", "this nlbc has no target iptables"),
		  "use target nft");
	return NULL;
}

int cli_open(struct invocation *v, struct session *s, bool change)
{
	const struct session_conf conf = { .state_dir = v->state_dir, .interrupted = v->interrupted };

	return session_open(s, &conf, change, v->arena, &v->diags);
}
