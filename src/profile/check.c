/* SPDX-License-Identifier: MIT */
/* The order of the checks, what is said once for all roles, and the checks that fit no other room: settings and what
 * nobody uses. */
#include "base/base.h"

#include "base/arena.h"
#include "profile/check.h"

/* ---- said once ------------------------------------------------------------------------------------------------- */

static uint64_t digest_bytes(uint64_t h, const void *p, size_t n)
{
	const unsigned char *b = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * 0x100000001b3;
	return h;
}

static uint64_t digest_place(uint64_t h, const struct place *p)
{
	h = digest_bytes(h, &p->source, sizeof(p->source));
	h = digest_bytes(h, &p->line, sizeof(p->line));
	h = digest_bytes(h, &p->column, sizeof(p->column));
	return p->pointer ? digest_bytes(h, p->pointer, strlen(p->pointer)) : h;
}

static bool add_told(uint64_t *table, size_t room, uint64_t h)
{
	size_t at = h & (room - 1);

	while (table[at] != 0 && table[at] != h)
		at = (at + 1) & (room - 1);
	if (table[at] == h)
		return false;
	table[at] = h;
	return true;
}

static bool is_new(struct check *c, const struct check_message *m)
{
	uint64_t h = digest_bytes(0xcbf29ce484222325, m->code, strlen(m->code));

	h = digest_place(h, m->place);
	if (m->other)
		h = digest_place(h, m->other);
	if (2 * c->n_told >= c->told_room) {
		const size_t room = c->told_room ? 2 * c->told_room : 64;
		uint64_t *table = arena_array(c->arena, uint64_t, room);

		for (size_t i = 0; i < c->told_room; i++)
			if (c->told[i] != 0)
				(void)add_told(table, room, c->told[i]);
		c->told = table;
		c->told_room = room;
	}
	if (!add_told(c->told, c->told_room, h ? h : 1))
		return false;
	c->n_told++;
	return true;
}

static struct diag *finish(struct check *c, struct diag *g, const struct check_message *m)
{
	if (m->other)
		diag_note(c->diags, g, m->other, "%s", m->note ? m->note : "first given here");
	return g;
}

struct diag *check_error(struct check *c, const struct check_message *m, const char *fmt, ...)
{
	va_list ap;

	if (!is_new(c, m))
		return NULL;
	va_start(ap, fmt);
	const char *text = arena_vprintf(c->arena, fmt, ap);

	va_end(ap);
	return finish(c, diag_error(c->diags, m->place, m->code, "%s", text), m);
}

struct diag *check_warning(struct check *c, const struct check_message *m, const char *fmt, ...)
{
	va_list ap;

	if (!is_new(c, m))
		return NULL;
	va_start(ap, fmt);
	const char *text = arena_vprintf(c->arena, fmt, ap);

	va_end(ap);
	return finish(c, diag_warning(c->diags, m->place, m->code, "%s", text), m);
}

/* ---- settings -------------------------------------------------------------------------------------------------- */

/* Names become file names under /proc/sys/net: `/` there stands for a dot within a part. */
static bool is_network_setting(const char *name)
{
	if (strncmp(name, "net.", 4) != 0 || strstr(name, "..") || strstr(name, "//"))
		return false;
	if (strstr(name, "./") || strstr(name, "/."))
		return false;
	const char last = name[strlen(name) - 1];

	return last != '.' && last != '/';
}

static void check_sysctl(struct diags *d, const struct stmt *s)
{
	const struct value *name = stmt_value(s, "name");

	if (name && name->type == VALUE_TEXT && !is_network_setting(name->text))
		diag_error(d, &name->place, "sysctl", "'%s' is not a network setting", name->text);
}

