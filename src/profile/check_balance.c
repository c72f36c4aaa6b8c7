/* SPDX-License-Identifier: MIT */
/* What must hold of balances: conditions, prefixes, method and options; and how the balances of a machine meet. Weights
 * are in check_weights.c. */
#include "base/base.h"

#include "base/arena.h"
#include "profile/check.h"
#include "profile/match.h"

/* ---- one balance: conditions ----------------------------------------------------------------------------------- */

static void check_prefix(struct diags *d, const struct value *v)
{
	static const char *const parts[] = { "", "half", "a quarter", "an eighth", "1/16", "1/32", "1/64", "1/128" };
	const struct prefix *p = &v->prefix.prefix;
	const bool is_v6 = p->addr.family == AF_INET6;
	char buf[PREFIX_TEXT], host[ADDR_TEXT];
	struct diag *g;

	if (addr_eq(&p->addr, &v->prefix.raw.addr))
		return;
	if (p->len == 0 || p->len >= ARRAY_LEN(parts)) {
		diag_warning(d, &v->place, "host-bits", "'%s' has host bits set; using %s", v->text, prefix_print(p, buf));
		return;
	}
	g = diag_warning(d, &v->place, "wide-prefix", "'%s' means %s, %s of all %s addresses", v->text,
			 prefix_print(p, buf), parts[p->len], is_v6 ? "IPv6" : "IPv4");
	diag_hint(d, g, "for this host write %s/%u", addr_print(&v->prefix.raw.addr, host), addr_bits(&p->addr));
}

void check_prefixes(struct diags *d, const struct stmt *s, const char *keyword)
{
	for (const struct stmt *c = stmt_child(s, keyword); c; c = stmt_after(c))
		for (size_t i = 0; i < c->n_fields; i++)
			for (size_t j = 0; j < c->fields[i].n; j++)
				if (c->fields[i].values[j].type == VALUE_PREFIX)
					check_prefix(d, &c->fields[i].values[j]);
}

static int compare_values(const void *a, const void *b)
{
	const struct value *x = *(const struct value *const *)a, *y = *(const struct value *const *)b;
	const int order = strcmp(x->text, y->text);

	return order != 0 ? order : (x > y) - (x < y);
}

/* No name twice among the values of a keyword that may stand more than once. */
static void check_repeated(struct diags *d, const struct stmt *s, const char *keyword, const char *kind)
{
	const struct value **list;
	size_t room = 0, n = 0;

	for (const struct stmt *c = stmt_child(s, keyword); c; c = stmt_after(c))
		room += c->n_fields > 0 ? c->fields[0].n : 0;
	list = arena_array(d->arena, const struct value *, room);
	for (const struct stmt *c = stmt_child(s, keyword); c; c = stmt_after(c))
		for (size_t i = 0; c->n_fields > 0 && i < c->fields[0].n; i++)
			if (c->fields[0].values[i].type == VALUE_NAME)
				list[n++] = &c->fields[0].values[i];
	qsort(list, n, sizeof(*list), compare_values);
	for (size_t i = 1; i < n; i++)
		if (strcmp(list[i - 1]->text, list[i]->text) == 0) {
			struct diag *g = diag_error(d, &list[i]->place, "duplicate", "%s '%s' is given twice", kind,
						    list[i]->text);

			diag_note(d, g, &list[i - 1]->place, "first given here");
		}
}

static void check_conditions(struct diags *d, const struct stmt *s)
{
	const struct stmt *in = stmt_child(s, "in");
	const struct value *scope = block_typed(s, "scope", VALUE_CHOICE);

	check_prefixes(d, s, "from");
	check_prefixes(d, s, "to");
	check_repeated(d, s, "in", "interface");
	check_repeated(d, s, "path", "path");
	if (in && scope && scope->number != SCOPE_FORWARDED)
		diag_error(d, &in->place, "policy", "'in' does not fit scope %s", scope->text);
	if (!in && !stmt_child(s, "from") && !stmt_child(s, "to") && s->name && check_is_whole(s)) {
		struct diag *g = diag_error(d, &s->name->place, "match", "balance '%s' would match all traffic",
					    s->name->text);

		diag_hint(d, g, "give 'in', 'from' or 'to'");
	}
}

/* ---- one balance: method --------------------------------------------------------------------------------------- */

static unsigned count_members(const struct stmt *s)
{
	unsigned n = 0;

	for (const struct stmt *c = stmt_child(s, "path"); c; c = stmt_after(c))
		n++;
	return n;
}

