/* SPDX-License-Identifier: MIT */
/* The words and tables for proxies. */
#include "base/base.h"

#include "base/arena.h"
#include "cli/proxies_show.h"
#include "cli/status_show.h"

/* Three digits that count: `412us`, `5.21ms`, `1.30s`; "-" for a time that nobody knows. */
static const char *seconds_text(struct arena *a, json_t *value)
{
	const double us = json_number_value(value) * 1e6;
	const double scaled = us < 999.5 ? us : us < 999500 ? us / 1e3 : us / 1e6;
	const char *unit = us < 999.5 ? "us" : us < 999500 ? "ms" : "s";
	const int digits = us < 999.5 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;

	return json_is_null(value) || !value ? "-" : arena_printf(a, "%.*f%s", digits, scaled, unit);
}

static const char *latency(struct arena *a, json_t *o, const char *which)
{
	return seconds_text(a, json_object_get(json_object_get(o, "latency_seconds"), which));
}

static void add_number(struct table *t, json_t *o, const char *name)
{
	json_t *v = json_object_get(o, name);

	if (json_is_integer(v))
		table_add(t, TINT_NONE, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else
		table_add(t, TINT_NONE, "-");
}

/* What went wrong stands out. */
static void add_faults(struct table *t, json_t *o, const char *name)
{
	const json_int_t n = member_number(o, name);

	table_add(t, n > 0 ? TINT_CARE : TINT_NONE, "%" JSON_INTEGER_FORMAT, n);
}

static const char *plural(json_int_t n)
{
	return n == 1 ? "" : "s";
}

/* `proxy web  http adaptive  127.0.0.1:9090  pid 812, 2 workers` and what it does. */
static void show_head(const char *name, json_t *p, struct arena *a, struct text *out)
{
	const bool is_tcp = strcmp(member_text(p, "mode"), "tcp") == 0;
	const json_int_t workers = member_number(p, "workers"), open = member_number(p, "connections");
	json_t *address;
	size_t i;

	text_printf(out, "proxy %s  %s %s ", name, member_text(p, "mode"), member_text(p, "method"));
	json_array_foreach(json_object_get(p, "listen"), i, address)
		text_printf(out, " %s", json_string_value(address));
	text_printf(out, "  pid %" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT " worker%s\n", member_number(p, "pid"), workers,
		    plural(workers));
	text_printf(out, "  %" JSON_INTEGER_FORMAT " connection%s, %.0f %s/s, ", open, plural(open),
		    json_number_value(json_object_get(p, "requests_per_second")), is_tcp ? "connections" : "requests");
	text_printf(out, "mean %s, p99 %s, %" JSON_INTEGER_FORMAT " queued", latency(a, p, "mean"), latency(a, p, "p99"),
		    member_number(p, "queued"));
	text_printf(out, "; in all %" JSON_INTEGER_FORMAT " done, %" JSON_INTEGER_FORMAT " errors, %" JSON_INTEGER_FORMAT " retries\n",
		    member_number(p, "requests"), member_number(p, "errors"), member_number(p, "retries"));
}

static const struct column server_columns[] = {
	{ "server", false }, { "address", false }, { "state", false }, { "weight", true }, { "open", true }, { "pooled", true },
	{ "done", true }, { "failures", true }, { "mean", true }, { "p99", true }, { "estimate", true },
};

static void show_servers(json_t *servers, bool colour, struct arena *a, struct text *out)
{
	const char *name;
	struct table t;
	json_t *s;

	table_init(&t, a, server_columns, ARRAY_LEN(server_columns));
	json_object_foreach(servers, name, s) {
		table_add(&t, TINT_NONE, json_is_true(json_object_get(s, "backup")) ? "%s (backup)" : "%s", name);
		table_add(&t, TINT_NONE, "%s", member_text(s, "address"));
		status_add_state(&t, s);
		add_number(&t, s, "weight");
		add_number(&t, s, "in_flight");
		add_number(&t, s, "pooled");
		add_number(&t, s, "requests");
		add_faults(&t, s, "failures");
		table_add(&t, TINT_NONE, "%s", latency(a, s, "mean"));
		table_add(&t, TINT_NONE, "%s", latency(a, s, "p99"));
		table_add(&t, TINT_NONE, "%s", seconds_text(a, json_object_get(s, "estimate_seconds")));
	}
	table_print(&t, "  ", colour, out);
}

void proxies_show(json_t *proxies, bool colour, struct arena *a, struct text *out)
{
	const char *name;
	json_t *p;

	json_object_foreach(proxies, name, p) {
		show_head(name, p, a, out);
		show_servers(json_object_get(p, "servers"), colour, a, out);
	}
}

/* ---- rates -------------------------------------------------------------------------------------------------------- */

static const struct column rate_columns[] = {
	{ "proxy", false }, { "state", false }, { "requests/s", true }, { "faults/s", true }, { "open", true }, { "queued", true },
	{ "mean", true }, { "p99", true },
};

static void add_rate(struct table *t, json_t *o, const char *name)
{
	json_t *v = json_object_get(o, name);

	if (json_is_real(v))
		table_add(t, TINT_NONE, "%.0f", json_real_value(v));
	else
		table_add(t, TINT_NONE, "-");
}

static void add_latency(struct table *t, json_t *o, struct arena *a)
{
	table_add(t, TINT_NONE, "%s", latency(a, o, "mean"));
	table_add(t, TINT_NONE, "%s", latency(a, o, "p99"));
}

void proxies_show_rates(json_t *proxies, json_t *tick, bool colour, struct arena *a, struct text *out)
{
	const char *proxy, *server;
	struct table t;
	json_t *p, *s;

	table_init(&t, a, rate_columns, ARRAY_LEN(rate_columns));
	json_object_foreach(proxies, proxy, p) {
		json_t *now = json_object_get(tick, proxy), *servers = json_object_get(now, "servers");

		table_add(&t, TINT_NONE, "%s", proxy);
		table_add(&t, TINT_NONE, " ");
		add_rate(&t, now, "requests_per_second");
		add_rate(&t, now, "errors_per_second");
		add_number(&t, p, "connections");
		add_number(&t, p, "queued");
		add_latency(&t, p, a);
		json_object_foreach(json_object_get(p, "servers"), server, s) {
			table_add(&t, TINT_NONE, "%s/%s", proxy, server);
			status_add_state(&t, s);
			add_rate(&t, json_object_get(servers, server), "requests_per_second");
			add_rate(&t, json_object_get(servers, server), "failures_per_second");
			add_number(&t, s, "in_flight");
			table_add(&t, TINT_NONE, " ");
			add_latency(&t, s, a);
		}
	}
	if (json_object_size(proxies) > 0)
		table_print(&t, "  ", colour, out);
}
