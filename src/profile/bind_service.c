/* SPDX-License-Identifier: MIT */
/* Proxies, onion services and the web page of a machine. */
#include "base/base.h"

#include "base/arena.h"
#include "profile/bind.h"
#include "profile/keywords.h"

/* ---- shared ---------------------------------------------------------------------------------------------------- */

static struct endpoint_value endpoint_of(const struct value *v)
{
	return v ? (struct endpoint_value){ .endpoint = v->endpoint, .place = v->place } : (struct endpoint_value){ 0 };
}

/* A default of the table: not written anywhere, so without a place. */
static struct endpoint_value endpoint_default(const char *text)
{
	struct endpoint_value e = { 0 };

	if (endpoint_parse(str_of(text), &e.endpoint) < 0)
		BUG("default '%s' is not an endpoint", text);
	return e;
}

static const struct endpoint_value *bind_endpoints(struct binding *b, const struct stmt *block, const char *keyword,
						   size_t *n)
{
	struct endpoint_value *list;
	const size_t room = count_values(block, keyword);

	list = arena_array(b->arena, struct endpoint_value, room);
	*n = 0;
	for (const struct stmt *c = stmt_child(block, keyword); c; c = stmt_after(c))
		for (size_t i = 0; c->n_fields > 0 && i < c->fields[0].n; i++)
			if (c->fields[0].values[i].type == VALUE_ENDPOINT)
				list[(*n)++] = endpoint_of(&c->fields[0].values[i]);
	return list;
}

static const char *block_text(const struct stmt *block, const char *keyword, enum value_type type)
{
	const struct value *v = block_typed(block, keyword, type);

	return v ? v->text : NULL;
}

/* ---- proxy ----------------------------------------------------------------------------------------------------- */

static void bind_server_tls(const struct stmt *tls, struct server_conf *c)
{
	const struct value *name = tls ? field_typed(tls, "name", VALUE_TEXT) : NULL;
	const struct value *file = tls ? field_typed(tls, "verify", VALUE_FILE) : NULL;

	c->tls = tls != NULL;
	c->tls_name = name ? name->text : NULL;
	c->tls_store = file ? file->text : NULL;
	if (file)
		c->tls_verify = VERIFY_FILE;
	else if (tls)
		c->tls_verify = stmt_number(tls, "verify") == 1 ? VERIFY_OFF : VERIFY_SYSTEM;
	if (tls)
		c->tls_place = tls->place;
}

static void bind_server(const struct stmt *s, struct server_conf *c)
{
	c->name = s->name->text;
	c->place = s->name->place;
	c->address = endpoint_of(block_typed(s, "address", VALUE_ENDPOINT));
	c->weight = (uint32_t)block_number(s, BLOCK_SERVER, "weight");
	c->backup = stmt_child(s, "backup") != NULL;
	c->max_connections = (uint32_t)block_given(s, "max-connections").value;
	c->proxy_protocol = stmt_child(s, "proxy-protocol") != NULL;
	bind_server_tls(stmt_child(s, "tls"), c);
}

static void bind_servers(struct binding *b, const struct stmt *s, struct proxy_conf *p)
{
	struct server_conf *list;
	size_t n = 0;

	for (const struct stmt *c = stmt_child(s, "server"); c; c = stmt_after(c))
		n++;
	list = arena_array(b->arena, struct server_conf, n);
	for (const struct stmt *c = stmt_child(s, "server"); c; c = stmt_after(c))
		if (c->name && c->name->type != VALUE_WRONG)
			bind_server(c, &list[p->n_servers++]);
	p->servers = list;
}

static void bind_proxy_method(const struct stmt *s, struct proxy_conf *p)
{
	const struct value *v = block_typed(s, "method", VALUE_METHOD);

	p->method = v ? v->method : policies[POLICY_ROUND_ROBIN];
	p->method_place = v ? v->place : p->place;
	p->compat_seed = v && field_typed(stmt_child(s, "method"), "compat", VALUE_CHOICE);
	p->window = (uint32_t)block_option(s, BLOCK_PROXY, "method", "window");
	p->alpha_ppm = (uint32_t)block_option(s, BLOCK_PROXY, "method", "alpha");
	p->refresh_us = block_option(s, BLOCK_PROXY, "method", "refresh");
	p->decay_us = block_option(s, BLOCK_PROXY, "method", "decay");
}