static void check_compat(struct diags *d, const struct stmt *s, const struct policy *method, const struct place *place)
{
	const unsigned n = count_members(s);

	if (method->kind == POLICY_PER_PACKET && n < 2)
		diag_error(d, place, "policy", "compat seed needs two or more members");
	if (method->kind == POLICY_PER_FLOW && n != 2)
		diag_error(d, place, "policy", "compat seed needs two members");
	if (method->kind == POLICY_PER_FLOW && !stmt_child(s, "in"))
		diag_error(d, place, "policy", "compat seed needs 'in'");
	for (const struct stmt *c = stmt_child(s, "path"); c; c = stmt_after(c)) {
		const struct field *backup = stmt_field(c, "backup");

		if (backup)
			diag_error(d, &backup->place, "policy", "'backup' does not fit compat seed");
	}
}

static void check_nexthop(struct diags *d, const struct stmt *s, const struct stmt *method)
{
	const struct field *seed = stmt_field(method, "seed"), *on = stmt_field(method, "on");
	const struct value *on_what = field_typed(method, "on", VALUE_CHOICE);
	const struct value *scope = block_typed(s, "scope", VALUE_CHOICE);
	const struct value *when_down = block_typed(s, "when-down", VALUE_CHOICE);
	const struct stmt *protocol = stmt_child(s, "protocol");

	if (seed)
		diag_error(d, &seed->place, "policy", "'seed' does not fit engine nexthop");
	if (on_what && (on_what->number == ON_SOURCE || on_what->number == ON_DESTINATION))
		diag_error(d, &on->place, "policy", "'on %s' does not fit engine nexthop", on_what->text);
	if (scope && scope->number != SCOPE_FORWARDED)
		diag_error(d, &scope->place, "policy", "'scope %s' does not fit engine nexthop", scope->text);
	if (protocol)
		diag_error(d, &protocol->place, "policy", "'protocol' does not fit engine nexthop");
	if (when_down && when_down->number == DOWN_DROP)
		diag_error(d, &when_down->place, "policy", "'when-down drop' does not fit engine nexthop");
	if (!stmt_child(s, "in") && !stmt_child(s, "from"))
		diag_error(d, &stmt_field(method, "engine")->place, "policy", "engine nexthop needs 'in' or 'from'");
}

void check_methods_that_do(struct diags *d, struct diag *g, unsigned where)
{
	auto_text struct text t = { 0 };

	for (size_t i = 0; i < POLICY_KINDS; i++)
		if (policies[i]->where & where)
			text_printf(&t, "%s%s", t.n ? ", " : "", policies[i]->name);
	diag_hint(d, g, "methods that do: %s", text_get(&t));
}

static void check_method(struct diags *d, const struct stmt *s)
{
	const struct stmt *stmt = stmt_child(s, "method"), *inbound = stmt_child(s, "inbound");
	const struct value *method = block_typed(s, "method", VALUE_METHOD);
	const struct value *engine = stmt ? field_typed(stmt, "engine", VALUE_CHOICE) : NULL;
	const bool has_compat = stmt && field_typed(stmt, "compat", VALUE_CHOICE);

	if (!method)
		return;
	if (!(method->method->where & POLICY_BALANCE)) {
		struct diag *g = diag_error(d, &method->place, "policy", "method '%s' does not fit a balance",
					    method->method->name);

		check_methods_that_do(d, g, POLICY_BALANCE);
		return;
	}
	if (inbound && method->method->kind != POLICY_PER_FLOW)
		diag_error(d, &inbound->place, "policy", "'inbound' does not fit method %s", method->method->name);
	if (has_compat)
		check_compat(d, s, method->method, &stmt_field(stmt, "compat")->place);
	if (engine && engine->number == 1)
		check_nexthop(d, s, stmt);
}

void check_balance(struct diags *d, const struct stmt *s)
{
	check_conditions(d, s);
	check_method(d, s);
}

/* ---- balances of a machine ------------------------------------------------------------------------------------- */

static bool path_carries(const struct path *p, int family)
{
	return p->point_to_point || p->via_auto || (family == AF_INET ? p->via4 : p->via6).family != 0;
}

static bool any_carries(const struct balance *b, int family)
{
	for (size_t i = 0; i < b->n_members; i++)
		if (path_carries(b->members[i].path, family))
			return true;
	return false;
}

