/* SPDX-License-Identifier: MIT */
/* What must hold of interfaces, shapers and paths: each by itself, and the marks, tables and main routes of all paths of
 * a machine. */
#include "base/base.h"

#include "base/arena.h"
#include "profile/check.h"

/* ---- interfaces ------------------------------------------------------------------------------------------------ */

void check_interface(struct diags *d, const struct stmt *s)
{
	const struct stmt *found = NULL, *second = NULL;

	for (const struct stmt *c = s->first; c; c = c->next) {
		if (stmt_is(c, "shaper") && c->has_block)
			check_shaper(d, c);
		if (!stmt_is(c, "device") && !stmt_is(c, "address") && !stmt_is(c, "toward"))
			continue;
		if (!found)
			found = c;
		else if (!second && c->keyword != found->keyword)
			second = c;
	}
	if (s->name && ((!found && check_is_whole(s)) || second))
		diag_error(d, second ? &second->place : &s->name->place, second ? "unexpected" : "missing",
			   "interface '%s' needs one of 'device', 'address' or 'toward'", s->name->text);
}

/* ---- shapers --------------------------------------------------------------------------------------------------- */

static bool needs(struct diags *d, const struct stmt *s, const char *part, const char *base)
{
	const struct stmt *c = stmt_child(s, part);

	if (!c || stmt_child(s, base))
		return false;
	diag_error(d, &c->place, "shaper", "'%s' needs '%s'", part, base);
	return true;
}

static void check_tbf(struct diags *d, const struct stmt *s, const struct value *engine)
{
	static const char *const refused[] = { "ceil", "cburst", "quantum" };
	const struct value *queue = stmt_get(s, "queue");

	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		const struct stmt *c = stmt_child(s, refused[i]);

		if (c)
			diag_error(d, &c->place, "shaper", "'%s' does not fit engine tbf", refused[i]);
	}
	if (!stmt_child(s, "queue")) {
		diag_error(d, &engine->place, "shaper", "engine tbf needs 'queue' as a size or time");
	} else if (queue && (queue->type == VALUE_PACKETS || queue->type == VALUE_CHOICE)) {
		struct diag *g = diag_error(d, &queue->place, "shaper", "'%s' does not fit engine tbf", queue->text);

		diag_hint(d, g, "write 'queue' as a size or time");
	}
}

/* A queue in time is as many bytes as the rate sends in it: no more and no less than a queue in bytes may have. */
static void check_queue_time(struct diags *d, const struct stmt *s, const struct value *queue)
{
	const struct value *rate = block_typed(s, "rate", VALUE_RATE);
	const struct keyword *k = keyword_find(BLOCK_SHAPER, STR("queue"));
	const struct value_spec *size = arg_spec(&k->args[0], VALUE_SIZE);
	struct value min, max;

	if (!stmt_child(s, "rate")) {
		struct diag *g = diag_error(d, &queue->place, "shaper", "'%s' needs 'rate'", queue->text);

		diag_hint(d, g, "a queue in time holds what the rate sends in it");
	}
	if (!rate || value_parse(VALUE_SIZE, str_of(size->min), &min) < 0 ||
	    value_parse(VALUE_SIZE, str_of(size->max), &max) < 0)
		return;
	const uint64_t bytes = rate->number * queue->number / 8000000;

	if (bytes >= min.number && bytes <= max.number)
		return;
	struct diag *g = diag_error(d, &queue->place, "out-of-range", "'%s' is out of range for 'queue'", queue->text);

	diag_hint(d, g, "at %s that is %llub, and a queue has %s to %s", rate->text, (unsigned long long)bytes, size->min,
		  size->max);
}

static void check_ceil(struct diags *d, const struct stmt *s)
{
	const struct value *rate = block_typed(s, "rate", VALUE_RATE), *ceil = block_typed(s, "ceil", VALUE_RATE);

	if (!rate || !ceil || ceil->number >= rate->number)
		return;
	struct diag *g = diag_error(d, &ceil->place, "out-of-range", "'%s' is out of range for 'ceil'", ceil->text);

	diag_hint(d, g, "%s to 1tbit", rate->text);
}

static bool has_netem(const struct stmt *s)
{
	static const char *const parts[] = { "delay", "loss", "duplicate", "corrupt", "reorder" };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (stmt_child(s, parts[i]))
			return true;
	return false;
}

