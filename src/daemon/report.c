/* SPDX-License-Identifier: MIT */
/* Lines to members of the status object, by two tables of keys. */
#include "base/base.h"

#include "base/json.h"
#include "core/member.h"
#include "daemon/report.h"
#include "profile/value.h"

enum value_kind_of_report {
	REPORT_TEXT,                    /* or null */
	REPORT_LIST,                    /* words between commas */
	REPORT_WHOLE,
	REPORT_SECONDS,                 /* told in microseconds; or null */
	REPORT_FLAG,
};

struct report_row {
	const char *key;
	const char *group, *member;     /* in status: member, or group.member */
	enum value_kind_of_report kind;
};

#define LATENCY(what) { what "_us", "latency_seconds", what, REPORT_SECONDS }
#define RESPONSES(class) { "r" class, "responses", class, REPORT_WHOLE }

static const struct report_row proxy_rows[] = {
	{ "mode", NULL, "mode", REPORT_TEXT },
	{ "method", NULL, "method", REPORT_TEXT },
	{ "listen", NULL, "listen", REPORT_LIST },
	{ "pid", NULL, "pid", REPORT_WHOLE },
	{ "workers", NULL, "workers", REPORT_WHOLE },
	{ "connections", NULL, "connections", REPORT_WHOLE },
	{ "queued", NULL, "queued", REPORT_WHOLE },
	{ "requests", NULL, "requests", REPORT_WHOLE },
	{ "errors", NULL, "errors", REPORT_WHOLE },
	{ "retries", NULL, "retries", REPORT_WHOLE },
	RESPONSES("1xx"), RESPONSES("2xx"), RESPONSES("3xx"), RESPONSES("4xx"), RESPONSES("5xx"),
	{ "bytes_in", NULL, "bytes_in", REPORT_WHOLE },
	{ "bytes_out", NULL, "bytes_out", REPORT_WHOLE },
	{ "cpu_us", NULL, "cpu_seconds", REPORT_SECONDS },
	{ "rate", NULL, "requests_per_second", REPORT_WHOLE },
	LATENCY("mean"), LATENCY("p50"), LATENCY("p95"), LATENCY("p99"),
};

static const struct report_row server_rows[] = {
	{ "state", NULL, "state", REPORT_TEXT },
	{ "reason", NULL, "reason", REPORT_TEXT },
	{ "held", NULL, "held", REPORT_FLAG },
	{ "address", NULL, "address", REPORT_TEXT },
	{ "weight", NULL, "weight", REPORT_WHOLE },
	{ "backup", NULL, "backup", REPORT_FLAG },
	{ "open", NULL, "in_flight", REPORT_WHOLE },
	{ "pooled", NULL, "pooled", REPORT_WHOLE },
	{ "requests", NULL, "requests", REPORT_WHOLE },
	{ "failures", NULL, "failures", REPORT_WHOLE },
	{ "estimate_us", NULL, "estimate_seconds", REPORT_SECONDS },
	LATENCY("mean"), LATENCY("p50"), LATENCY("p95"), LATENCY("p99"),
};

static json_t *text_value(struct str s)
{
	return s.p ? json_stringn(s.p, s.n) : json_null();
}

static json_t *list_value(struct str s)
{
	json_t *list = json_own(json_array());

	while (s.n > 0) {
		const char *comma = memchr(s.p, ',', s.n);
		const size_t n = comma ? (size_t)(comma - s.p) : s.n;

		json_push(list, json_stringn(s.p, n));
		s.p += n + (comma != NULL);
		s.n -= n + (comma != NULL);
	}
	return list;
}

static json_t *value_of(const struct line *l, const struct report_row *row)
{
	uint64_t n = 0;

	switch (row->kind) {
	case REPORT_TEXT:
		return text_value(line_get(l, row->key));
	case REPORT_LIST:
		return list_value(line_get(l, row->key));
	case REPORT_WHOLE:
		return line_number(l, row->key, &n) == 0 && n <= INT64_MAX ? json_integer((json_int_t)n) : json_null();
	case REPORT_SECONDS:
		return line_number(l, row->key, &n) == 0 ? json_real((double)n / 1e6) : json_null();
	case REPORT_FLAG:
		return json_boolean(line_is(l, row->key, "1"));
	}
	BUG("report value %d", (int)row->kind);
}

static void put_rows(json_t *o, const struct line *l, const struct report_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_t *at = o;

		if (rows[i].group && !json_object_get(o, rows[i].group))
			json_put(o, rows[i].group, json_object());
		if (rows[i].group)
			at = json_object_get(o, rows[i].group);
		json_put(at, rows[i].member, value_of(l, &rows[i]));
	}
}

static bool is_state(struct str s)
{
	for (enum member_state state = MEMBER_UP; state <= MEMBER_DOWN; state++)
		if (s.p && str_is(s, member_state_name(state)))
			return true;
	return false;
}

/* The object of this name, made where there is room for it; NULL: there is not. */
static json_t *find_or_make(json_t *in, struct str name, size_t most)
{
	json_t *o = json_object_getn(in, name.p, name.n);

	if (o || json_object_size(in) >= most)
		return o;
	o = json_own(json_object());
	if (json_object_setn_new(in, name.p, name.n, o) < 0)
		out_of_memory();
	return o;
}

static void add_proxy(json_t *proxies, const struct line *l)
{
	const struct str name = line_get(l, "name");

	if (!name_is_valid(name) || !(line_is(l, "mode", "http") || line_is(l, "mode", "tcp")))
		return;
	json_t *proxy = find_or_make(proxies, name, REPORT_PROXIES);

	if (!proxy)
		return;
	put_rows(proxy, l, proxy_rows, ARRAY_LEN(proxy_rows));
	if (!json_object_get(proxy, "servers"))
		json_put(proxy, "servers", json_object());
}

static void add_server(json_t *proxies, const struct line *l)
{
	const struct str name = line_get(l, "name"), owner = line_get(l, "proxy");
	json_t *proxy = owner.p ? json_object_getn(proxies, owner.p, owner.n) : NULL;

	if (!proxy || !name_is_valid(name) || !is_state(line_get(l, "state")))
		return;
	json_t *server = find_or_make(json_object_get(proxy, "servers"), name, REPORT_SERVERS);

	if (server)
		put_rows(server, l, server_rows, ARRAY_LEN(server_rows));
}

void report_add(json_t *proxies, const struct line *l)
{
	if (!str_is(l->verb, "report"))
		return;
	if (line_is(l, "kind", "proxy"))
		add_proxy(proxies, l);
	else if (line_is(l, "kind", "server"))
		add_server(proxies, l);
}

json_t *report_event(const struct line *l)
{
	static const char *const words[] = { "time", "kind" }, *const more[] = { "from", "to", "reason" };
	const struct str proxy = line_get(l, "proxy"), name = line_get(l, "name");
	auto_text struct text whole = { 0 };

	if (!str_is(l->verb, "event"))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!line_get(l, words[i]).p)
			return NULL;
	json_t *event = json_own(json_object());

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		json_put(event, words[i], text_value(line_get(l, words[i])));
	text_add(&whole, proxy.p, proxy.n);
	if (proxy.p && name.p)
		text_putc(&whole, '/');
	text_add(&whole, name.p, name.n);
	json_put(event, "name", whole.n > 0 ? json_stringn(whole.p, whole.n) : json_null());
	for (size_t i = 0; i < ARRAY_LEN(more); i++)
		json_put(event, more[i], text_value(line_get(l, more[i])));
	return event;
}
