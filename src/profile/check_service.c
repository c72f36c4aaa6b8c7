/* SPDX-License-Identifier: MIT */
/* What must hold of proxies, onion services and the web page: each by itself, and that no two listen at one place. */
#include "base/base.h"

#include "base/arena.h"
#include "profile/check.h"

/* ---- proxy ----------------------------------------------------------------------------------------------------- */

static void check_proxy_method(struct diags *d, const struct stmt *s, bool is_tcp)
{
	const struct value *method = block_typed(s, "method", VALUE_METHOD);
	const struct stmt *connections = stmt_child(s, "connections");
	const unsigned where = is_tcp ? POLICY_CONNECTION : POLICY_REQUEST;

	if (is_tcp && connections)
		diag_error(d, &connections->place, "policy", "'connections' does not fit mode tcp");
	if (!method || (method->method->where & where))
		return;
	struct diag *g = diag_error(d, &method->place, "policy", "method '%s' does not fit %s", method->method->name,
				    is_tcp ? "mode tcp" : "a proxy");

	check_methods_that_do(d, g, where);
}

static void check_server_weights(struct diags *d, const struct stmt *s)
{
	const struct stmt *method = stmt_child(s, "method"), *first = stmt_child(s, "server");
	const struct value *compat = method ? field_typed(method, "compat", VALUE_CHOICE) : NULL;
	bool has_weight = !first, is_equal = true;

	for (const struct stmt *c = first; c; c = stmt_after(c)) {
		const struct stmt *weight = stmt_child(c, "weight");

		if (weight && !stmt_is_sound(weight))
			return;
		const uint64_t w = block_number(c, BLOCK_SERVER, "weight");

		has_weight |= w > 0 && !stmt_child(c, "backup");
		is_equal &= w == block_number(first, BLOCK_SERVER, "weight");
	}
	if (!has_weight && s->name)
		diag_error(d, &s->name->place, "weights", "proxy '%s' has no member with weight", s->name->text);
	if (compat && !is_equal)
		diag_error(d, &stmt_field(method, "compat")->place, "policy", "compat seed needs equal weights");
}

/* A wildcard listener gets what is sent to this machine; of the addresses a server may have, only loopback surely is. */
static bool reaches(const struct endpoint *server, const struct endpoint *listen)
{
	if (server->port != listen->port || server->addr.family != listen->addr.family)
		return false;
	if (addr_eq(&server->addr, &listen->addr))
		return true;
	return addr_is_any(&listen->addr) ? addr_is_loopback(&server->addr)
					  : addr_is_any(&server->addr) && addr_is_loopback(&listen->addr);
}

/* A proxy's listeners, found once and not once per server; more than there may be are told already. */
struct listeners {
	const struct value *list[16];
	size_t n;
};

static void find_listeners(const struct stmt *s, struct listeners *l)
{
	for (const struct stmt *c = stmt_child(s, "listen"); c; c = stmt_after(c))
		for (size_t i = 0; c->n_fields > 0 && i < c->fields[0].n && l->n < ARRAY_LEN(l->list); i++)
			if (c->fields[0].values[i].type == VALUE_ENDPOINT)
				l->list[l->n++] = &c->fields[0].values[i];
}

static const struct value *listener_reached(const struct listeners *l, const struct endpoint *server)
{
	for (size_t i = 0; i < l->n; i++)
		if (reaches(server, &l->list[i]->endpoint))
			return l->list[i];
	return NULL;
}

static void check_servers(struct diags *d, const struct stmt *s)
{
	struct listeners listeners = { .n = 0 };

	find_listeners(s, &listeners);
	for (const struct stmt *c = stmt_child(s, "server"); c; c = stmt_after(c)) {
		const struct value *address = block_typed(c, "address", VALUE_ENDPOINT);
		const struct value *own = address ? listener_reached(&listeners, &address->endpoint) : NULL;

		if (!own || !s->name)
			continue;
		struct diag *g = diag_error(d, &address->place, "listen", "'%s' is already taken by proxy '%s'",
					    address->text, s->name->text);

		diag_note(d, g, &own->place, "first given here");
	}
}

void check_proxy(struct diags *d, const struct stmt *s)
{
	const struct value *mode = block_typed(s, "mode", VALUE_CHOICE);

	check_proxy_method(d, s, mode && mode->number == 1);
	check_server_weights(d, s);
	check_servers(d, s);
}

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
