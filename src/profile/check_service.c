/* SPDX-License-Identifier: MIT */
/* What must hold of onion services and the web page: each by itself, and that no two, nor proxies, listen at one place. */
#include "base/base.h"

#include "base/arena.h"
#include "profile/check.h"

/* ---- onion ----------------------------------------------------------------------------------------------------- */

static void check_range(struct diags *d, const struct value *v, const char *keyword, uint64_t min, uint64_t max)
{
	if (!v || (v->number >= min && v->number <= max))
		return;
	struct diag *g = diag_error(d, &v->place, "out-of-range", "'%s' is out of range for '%s'", v->text, keyword);

	diag_hint(d, g, "%u to %u", (unsigned)min, (unsigned)max);
}

static void check_replicas(struct diags *d, const struct stmt *s)
{
	const struct stmt *scale = stmt_child(s, "scale"), *replicas = stmt_child(s, "replicas");

	if (replicas && !stmt_is_sound(replicas))
		return;
	const uint64_t n = block_number(s, BLOCK_ONION, "replicas");
	const uint64_t minimum = block_number(scale, BLOCK_SCALE, "minimum");

	check_range(d, block_typed(s, "wait-for", VALUE_INT), "wait-for", 1, n);
	if (!scale)
		return;
	check_range(d, block_typed(scale, "minimum", VALUE_INT), "minimum", 0, n);
	if (minimum <= n)
		check_range(d, block_typed(scale, "maximum", VALUE_INT), "maximum", minimum, n);
}

/* The first value of `listen` for which `is` holds or does not; NULL: none. */
static const struct value *find_listen(const struct stmt *s, bool (*is)(const struct addr *a), bool holds)
{
	for (const struct stmt *c = stmt_child(s, "listen"); c; c = stmt_after(c))
		for (size_t i = 0; c->n_fields > 0 && i < c->fields[0].n; i++)
			if (c->fields[0].values[i].type == VALUE_ENDPOINT &&
			    is(&c->fields[0].values[i].endpoint.addr) == holds)
				return &c->fields[0].values[i];
	return NULL;
}

void check_onion(struct diags *d, const struct stmt *s)
{
	const struct value *open = find_listen(s, addr_is_loopback, false);
	const struct value *first = block_typed(s, "listen", VALUE_ENDPOINT);

	check_replicas(d, s);
	if (open && !stmt_child(s, "auth"))
		diag_error(d, &open->place, "exposed", "onion listens on %s without a secret", open->text);
	if (first && addr_is_any(&first->endpoint.addr) && !stmt_child(s, "coordinator") && s->name) {
		struct diag *g = diag_error(d, &s->name->place, "missing", "onion '%s' has no 'coordinator'",
					    s->name->text);

		diag_hint(d, g, "replicas need an address");
	}
}

/* ---- web ------------------------------------------------------------------------------------------------------- */

void check_web(struct diags *d, const struct stmt *s)
{
	const struct value *open = find_listen(s, addr_is_loopback, false);
	const struct value *changes = block_typed(s, "changes", VALUE_SWITCH);

	if (stmt_child(s, "token"))
		return;
	if (open)
		diag_error(d, &open->place, "exposed", "web listens on %s without a token", open->text);
	if (changes && changes->number)
		diag_error(d, &stmt_child(s, "changes")->place, "exposed", "'changes on' needs 'token'");
}

/* ---- who listens where ----------------------------------------------------------------------------------------- */

struct listener {
	struct endpoint endpoint;
	struct place place;             /* of a default: its owner's */
	const char *owner, *name;       /* name NULL: web */
	size_t order;                   /* as written */
};

static int compare_listeners(const void *a, const void *b)
{
	const struct listener *x = a, *y = b;

	if (x->endpoint.port != y->endpoint.port)
		return x->endpoint.port < y->endpoint.port ? -1 : 1;
	if (x->endpoint.addr.family != y->endpoint.addr.family)
		return x->endpoint.addr.family < y->endpoint.addr.family ? -1 : 1;
	const int order = memcmp(x->endpoint.addr.b, y->endpoint.addr.b, sizeof(x->endpoint.addr.b));

	return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

static void tell_taken(struct check *c, const struct listener *a, const struct listener *b)
{
	const struct listener *first = a->order < b->order ? a : b, *later = a->order < b->order ? b : a;
	const struct check_message m = { &later->place, &first->place, "listen", NULL };
	char buf[ENDPOINT_TEXT];
	const char *text = endpoint_print(&later->endpoint, buf);

	if (first->name)
		check_error(c, &m, "'%s' is already taken by %s '%s'", text, first->owner, first->name);
	else
		check_error(c, &m, "'%s' is already taken by %s", text, first->owner);
}

/* IPv6 sockets take IPv6 only, so the families do not meet. The wildcard address sorts first in its port and family. */
static void tell_collisions(struct check *c, struct listener *list, size_t n)
{
	qsort(list, n, sizeof(*list), compare_listeners);
	for (size_t i = 1, first = 0; i < n; i++) {
		const struct listener *x = &list[i];

		if (x->endpoint.port != list[first].endpoint.port ||
		    x->endpoint.addr.family != list[first].endpoint.addr.family)
			first = i;
		else if (addr_is_any(&list[first].endpoint.addr))
			tell_taken(c, &list[first], x);
		else if (addr_eq(&list[i - 1].endpoint.addr, &x->endpoint.addr))
			tell_taken(c, &list[i - 1], x);
	}
}

static size_t add_listeners(struct listener *list, const struct endpoint_value *values, size_t n, struct listener like)
{
	for (size_t i = 0; i < n; i++) {
		list[i] = like;
		list[i].endpoint = values[i].endpoint;
		if (values[i].place.source)
			list[i].place = values[i].place;
		list[i].order = like.order + i;
	}
	return n;
}

void check_listeners(struct check *c)
{
	const struct machine *m = c->machine;
	const struct objects *proxies = &c->bound->objects[OBJECT_PROXY], *onions = &c->bound->objects[OBJECT_ONION];
	struct listener *list;
	size_t room = m->web ? m->web->n_listen : 0, n = 0;

	for (size_t i = 0; i < m->n_proxies; i++)
		room += m->proxies[i].n_listen;
	for (size_t i = 0; i < m->n_onions; i++)
		room += m->onions[i].n_listen;
	list = arena_array(c->arena, struct listener, room);
	for (size_t i = 0; i < m->n_proxies; i++) {
		const struct proxy_conf *p = &m->proxies[i];
		const struct listener like = { .place = p->place, .owner = "proxy", .name = p->name,
					       .order = (size_t)proxies->list[i].stmt->order * room };

		n += add_listeners(list + n, p->listen, p->n_listen, like);
	}
	for (size_t i = 0; i < m->n_onions; i++) {
		const struct onion_conf *o = &m->onions[i];
		const struct listener like = { .place = o->place, .owner = "onion", .name = o->name,
					       .order = (size_t)onions->list[i].stmt->order * room };

		n += add_listeners(list + n, o->listen, o->n_listen, like);
	}
	if (m->web) {
		const struct listener like = { .place = m->web->place, .owner = "web",
					       .order = (size_t)c->bound->web->order * room };

		n += add_listeners(list + n, m->web->listen, m->web->n_listen, like);
	}
	tell_collisions(c, list, n);
}
