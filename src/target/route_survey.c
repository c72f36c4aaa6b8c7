/* SPDX-License-Identifier: MIT */
/* What of others stands in the way of our rules and routes: preferences, tables, routes of table main, mark bits. Reads
 * only what the changes at hand concern; mark bits only when the rule block is first made. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/text.h"
#include "target/marks.h"
#include "target/route.h"
#include "target/uses.h"

enum { TABLES_ONE_BY_ONE = 32 };

struct surveyor {
	struct kernel *kernel;
	const struct plan *plan;
	const struct changes *changes;
	struct arena *arena;
	struct diags *diags;
};

static const struct rule *added_rule(const struct change *c)
{
	return c->op == CHANGE_ADD && routing_kind(c->to->key) == ROUTING_RULE ? c->to->obj : NULL;
}

static const struct route *added_route(const struct change *c)
{
	return c->op == CHANGE_ADD && routing_kind(c->to->key) == ROUTING_ROUTE ? c->to->obj : NULL;
}

/* ---- rules ------------------------------------------------------------------------------------------------------ */

static bool adds_rules(const struct surveyor *s, uint8_t family)
{
	for (size_t i = 0; i < s->changes->n; i++) {
		const struct rule *r = added_rule(&s->changes->list[i]);
		if (r && r->family == family)
			return true;
	}
	return false;
}

/* The skip rule is made once, with the block; a plan after the seed has none. */
static bool makes_block(const struct surveyor *s)
{
	for (size_t i = 0; i < s->changes->n; i++) {
		const struct rule *r = added_rule(&s->changes->list[i]);
		if (r && r->has_mark && (r->action == RULE_GOTO || r->mask == UINT32_MAX))
			return true;
	}
	return false;
}

static void check_preference(const struct surveyor *s, const struct seen_rule *r)
{
	const uint32_t base = s->plan->kernel.rule_base;
	if (r->rule.preference < base || r->rule.preference >= base + s->plan->rule_size)
		return;
	struct diag *g = diag_error(s->diags, &s->plan->kernel.place, "machine", "preference %u is in use",
				    r->rule.preference);
	diag_hint(s->diags, g, "change 'table-base' or 'rule-base'");
}

static void check_rule_mark(struct mark_scan *scan, const struct seen_rule *r)
{
	auto_text struct text who = {0};
	if (!r->rule.has_mark)
		return;
	text_printf(&who, "rule %u 'fwmark 0x%x", r->rule.preference, r->rule.mark);
	if (r->rule.mask != UINT32_MAX)
		text_printf(&who, "/0x%x", r->rule.mask);
	text_puts(&who, "'");
	mark_scan_found(scan, MARK_READ, r->rule.mask, who.p);
}

/* Of the rules that are not ours: the preferences, or the marks where there is a scan. */
static int survey_rules(const struct surveyor *s, uint8_t family, struct mark_scan *scan)
{
	struct seen_rules seen;
	int err = seen_rules(s->kernel, family, s->arena, &seen);
	const uint8_t protocol = s->plan->kernel.route_protocol;
	for (size_t i = 0; err == 0 && i < seen.n; i++) {
		if (seen.list[i].protocol == protocol)
			continue;
		if (scan)
			check_rule_mark(scan, &seen.list[i]);
		else
			check_preference(s, &seen.list[i]);
	}
	answer_release(&seen.answer);
	return err;
}

/* ---- tables ----------------------------------------------------------------------------------------------------- */

static void say_table_in_use(const struct surveyor *s, const struct change *c, uint32_t table, uint8_t protocol)
{
	char buf[8];
	struct diag *g = diag_error(s->diags, &c->to->origin.place, "machine",
				    "routing table %u is in use by protocol '%s'", table, seen_protocol(protocol, buf));
	diag_hint(s->diags, g, "change 'table-base' or 'rule-base'");
}

static void say_route_belongs(const struct surveyor *s, const struct change *c, uint8_t protocol)
{
	char buf[8], to[PREFIX_TEXT];
	const struct route *r = c->to->obj;
	diag_error(s->diags, &c->to->origin.place, "machine", "route %s in table main belongs to '%s'",
		   prefix_print(&r->to, to), seen_protocol(protocol, buf));
}

static uint32_t default_metric(uint8_t family)
{
	return family == AF_INET ? 0 : 1024;
}

/* Foreign routes among `seen` that are in the way of one route to be added; true: said so. */
static bool check_route(const struct surveyor *s, const struct change *c, const struct seen_routes *seen)
{
	const struct route *r = added_route(c);
	for (size_t i = 0; i < seen->n; i++) {
		const struct seen_route *f = &seen->list[i];
		if (f->table != r->table || f->protocol == s->plan->kernel.route_protocol)
			continue;
		if (r->table != ROUTE_MAIN) {
			say_table_in_use(s, c, r->table, f->protocol);
			return true;
		}
		if (prefix_eq(&f->to, &r->to) && f->metric == default_metric(r->family) && !f->tos) {
			say_route_belongs(s, c, f->protocol);
			return true;
		}
	}
	return false;
}

/* Tables that get routes, each once, as a list of the first change for it. */
static size_t tables_of(const struct surveyor *s, uint8_t family, const struct change **firsts)
{
	size_t n = 0;
	for (size_t i = 0; i < s->changes->n; i++) {
		const struct route *r = added_route(&s->changes->list[i]);
		/* Sorted by key, so routes of one table and family stand together. */
		if (r && r->family == family && (n == 0 || added_route(firsts[n - 1])->table != r->table))
			firsts[n++] = &s->changes->list[i];
	}
	return n;
}