static void bind_health(const struct stmt *s, struct proxy_conf *p)
{
	const struct stmt *health = stmt_child(s, "health");
	const struct value *url = health ? stmt_value(health, "url") : NULL;
	const struct value *status = health ? field_typed(health, "status", VALUE_CODES) : NULL;

	p->has_health = health != NULL;
	p->health_tcp = health && stmt_number(health, "kind") == 1;
	p->health_url = url ? url->text : "/";
	p->health_status_min = status ? status->codes.min : 200;
	p->health_status_max = status ? status->codes.max : 399;
	p->health_interval_us = block_option(s, BLOCK_PROXY, "health", "interval");
	p->health_timeout_us = block_option(s, BLOCK_PROXY, "health", "timeout");
	p->health_rise = (uint32_t)block_option(s, BLOCK_PROXY, "health", "rise");
	p->health_fall = (uint32_t)block_option(s, BLOCK_PROXY, "health", "fall");
}

static void bind_proxy_limits(const struct stmt *s, struct proxy_conf *p)
{
	const struct stmt *limit = stmt_child(s, "limit");
	const struct value *body = limit ? field_typed(limit, "body", VALUE_SIZE) : NULL;

	p->eject_errors = (uint32_t)block_option(s, BLOCK_PROXY, "eject", "errors");
	p->eject_us = block_option(s, BLOCK_PROXY, "eject", "for");
	p->connect_us = block_option(s, BLOCK_PROXY, "timeout", "connect");
	p->request_us = block_option(s, BLOCK_PROXY, "timeout", "request");
	p->response_us = block_option(s, BLOCK_PROXY, "timeout", "response");
	p->idle_us = block_option(s, BLOCK_PROXY, "timeout", "idle");
	p->queue_us = block_option(s, BLOCK_PROXY, "timeout", "queue");
	p->pool_us = block_option(s, BLOCK_PROXY, "timeout", "pool");
	p->drain_us = block_option(s, BLOCK_PROXY, "timeout", "drain");
	p->slow_start_us = block_number(s, BLOCK_PROXY, "slow-start");
	p->retries = (uint32_t)block_number(s, BLOCK_PROXY, "retries");
	p->max_connections = (uint32_t)block_number(s, BLOCK_PROXY, "max-connections");
	p->workers = (uint32_t)block_number(s, BLOCK_PROXY, "workers");
	p->queue = (uint32_t)block_number(s, BLOCK_PROXY, "queue");
	p->limit_head_bytes = block_option(s, BLOCK_PROXY, "limit", "head");
	p->limit_body_bytes = body ? body->number : UINT64_MAX;
}

static void bind_certificates(struct binding *b, const struct stmt *s, struct proxy_conf *p)
{
	struct tls_conf *list;
	size_t room = 0;

	for (const struct stmt *c = stmt_child(s, "tls"); c; c = stmt_after(c))
		room++;
	list = arena_array(b->arena, struct tls_conf, room);
	for (const struct stmt *c = stmt_child(s, "tls"); c; c = stmt_after(c)) {
		const struct value *certificate = field_typed(c, "certificate", VALUE_FILE);
		const struct value *key = field_typed(c, "key", VALUE_FILE);

		if (certificate && key)
			list[p->n_tls++] = (struct tls_conf){ .certificate = certificate->text, .key = key->text,
							      .place = c->place, .certificate_place = certificate->place,
							      .key_place = key->place };
	}
	p->tls = list;
}

/* Who the client is, and what of it servers and cookies say. */
static void bind_clients(struct binding *b, const struct stmt *s, struct proxy_conf *p)
{
	p->forwarded = (enum forwarded)block_number(s, BLOCK_PROXY, "forwarded");
	p->trust = bind_prefixes(b, s, "trust", &p->n_trust);
	p->proxy_protocol = stmt_child(s, "proxy-protocol") != NULL;
	p->sticky = block_text(s, "sticky", VALUE_LABEL);
	bind_certificates(b, s, p);
}

static void bind_proxy(struct binding *b, const struct stmt *s, struct proxy_conf *p)
{
	const struct stmt *log = stmt_child(s, "log");
	const struct value *file = log ? field_typed(log, "file", VALUE_FILE) : NULL;

	p->name = s->name->text;
	p->place = s->name->place;
	p->tcp = block_number(s, BLOCK_PROXY, "mode") == 1;
	p->listen = bind_endpoints(b, s, "listen", &p->n_listen);
	p->per_request = block_number(s, BLOCK_PROXY, "connections") == 1;
	bind_proxy_method(s, p);
	bind_servers(b, s, p);
	bind_health(s, p);
	bind_proxy_limits(s, p);
	bind_clients(b, s, p);
	p->log_file = file ? file->text : NULL;
	if (file)
		p->log_place = file->place;
	p->log_seed = block_option(s, BLOCK_PROXY, "log", "columns") == 1;
}

/* ---- onion, web ------------------------------------------------------------------------------------------------ */