static void check_family(struct check *c, const struct balance *b, int family)
{
	const struct prefix_value *const lists[] = { b->from, b->to };
	const size_t n[] = { b->n_from, b->n_to };

	if (any_carries(b, family))
		return;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t j = 0; j < n[i]; j++) {
			const struct check_message m = { &lists[i][j].place, NULL, "family", NULL };

			if (lists[i][j].prefix.addr.family != family)
				continue;
			check_error(c, &m, "no path of '%s' carries %s", b->name, family == AF_INET ? "IPv4" : "IPv6");
			return;
		}
}

/* The legacy target has no hash that leaves foreign mark bits alone. */
static void check_iptables(struct check *c, const struct balance *b, const struct stmt *s)
{
	const struct stmt *method = stmt_child(s, "method");
	const struct field *pick = method ? stmt_field(method, "pick") : NULL;
	const bool is_hash = b->method->kind == POLICY_HASH;
	const bool picks_hash = b->method->kind == POLICY_PER_FLOW && b->pick == HOW_HASH && !b->compat_seed;
	const struct check_message m = { picks_hash && pick ? &pick->place : &b->method_place, NULL, "policy", NULL };

	if (!is_hash && !picks_hash)
		return;
	struct diag *g = check_error(c, &m, is_hash ? "method 'hash' does not fit target iptables"
						    : "'pick hash' does not fit target iptables");

	if (g)
		diag_hint(c->diags, g, "use per-flow pick random");
}

static bool is_top_level(const struct object *o)
{
	return !o->stmt->parent->keyword;
}

static void tell_overlap(struct check *c, const struct balance *a, const struct balance *b, const struct match *const m[2])
{
	const struct check_message message = { &b->place, &a->place, "overlap", "first defined here" };
	auto_text struct text t = { 0 };

	match_print_shared(m[0], m[1], &t);
	check_error(c, &message, "balances '%s' and '%s' both match packets %s", a->name, b->name, text_get(&t));
}

/* Two at top level meet in the same way in every role: the first one tells it. */
static void check_overlap(struct check *c)
{
	const struct objects *o = &c->bound->objects[OBJECT_BALANCE];
	const struct balance *list = c->machine->balances;
	const struct match **matches = arena_array(c->arena, const struct match *, o->n);

	for (size_t i = 0; i < o->n; i++)
		matches[i] = o->list[i].sound ? match_new(&list[i], c->arena) : NULL;
	for (size_t i = 0; i < o->n; i++)
		for (size_t j = i + 1; j < o->n; j++) {
			const bool is_ours = o->list[i].stmt->order < o->list[j].stmt->order;
			const size_t first = is_ours ? i : j, later = is_ours ? j : i;
			const struct match *const m[2] = { matches[first], matches[later] };

			if (!m[0] || !m[1] || !match_shares(m[0], m[1]))
				continue;
			if (c->bound != c->binding->machines && is_top_level(&o->list[i]) && is_top_level(&o->list[j]))
				continue;
			if (match_within(m[0], m[1]) == match_within(m[1], m[0]))
				tell_overlap(c, &list[first], &list[later], m);
		}
}

/* Answers carry the mark of their connection as well, and the seed's one rule leaves nothing to the main table. */
static void check_seed(struct check *c, const struct balance *b, const struct stmt *s)
{
	const struct field *compat = b->compat_seed ? stmt_field(stmt_child(s, "method"), "compat") : NULL;

	if (!compat)
		return;
	const struct check_message m = { &compat->place, NULL, "policy", NULL };

	if (c->machine->n_balances > 1)
		check_error(c, &m, "compat seed needs to be the only balance");
	if (b->method->kind != POLICY_PER_FLOW || b->n_to)
		return;
	struct diag *g = check_warning(c, &m, "compat seed without 'to' sends answers out by its paths");

	if (g)
		diag_hint(c->diags, g, "write 'to' and the networks beyond the paths");
}

void check_balances(struct check *c)
{
	const struct objects *o = &c->bound->objects[OBJECT_BALANCE];

	for (size_t i = 0; i < o->n; i++) {
		const struct balance *b = &c->machine->balances[i];

		check_seed(c, b, o->list[i].stmt);
		if (c->machine->kernel.target == TARGET_IPTABLES)
			check_iptables(c, b, o->list[i].stmt);
		if (!o->list[i].sound)
			continue;
		check_family(c, b, AF_INET);
		check_family(c, b, AF_INET6);
		check_weights(c, b, o->list[i].stmt);
	}
	check_overlap(c);
}