static int compare_settings(const void *a, const void *b)
{
	const struct stmt *x = *(const struct stmt *const *)a, *y = *(const struct stmt *const *)b;
	const int order = strcmp(stmt_value(x, "name")->text, stmt_value(y, "name")->text);

	return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

static void check_sysctls(struct check *c)
{
	const size_t n = c->bound->n_sysctls;
	const struct stmt **sorted = arena_array(c->arena, const struct stmt *, n);

	if (n == 0)
		return;
	memcpy(sorted, c->bound->sysctls, n * sizeof(struct stmt *));
	qsort(sorted, n, sizeof(struct stmt *), compare_settings);
	for (size_t i = 1; i < n; i++) {
		const struct value *first = stmt_value(sorted[i - 1], "name"), *second = stmt_value(sorted[i], "name");
		const struct check_message m = { &second->place, &first->place, "duplicate", NULL };

		if (strcmp(first->text, second->text) == 0)
			check_error(c, &m, "sysctl '%s' is given twice", second->text);
	}
}

/* ---- how many ---------------------------------------------------------------------------------------------------- */

/* The reader counts each block; a machine has the objects of two. Paths are counted by their marks. */
static void check_count(struct check *c, const struct objects *o)
{
	const struct stmt *last = NULL;
	size_t n_own = 0;

	for (size_t i = 0; i < o->n; i++) {
		const struct stmt *s = o->list[i].stmt;

		if (s->parent != c->bound->role)
			continue;
		n_own++;
		if (!last || s->order > last->order)
			last = s;
	}
	if (!last || o->n <= last->keyword->most || n_own > last->keyword->most || o->n - n_own > last->keyword->most)
		return;
	const struct check_message m = { &last->name->place, NULL, "limit", NULL };
	struct diag *g = check_error(c, &m, "'%s' stands more than %u times", last->keyword->word, last->keyword->most);

	if (g)
		diag_hint(c->diags, g, "what stands at top level belongs to every role");
}

/* ---- unused ---------------------------------------------------------------------------------------------------- */

static void check_unused_in(const struct check *c, const struct stmt *block)
{
	for (const struct stmt *s = block->first; s; s = s->next) {
		if (stmt_is(s, "role"))
			check_unused_in(c, s);
		else if ((stmt_is(s, "path") || stmt_is(s, "shaper")) && s->name && !c->binding->used[s->order])
			diag_warning(c->diags, &s->name->place, "unused", "%s '%s' is not used", s->keyword->word,
				     s->name->text);
	}
}

/* Where only one role was read, what stands at top level may be for another. */
static void check_unused(const struct check *c)
{
	const struct tree *t = c->binding->tree;

	if (t->role && c->bound->role)
		check_unused_in(c, c->bound->role);
	if (t->role)
		return;
	for (size_t i = 0; i < t->n_variables; i++)
		if (!t->variables[i].used)
			diag_warning(c->diags, &t->variables[i].place, "unused", "variable '$%s' is not used",
				     t->variables[i].name);
	check_unused_in(c, t->root);
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

static void check_statements(struct diags *d, const struct stmt *block)
{
	static const struct {
		const char *keyword;
		void (*check)(struct diags *d, const struct stmt *s);
	} rows[] = {
		{ "role", check_statements }, { "interface", check_interface }, { "shaper", check_shaper },
		{ "path", check_path },       { "balance", check_balance },     { "proxy", check_proxy },
		{ "onion", check_onion },     { "web", check_web },             { "sysctl", check_sysctl },
	};

	for (const struct stmt *s = block->first; s; s = s->next)
		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			if (stmt_is(s, rows[i].keyword))
				rows[i].check(d, s);
}

void check_profile(struct binding *b)
{
	struct check c = { .binding = b, .arena = b->arena, .diags = b->diags };

	check_statements(b->diags, b->tree->root);
	if (!b->tree->complete)
		return;
	for (size_t i = 0; i < b->n_machines; i++) {
		c.bound = &b->machines[i];
		c.machine = c.bound->machine;
		for (enum object_kind kind = 0; kind < OBJECT_KINDS; kind++)
			if (c.bound->role && kind != OBJECT_PATH)
				check_count(&c, &c.bound->objects[kind]);
		check_sysctls(&c);
		check_paths(&c);
		check_balances(&c);
		check_listeners(&c);
	}
	if (b->diags->n_errors == 0)
		check_unused(&c);
}