static int survey_table(const struct surveyor *s, uint8_t family, uint32_t table)
{
	struct seen_routes seen;
	int err = seen_routes(s->kernel, family, table, 0, s->arena, &seen);
	for (size_t i = 0; err == 0 && i < s->changes->n; i++) {
		const struct route *r = added_route(&s->changes->list[i]);
		if (r && r->family == family && r->table == table && check_route(s, &s->changes->list[i], &seen) &&
		    table != ROUTE_MAIN)
			break;   /* once per table is enough */
	}
	answer_release(&seen.answer);
	return err;
}

static int compare_tables(const void *a, const void *b)
{
	const uint32_t x = ((const struct seen_route *)a)->table, y = ((const struct seen_route *)b)->table;
	return (x > y) - (x < y);
}

/* One dump for many tables: foreign routes sorted by table, then each table looked up. */
static int survey_all_tables(const struct surveyor *s, uint8_t family, const struct change **firsts, size_t n)
{
	struct seen_routes seen;
	int err = seen_routes(s->kernel, family, 0, 0, s->arena, &seen);
	size_t foreign = 0;
	for (size_t i = 0; err == 0 && i < seen.n; i++)
		if (seen.list[i].protocol != s->plan->kernel.route_protocol)
			seen.list[foreign++] = seen.list[i];
	if (foreign)
		qsort(seen.list, foreign, sizeof(*seen.list), compare_tables);
	for (size_t i = 0; err == 0 && foreign && i < n; i++) {
		const struct seen_route want = { .table = added_route(firsts[i])->table };
		const struct seen_route *f = bsearch(&want, seen.list, foreign, sizeof(*seen.list), compare_tables);
		if (f && f->table != ROUTE_MAIN)
			say_table_in_use(s, firsts[i], f->table, f->protocol);
	}
	answer_release(&seen.answer);
	return err;
}

static int survey_tables(const struct surveyor *s, uint8_t family)
{
	const struct change **firsts = arena_array(s->arena, const struct change *, s->changes->n);
	const size_t n = tables_of(s, family, firsts);
	bool one_by_one = n <= TABLES_ONE_BY_ONE;
	int err = one_by_one ? 0 : survey_all_tables(s, family, firsts, n);
	for (size_t i = 0; err == 0 && i < n; i++) {
		const uint32_t table = added_route(firsts[i])->table;
		if (one_by_one || table == ROUTE_MAIN)
			err = survey_table(s, family, table);
	}
	return err;
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

static struct surveyor surveyor_of(struct kernel *k, const struct plan *p, const struct changes *c, struct diags *d)
{
	return (struct surveyor){ .kernel = k, .plan = p, .changes = c, .arena = arena_new(), .diags = d };
}

static int explain(const struct surveyor *s, int err)
{
	if (err < 0)
		diag_error(s->diags, NULL, "kernel", "cannot read what others have: %s", errno_words(-err));
	arena_free(s->arena);
	return err;
}

static int look_for_marks(const struct surveyor *s)
{
	struct mark_scan scan;
	mark_scan_init(&scan, s->plan->kernel.mark_mask, s->plan->n_paths, &s->plan->kernel.place, s->diags);
	int err = survey_rules(s, AF_INET, &scan);
	if (!err)
		err = survey_rules(s, AF_INET6, &scan);
	if (!err)
		err = uses_in_filters(s->kernel, &scan);
	if (!err)
		err = uses_in_nft(s->kernel, &scan);
	if (!err)
		err = uses_in_legacy(&scan);
	mark_scan_end(&scan);
	return err;
}

static int survey(const struct surveyor *s)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	const bool first = makes_block(s);
	int err = first ? look_for_marks(s) : 0;
	for (size_t i = 0; err == 0 && i < ARRAY_LEN(families); i++) {
		if (adds_rules(s, families[i]))
			err = survey_rules(s, families[i], NULL);
		if (!err)
			err = survey_tables(s, families[i]);
	}
	if (!err && first)
		warn_of_networkd("", &s->plan->kernel.place, s->diags);
	return err;
}

int route_survey(struct kernel *k, const struct plan *p, const struct changes *c, struct own *own UNUSED,
		 struct diags *d)
{
	const struct surveyor s = surveyor_of(k, p, c, d);
	return explain(&s, c->n ? survey(&s) : 0);
}

/* ---- parts of it ------------------------------------------------------------------------------------------------ */

int survey_marks(struct kernel *k, const struct plan *p, struct diags *d)
{
	const struct surveyor s = surveyor_of(k, p, NULL, d);
	return explain(&s, look_for_marks(&s));
}

int survey_preferences(struct kernel *k, const struct plan *p, uint8_t family, struct diags *d)
{
	const struct surveyor s = surveyor_of(k, p, NULL, d);
	return explain(&s, survey_rules(&s, family, NULL));
}

int survey_route_tables(struct kernel *k, const struct plan *p, const struct changes *c, struct diags *d)
{
	const struct surveyor s = surveyor_of(k, p, c, d);
	int err = survey_tables(&s, AF_INET);
	return explain(&s, err ? err : survey_tables(&s, AF_INET6));
}