void check_shaper(struct diags *d, const struct stmt *s)
{
	static const char *const of_class[] = { "engine", "ceil", "burst", "cburst", "quantum" };
	const struct value *engine = block_typed(s, "engine", VALUE_CHOICE);
	const struct value *queue = block_typed(s, "queue", VALUE_TIME);
	const struct stmt *limit = stmt_child(s, "limit");
	bool classless = false;

	if (!s->first && !check_is_whole(s))
		return;
	if (!s->first && s->name)
		diag_error(d, &s->name->place, "shaper", "shaper '%s' does nothing", s->name->text);
	else if (!s->first && s->parent->name)
		diag_error(d, &s->place, "shaper", "shaper of interface '%s' does nothing", s->parent->name->text);
	for (size_t i = 0; i < ARRAY_LEN(of_class); i++)
		classless |= needs(d, s, of_class[i], "rate");
	if (!classless && engine && engine->number == ENGINE_TBF)
		check_tbf(d, s, engine);
	if (queue)
		check_queue_time(d, s, queue);
	check_ceil(d, s);
	(void)needs(d, s, "reorder", "delay");  /* told; nothing depends on it */
	if (limit && !has_netem(s))
		diag_error(d, &limit->place, "shaper",
			   "'limit' needs one of 'delay', 'loss', 'duplicate', 'corrupt' or 'reorder'");
}

/* ---- one path -------------------------------------------------------------------------------------------------- */

