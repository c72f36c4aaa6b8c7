/* SPDX-License-Identifier: MIT */
/* The way from a file to a checked profile, and from a profile to the machine that this one is. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "profile/bind.h"
#include "profile/files.h"
#include "profile/limits.h"
#include "profile/parse.h"
#include "profile/profile.h"
#include "profile/tree.h"

bool text_is_twin(struct str text)
{
	size_t i = 0;

	while (i < text.n && strchr(" \t\r\n", text.p[i]) && text.p[i])
		i++;
	return i < text.n && text.p[i] == '{';
}

struct tree *tree_read_role(const struct source *source, const struct files *files, const char *role, struct arena *a,
			    struct diags *d)
{
	struct tree *t = arena_one(a, struct tree);

	t->role = role;
	if (text_is_twin(source->text))
		parse_json(t, source, a, d);
	else
		parse_blocks(t, source, files, a, d);
	return t;
}

struct tree *tree_read(const struct source *source, const struct files *files, struct arena *a, struct diags *d)
{
	return tree_read_role(source, files, NULL, a, d);
}

static struct source *add_source(struct arena *a, const char *name, struct str text)
{
	struct source *s = arena_one(a, struct source);

	*s = (struct source){ .name = arena_strdup(a, name), .text = text };
	return s;
}

/* About the file as a whole. */
static void tell_unreadable(struct arena *a, struct diags *d, const char *name, int err)
{
	const struct place place = { .source = add_source(a, name, (struct str){ "", 0 }) };

	if (err == -EFBIG)
		diag_error(d, &place, "limit", "file is larger than 1 MiB");
	else
		diag_error(d, &place, "include", "cannot read '%s': %s", name, strerror(-err));
}

const char *target_name(enum target_kind t)
{
	return t == TARGET_IPTABLES ? "iptables" : "nft";
}

enum target_kind target_of_name(const char *name)
{
	return strcmp(name, target_name(TARGET_IPTABLES)) == 0 ? TARGET_IPTABLES : TARGET_NFT;
}

/* Whose includes are answered by `files`, and the target it is read for. */
static const struct profile *read_source(const struct source *source, const struct files *files, const char *target,
					 struct arena *a, struct diags *d)
{
	if (source->text.n > LIMIT_FILE_BYTES) {
		tell_unreadable(a, d, source->name, -EFBIG);
		return NULL;
	}
	struct tree *t = tree_read(source, files, a, d);

	t->target = target;
	return profile_from_tree(source->name, t, a, d);
}

const struct profile *profile_read_text(const char *name, struct str text, const struct files *files, struct arena *a,
					struct diags *d)
{
	return read_source(add_source(a, name, text), files, NULL, a, d);
}

const struct profile *profile_read_twin(const char *name, struct str text, const char *target, struct arena *a,
					struct diags *d)
{
	return read_source(add_source(a, name, text), NULL, target, a, d);
}

static const char *name_of(const char *file)
{
	return strcmp(file, "-") == 0 ? "standard input" : file;
}

const struct profile *profile_read(const char *file, const char *target, struct arena *a, struct diags *d)
{
	const struct files real = { 0 };
	struct str text;

	const int err = files_read(&real, file, LIMIT_FILE_BYTES, a, &text);
	if (!err)
		return read_source(add_source(a, name_of(file), text), &real, target, a, d);
	tell_unreadable(a, d, name_of(file), err);
	return NULL;
}

const struct machine *profile_machine(const struct profile *p, const char *role)
{
	for (size_t i = 0; i < p->n_machines; i++)
		if (role && p->machines[i].role && strcmp(p->machines[i].role, role) == 0)
			return &p->machines[i];
	return NULL;
}

static bool is_owned(const struct role_facts *facts, const struct addr *address)
{
	for (size_t i = 0; i < facts->n_owned; i++)
		if (addr_eq(&facts->owned[i], address))
			return true;
	return false;
}

/* It has an interface with `address`, and all those addresses are here. */
static bool fits(const struct machine *m, const struct role_facts *facts)
{
	bool has_address = false;

	for (size_t i = 0; i < m->n_interfaces; i++) {
		if (m->interfaces[i].by != BY_ADDRESS)
			continue;
		has_address = true;
		if (!is_owned(facts, &m->interfaces[i].address))
			return false;
	}
	return has_address;
}

static const struct machine *only_fitting(const struct profile *p, const struct role_facts *facts)
{
	const struct machine *found = NULL;

	for (size_t i = 0; i < p->n_machines; i++) {
		if (!fits(&p->machines[i], facts))
			continue;
		if (found)
			return NULL;
		found = &p->machines[i];
	}
	return found;
}

/* All of the file, also where only one was read. */
static size_t role_names(const struct profile *p, struct arena *a, const char ***names)
{
	size_t n = 0;

	for (const struct stmt *s = stmt_child(p->tree, "role"); s; s = stmt_after(s))
		n++;
	*names = arena_array(a, const char *, n);
	n = 0;
	for (const struct stmt *s = stmt_child(p->tree, "role"); s; s = stmt_after(s))
		(*names)[n++] = s->name->text;
	return n;
}

static void hint_roles(const struct profile *p, struct diags *d, struct diag *g, const char *lead)
{
	auto_text struct text t = { 0 };
	const char **names;
	const size_t n = role_names(p, d->arena, &names);

	for (size_t i = 0; i < n; i++)
		text_printf(&t, "%s%s", i > 0 ? ", " : "", names[i]);
	diag_hint(d, g, "%s: %s", lead, text_get(&t));
}

/* The role that somebody asked for by name. */
static const struct machine *asked_for(const struct profile *p, const char *role, const char *code, struct diags *d)
{
	const struct machine *m = profile_machine(p, role);
	const char **names;

	if (m)
		return m;
	struct diag *g = diag_error(d, NULL, code, "no role '%s' in %s", role, p->file);
	const size_t n = role_names(p, d->arena, &names);
	if (n == 0)
		diag_hint(d, g, "this profile has no roles");
	else if (!diag_nearest(d, g, str_of(role), names, n))
		hint_roles(p, d, g, "roles here");
	return NULL;
}

void profile_check(const char *file, const struct check_wish *w, struct arena *a, struct diags *d)
{
	const struct files real = { 0 };
	struct str text;

	const int err = files_read(&real, file, LIMIT_FILE_BYTES, a, &text);
	if (err) {
		tell_unreadable(a, d, name_of(file), err);
		return;
	}
	const struct source *source = add_source(a, name_of(file), text);
	struct tree *t = tree_read_role(source, &real, w->role, a, d);

	t->target = w->target;
	const struct profile *p = profile_from_tree(source->name, t, a, d);
	if (p && w->role)
		(void)asked_for(p, w->role, "usage", d);
}

const struct machine *profile_choose(const struct profile *p, const struct role_facts *facts, struct diags *d)
{
	if (facts->option)
		return asked_for(p, facts->option, "usage", d);
	if (!p->machines[0].role)
		return &p->machines[0];
	if (facts->environment)
		return asked_for(p, facts->environment, "usage", d);
	if (p->n_machines == 1)
		return &p->machines[0];
	const struct machine *m = only_fitting(p, facts);
	if (!m)
		m = profile_machine(p, facts->host);
	if (m)
		return m;
	struct diag *g = diag_error(d, NULL, "machine", "cannot tell which role of %s this machine has", p->file);
	hint_roles(p, d, g, "give --role, one of");
	return NULL;
}