static void bind_scale(const struct stmt *s, struct onion_conf *o)
{
	const struct opt_u64 maximum = block_given(s, "maximum");

	o->minimum = (uint32_t)block_number(s, BLOCK_SCALE, "minimum");
	o->maximum = maximum.set ? (uint32_t)maximum.value : o->replicas;
	o->choose = (enum onion_choose)block_number(s, BLOCK_SCALE, "choose");
	o->idle_us = block_number(s, BLOCK_SCALE, "idle");
	o->cooldown_us = block_number(s, BLOCK_SCALE, "cooldown");
	o->start_timeout_us = block_number(s, BLOCK_SCALE, "start-timeout");
	o->dead_after_us = block_number(s, BLOCK_SCALE, "dead-after");
}

static void bind_onion_service(const struct stmt *s, struct onion_conf *o)
{
	const struct stmt *service = stmt_child(s, "service");
	const struct value *port = service ? field_typed(service, "port", VALUE_INT) : NULL;
	const struct value *target = service ? field_typed(service, "target", VALUE_ENDPOINT) : NULL;

	o->service_port = port ? (uint16_t)port->number : 80;
	o->service_target = target ? endpoint_of(target) : endpoint_default("127.0.0.1:80");
}

static void bind_onion(struct binding *b, const struct stmt *s, struct onion_conf *o)
{
	const struct value *coordinator = block_typed(s, "coordinator", VALUE_ENDPOINT);
	const struct value *wait = stmt_get(s, "wait-for");
	const char *tor = block_text(s, "tor", VALUE_FILE);

	o->name = s->name->text;
	o->place = s->name->place;
	o->listen = bind_endpoints(b, s, "listen", &o->n_listen);
	if (!stmt_child(s, "listen")) {
		struct endpoint_value *listen = arena_one(b->arena, struct endpoint_value);

		*listen = endpoint_default(keyword_find(BLOCK_ONION, STR("listen"))->def);
		o->listen = listen;
		o->n_listen = 1;
	}
	if (coordinator)
		o->coordinator = endpoint_of(coordinator);
	else if (o->n_listen > 0)
		o->coordinator = o->listen[0];
	o->auth = block_text(s, "auth", VALUE_FILE);
	o->identity = block_text(s, "identity", VALUE_FILE);
	bind_onion_service(s, o);
	o->tor = tor ? tor : keyword_find(BLOCK_ONION, STR("tor"))->def;
	o->replicas = (uint32_t)block_number(s, BLOCK_ONION, "replicas");
	o->clients_per_replica = (uint32_t)block_number(s, BLOCK_ONION, "clients-per-replica");
	o->wait_for = wait && wait->type == VALUE_CHOICE ? o->replicas
							 : (uint32_t)block_number(s, BLOCK_ONION, "wait-for");
	bind_scale(stmt_child(s, "scale"), o);
}

static const char *const *bind_hosts(struct binding *b, const struct stmt *s, size_t *n)
{
	const char **list;
	const size_t room = count_values(s, "host");

	list = arena_array(b->arena, const char *, room);
	*n = 0;
	for (const struct stmt *c = stmt_child(s, "host"); c; c = stmt_after(c))
		for (size_t i = 0; c->n_fields > 0 && i < c->fields[0].n; i++)
			list[(*n)++] = c->fields[0].values[i].text;
	return list;
}

static const struct web_conf *bind_web(struct binding *b, const struct stmt *s)
{
	struct web_conf *w = arena_one(b->arena, struct web_conf);

	w->place = s->place;
	w->listen = bind_endpoints(b, s, "listen", &w->n_listen);
	w->hosts = bind_hosts(b, s, &w->n_hosts);
	w->token = block_text(s, "token", VALUE_FILE);
	w->metrics = block_number(s, BLOCK_WEB, "metrics") != 0;
	w->dashboard = block_number(s, BLOCK_WEB, "dashboard") != 0;
	w->changes = block_number(s, BLOCK_WEB, "changes") != 0;
	return w;
}

void bind_services(struct binding *b, struct bound *m)
{
	const struct objects *proxies = &m->objects[OBJECT_PROXY], *onions = &m->objects[OBJECT_ONION];
	struct proxy_conf *p = arena_array(b->arena, struct proxy_conf, proxies->n);
	struct onion_conf *o = arena_array(b->arena, struct onion_conf, onions->n);

	for (size_t i = 0; i < proxies->n; i++)
		bind_proxy(b, proxies->list[i].stmt, &p[i]);
	for (size_t i = 0; i < onions->n; i++)
		bind_onion(b, onions->list[i].stmt, &o[i]);
	m->machine->proxies = p;
	m->machine->n_proxies = proxies->n;
	m->machine->onions = o;
	m->machine->n_onions = onions->n;
	m->machine->web = m->web ? bind_web(b, m->web) : NULL;
}