static const char *family_name(int family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

/* Sets carries[0] for IPv4 and [1] for IPv6; false where something is wrong. */
static bool check_via(struct diags *d, const struct stmt *s, bool carries[2])
{
	const struct stmt *via = stmt_child(s, "via");
	const struct field *f = via ? stmt_field(via, "value") : NULL;
	const struct value *first[2] = { NULL, NULL };
	bool sound = true;

	carries[0] = carries[1] = !via;
	for (size_t i = 0; f && i < f->n; i++) {
		const struct value *v = &f->values[i];

		if (v->type == VALUE_CHOICE) {
			carries[0] = carries[1] = true;
		} else if (v->type == VALUE_ADDRESS) {
			const bool is_v6 = v->address.family == AF_INET6;

			if (first[is_v6]) {
				struct diag *g = diag_error(d, &v->place, "family", "two %s next hops",
							    family_name(v->address.family));

				diag_note(d, g, &first[is_v6]->place, "first given here");
			} else {
				first[is_v6] = v;
			}
			carries[is_v6] = true;
		} else {
			sound = false;
		}
	}
	return sound && (!via || f);
}

static void check_probes(struct diags *d, const struct stmt *s, const bool carries[2])
{
	for (const struct stmt *c = stmt_child(s, "probe"); c; c = stmt_after(c)) {
		const struct value *v = stmt_value(c, "target");
		int family = 0;

		if (v && v->type == VALUE_ADDRESS)
			family = v->address.family;
		else if (v && v->type == VALUE_ENDPOINT)
			family = v->endpoint.addr.family;
		if (family != 0 && s->name && !carries[family == AF_INET6])
			diag_error(d, &v->place, "family", "path '%s' does not carry %s", s->name->text,
				   family_name(family));
	}
}

void check_path(struct diags *d, const struct stmt *s)
{
	const struct value *quorum = block_typed(s, "quorum", VALUE_INT);
	unsigned n_probes = 0;
	bool carries[2];

	if (check_via(d, s, carries))
		check_probes(d, s, carries);
	for (const struct stmt *c = stmt_child(s, "probe"); c; c = stmt_after(c))
		n_probes++;
	if (!quorum || quorum->number <= n_probes)
		return;
	struct diag *g = diag_error(d, &quorum->place, "out-of-range", "'%s' is out of range for 'quorum'", quorum->text);

	if (n_probes == 0)
		diag_hint(d, g, "the path has no 'probe'");
	else
		diag_hint(d, g, "1 to %u", n_probes);
}

/* ---- marks and tables ------------------------------------------------------------------------------------------ */

struct given {                  /* a number given by hand */
	const struct opt_u64 *number;
	size_t at;              /* of the path */
};

static int compare_given(const void *a, const void *b)
{
	const struct given *x = a, *y = b;

	if (x->number->value != y->number->value)
		return x->number->value < y->number->value ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static const char *written(const struct check *c, size_t path, const char *keyword)
{
	return stmt_get(c->bound->objects[OBJECT_PATH].list[path].stmt, keyword)->text;
}

static void check_same(struct check *c, struct given *list, size_t n, const char *what)
{
	const struct path *paths = c->machine->paths;

	qsort(list, n, sizeof(*list), compare_given);
	for (size_t i = 1; i < n; i++) {
		const struct given *x = &list[i - 1], *y = &list[i];
		const struct check_message m = { &y->number->place, &x->number->place, "mark", NULL };

		if (x->number->value == y->number->value)
			check_error(c, &m, "paths '%s' and '%s' have the same %s %s", paths[x->at].name,
				    paths[y->at].name, what, written(c, y->at, what));
	}
}

static bool is_compat_seed(const struct machine *m)
{
	for (size_t i = 0; i < m->n_balances; i++)
		if (m->balances[i].compat_seed)
			return true;
	return false;
}

static void check_mark(struct check *c, size_t at)
{
	const struct opt_u64 *mark = &c->machine->paths[at].mark;
	const uint32_t mask = c->machine->kernel.mark_mask;
	const struct check_message ones = { &mark->place, NULL, "out-of-range", NULL };
	const struct check_message outside = { &mark->place, NULL, "mark", NULL };

	if (mark->value == mask) {
		struct diag *g = check_error(c, &ones, "'%s' is out of range for 'mark'", written(c, at, "mark"));

		if (g)
			diag_hint(c->diags, g, "in the mask, not 0, not all ones");
	} else if (mark->value & ~(uint64_t)mask) {
		check_error(c, &outside, "mark %s is outside mark-mask 0x%08x", written(c, at, "mark"), mask);
	}
}

/* As many paths as the mask has values, without nobody's and that of refused packets. */
static void check_path_count(struct check *c)
{
	const struct machine *m = c->machine;
	const int bits = __builtin_popcount(m->kernel.mark_mask);
	const size_t most = bits >= 12 ? 4094 : ((size_t)1 << bits) - 2;

	if (m->n_paths <= most)
		return;
	const struct check_message message = { &m->paths[most].place, NULL, "limit", NULL };

	check_error(c, &message, "more than %zu paths", most);
}

static void check_marks(struct check *c)
{
	const struct machine *m = c->machine;
	struct given *marks = arena_array(c->arena, struct given, m->n_paths);
	struct given *tables = arena_array(c->arena, struct given, m->n_paths);
	const bool mask_matters = !is_compat_seed(m) && (!c->bound->kernel || stmt_is_sound(c->bound->kernel));
	size_t n_marks = 0, n_tables = 0;

	for (size_t i = 0; i < m->n_paths; i++) {
		if (m->paths[i].mark.set && mask_matters)
			check_mark(c, i);
		if (m->paths[i].mark.set)
			marks[n_marks++] = (struct given){ &m->paths[i].mark, i };
		if (m->paths[i].table.set)
			tables[n_tables++] = (struct given){ &m->paths[i].table, i };
	}
	check_same(c, marks, n_marks, "mark");
	check_same(c, tables, n_tables, "table");
	if (mask_matters)
		check_path_count(c);
}

/* ---- routes in the main table ---------------------------------------------------------------------------------- */

struct main_route {
	struct prefix to;
	const struct path *path;
};

static bool carries(const struct path *p, int family)
{
	if (p->point_to_point || p->via_auto)
		return true;
	return (family == AF_INET ? p->via4 : p->via6).family != 0;
}

static void tell_main_route(struct check *c, const struct prefix *to, const struct path *a, const struct path *b)
{
	const struct path *first = a < b ? a : b, *later = a < b ? b : a;
	const struct check_message m = { &later->table.place, &first->table.place, "main-route", NULL };
	char buf[PREFIX_TEXT];

	check_error(c, &m, "'%s' would get two routes in the main table", prefix_print(to, buf));
}

/* The first `to` of this family, or the default route; false: no route of this family. */
static bool next_route(const struct balance *b, int family, size_t *at, struct prefix *to)
{
	if (b->n_to == 0) {
		*to = (struct prefix){ .addr = { .family = (uint8_t)family } };
		return (*at)++ == 0;
	}
	while (*at < b->n_to) {
		*to = b->to[(*at)++].prefix;
		if (to->addr.family == family)
			return true;
	}
	return false;
}

/* Tells a second path of one balance, and adds the routes of the first one: those of the others are the same. */
static size_t add_main_routes(struct check *c, const struct balance *b, int family, struct main_route *list)
{
	const struct path *first = NULL;
	struct prefix to;
	size_t at = 0, n = 0;

	for (size_t i = 0; i < b->n_members; i++) {
		const struct path *p = b->members[i].path;
		size_t begin = 0;

		if (!p->table_main || !carries(p, family) || p == first)
			continue;
		if (!first)
			first = p;
		else if (next_route(b, family, &begin, &to))
			tell_main_route(c, &to, first, p);
	}
	while (first && next_route(b, family, &at, &to))
		list[n++] = (struct main_route){ to, first };
	return n;
}

static int compare_routes(const void *a, const void *b)
{
	const struct main_route *x = a, *y = b;
	const int order = prefix_compare(&x->to, &y->to);

	return order != 0 ? order : (x->path > y->path) - (x->path < y->path);
}

static void check_main_routes(struct check *c)
{
	static const int families[] = { AF_INET, AF_INET6 };
	const struct machine *m = c->machine;
	struct main_route *list;
	size_t room = 0, n = 0;

	for (size_t i = 0; i < m->n_balances; i++)
		room += m->balances[i].n_to + ARRAY_LEN(families);
	list = arena_array(c->arena, struct main_route, room);
	for (size_t i = 0; i < m->n_balances; i++)
		for (size_t f = 0; f < ARRAY_LEN(families); f++)
			if (!m->balances[i].engine_nexthop)
				n += add_main_routes(c, &m->balances[i], families[f], list + n);
	qsort(list, n, sizeof(*list), compare_routes);
	for (size_t i = 1; i < n; i++)
		if (prefix_eq(&list[i - 1].to, &list[i].to) && list[i - 1].path != list[i].path)
			tell_main_route(c, &list[i].to, list[i - 1].path, list[i].path);
}

void check_paths(struct check *c)
{
	check_marks(c);
	check_main_routes(c);
}
