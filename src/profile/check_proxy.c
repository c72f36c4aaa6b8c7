/* SPDX-License-Identifier: MIT */
/* What must hold of a proxy and its servers: method and mode, weights, addresses, TLS and PROXY heads. */
#include "base/base.h"

#include "profile/check.h"

/* What only speaks of requests. */
static void check_mode(struct diags *d, const struct stmt *s, bool is_tcp)
{
	static const char *const words[] = { "connections", "limit", "forwarded", "sticky" };

	for (size_t i = 0; is_tcp && i < ARRAY_LEN(words); i++) {
		const struct stmt *c = stmt_child(s, words[i]);

		if (c)
			diag_error(d, &c->place, "policy", "'%s' does not fit mode tcp", words[i]);
	}
}

static void check_proxy_method(struct diags *d, const struct stmt *s, bool is_tcp)
{
	const struct value *method = block_typed(s, "method", VALUE_METHOD);
	const unsigned where = is_tcp ? POLICY_CONNECTION : POLICY_REQUEST;

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

/* Its certificate is checked against a name, unless that is given up in so many words. An empty name is none: it would
 * fit every certificate. */
static void check_server_tls(struct diags *d, const struct stmt *server)
{
	const struct stmt *tls = stmt_child(server, "tls");
	const struct value *name = tls ? field_typed(tls, "name", VALUE_TEXT) : NULL;
	const struct value *verify = tls ? field_typed(tls, "verify", VALUE_CHOICE) : NULL;
	const bool is_off = verify && verify->number == 1;

	if (!tls || !stmt_is_sound(tls) || is_off || (name && name->text[0]) || !server->name)
		return;
	diag_error(d, &server->name->place, "missing", "server '%s' needs 'name' or 'verify off'", server->name->text);
}

/* A head stands at the start of a connection, so it can name a client only where the connection has one. */
static void check_proxy_protocol(struct diags *d, const struct stmt *s, bool is_http)
{
	const struct stmt *accept = stmt_child(s, "proxy-protocol"), *connections = stmt_child(s, "connections");
	const bool is_persistent = !connections ||
				   (stmt_is_sound(connections) && stmt_number(connections, "value") == 0);

	if (accept && stmt_is_sound(accept) && !stmt_child(s, "trust") && check_is_whole(s)) {
		struct diag *g = diag_error(d, &accept->place, "missing", "'proxy-protocol accept' needs 'trust'");

		diag_hint(d, g, "name the peers that may send such heads");
	}
	for (const struct stmt *c = stmt_child(s, "server"); c && is_http && is_persistent; c = stmt_after(c)) {
		const struct stmt *send = stmt_child(c, "proxy-protocol");

		if (send && stmt_is_sound(send))
			diag_error(d, &send->place, "policy", "'proxy-protocol send' needs 'connections per-request'");
	}
}

void check_proxy(struct diags *d, const struct stmt *s)
{
	const struct value *mode = block_typed(s, "mode", VALUE_CHOICE);
	const bool is_tcp = mode && mode->number == 1;

	check_mode(d, s, is_tcp);
	check_proxy_method(d, s, is_tcp);
	check_proxy_protocol(d, s, mode ? mode->number == 0 : !stmt_child(s, "mode"));
	check_prefixes(d, s, "trust");
	for (const struct stmt *c = stmt_child(s, "server"); c; c = stmt_after(c))
		check_server_tls(d, c);
	check_server_weights(d, s);
	check_servers(d, s);
}
