/* SPDX-License-Identifier: MIT */
/* Rates are differences of counters over the time that really passed. */
#include "base/base.h"

#include "base/json.h"
#include "cli/tick.h"

static double rounded(double x, unsigned parts)
{
	return (double)(json_int_t)(x * parts + 0.5) / parts;
}

/* How fast a counter grew. One that fell has been started anew. */
static json_t *rate(const struct between *b, json_t *before, json_t *now, const char *name, unsigned factor)
{
	json_t *old = json_object_get(before, name), *new = json_object_get(now, name);

	if (!json_is_integer(old) || !json_is_integer(new))
		return json_null();
	const json_int_t grown = MAX(json_integer_value(new) - json_integer_value(old), (json_int_t)0);
	const double per_second = (double)grown * factor / b->seconds;

	return factor == 1 ? json_real(rounded(per_second, 10)) : json_integer((json_int_t)(per_second + 0.5));
}

static void put_rates(const struct between *b, json_t *before, json_t *now, const char *packets, const char *bytes, json_t *o)
{
	json_put(o, "packets_per_second", rate(b, before, now, packets, 1));
	json_put(o, "rate_bps", rate(b, before, now, bytes, 8));
}

static json_t *copy(json_t *o, const char *name)
{
	json_t *value = json_object_get(o, name);

	return value ? json_incref(value) : json_null();
}

static json_t *path_tick(const struct between *b, json_t *before, json_t *now)
{
	json_t *o = json_own(json_object());

	json_put(o, "state", copy(now, "state"));
	put_rates(b, before, now, "packets", "bytes", o);
	return o;
}

static json_t *member_tick(const struct between *b, json_t *before, json_t *now)
{
	json_t *o = json_own(json_object());

	json_put(o, "share", copy(now, "share"));
	put_rates(b, before, now, "packets", "bytes", o);
	return o;
}

static json_t *each(const struct between *b, json_t *before, json_t *now,
		    json_t *(*tick)(const struct between *b, json_t *before, json_t *now));

static json_t *balance_tick(const struct between *b, json_t *before, json_t *now)
{
	json_t *o = json_own(json_object());

	json_put(o, "paths", each(b, json_object_get(before, "paths"), json_object_get(now, "paths"), member_tick));
	return o;
}

static json_t *shaper_tick(const struct between *b, json_t *before, json_t *now)
{
	json_t *o = json_own(json_object());

	put_rates(b, before, now, "sent_packets", "sent_bytes", o);
	json_put(o, "dropped_per_second", rate(b, before, now, "dropped_packets", 1));
	json_put(o, "backlog_bytes", copy(now, "backlog_bytes"));
	json_put(o, "backlog_packets", copy(now, "backlog_packets"));
	return o;
}

static json_t *each(const struct between *b, json_t *before, json_t *now,
		    json_t *(*tick)(const struct between *b, json_t *before, json_t *now))
{
	json_t *o = json_own(json_object()), *value;
	const char *name;

	json_object_foreach(now, name, value)
		json_put(o, name, tick(b, json_object_get(before, name), value));
	return o;
}

/* Failed requests are those of the proxy, failures those of one server: the names say so, as in status. */
static json_t *server_tick(const struct between *b, json_t *before, json_t *now)
{
	json_t *o = json_own(json_object());

	json_put(o, "state", copy(now, "state"));
	json_put(o, "in_flight", copy(now, "in_flight"));
	json_put(o, "requests_per_second", rate(b, before, now, "requests", 1));
	json_put(o, "failures_per_second", rate(b, before, now, "failures", 1));
	return o;
}

static json_t *proxy_tick(const struct between *b, json_t *before, json_t *now)
{
	json_t *o = json_own(json_object());

	json_put(o, "connections", copy(now, "connections"));
	json_put(o, "queued", copy(now, "queued"));
	json_put(o, "requests_per_second", rate(b, before, now, "requests", 1));
	json_put(o, "errors_per_second", rate(b, before, now, "errors", 1));
	json_put(o, "in_bps", rate(b, before, now, "bytes_in", 8));
	json_put(o, "out_bps", rate(b, before, now, "bytes_out", 8));
	json_put(o, "servers", each(b, json_object_get(before, "servers"), json_object_get(now, "servers"), server_tick));
	return o;
}

static json_t *part_tick(const struct between *b, const char *part,
			 json_t *(*tick)(const struct between *b, json_t *before, json_t *now))
{
	return each(b, json_object_get(b->before, part), json_object_get(b->now, part), tick);
}

json_t *tick_make(const struct between *b)
{
	json_t *o = json_own(json_object());

	json_put(o, "state", copy(b->now, "state"));
	json_put(o, "profile", copy(b->now, "profile"));
	json_put(o, "generation", copy(b->now, "generation"));
	json_put(o, "seconds", b->before ? json_real(rounded(b->seconds, 1000)) : json_null());
	json_put(o, "paths", part_tick(b, "paths", path_tick));
	json_put(o, "balances", part_tick(b, "balances", balance_tick));
	json_put(o, "shapers", part_tick(b, "shapers", shaper_tick));
	json_put(o, "proxies", part_tick(b, "proxies", proxy_tick));
	return o;
}
