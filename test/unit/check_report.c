/* SPDX-License-Identifier: MIT */
/* Lines of members as parts of the status. */
#include "base/base.h"

#include "daemon/report.h"
#include "unit.h"

static json_t *proxies;

static void setup(void)
{
	proxies = json_object();
}

static void teardown(void)
{
	json_decref(proxies);
}

static void hear(const char *text)
{
	struct line l;

	ck_assert_int_eq(line_parse(str_of(text), &l, NULL), 0);
	report_add(proxies, &l);
}

/* The value at names joined by dots, as JSON; "nothing" where there is none. */
static const char *at(const char *path)
{
	static char buf[256];
	json_t *o = proxies;

	for (const char *p = path; o && *p; p += strcspn(p, "."), p += *p == '.')
		o = json_object_getn(o, p, strcspn(p, "."));
	auto_free char *s = o ? json_dumps(o, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

	(void)snprintf(buf, sizeof(buf), "%s", s ? s : "nothing");
	return buf;
}

START_TEST(a_proxy_is_what_it_reports)
{
	hear("report kind=proxy name=web seq=1 mono_us=9 mode=http method=adaptive workers=2 listen=0.0.0.0:9090,[::]:9090 pid=8 "
	     "connections=4 queued=0 requests=10 errors=1 retries=2 r1xx=0 r2xx=9 r3xx=0 r4xx=0 r5xx=1 rate=5 mean_us=1500 "
	     "p50_us=1000 p95_us=2000 p99_us=- bytes_in=7 bytes_out=8 idle_servers=1 cpu_us=250000 clients=3 later=1");
	ck_assert_str_eq(at("web.mode"), "\"http\"");
	ck_assert_str_eq(at("web.listen"), "[\"0.0.0.0:9090\",\"[::]:9090\"]");
	ck_assert_str_eq(at("web.responses.5xx"), "1");
	ck_assert_str_eq(at("web.requests_per_second"), "5");
	ck_assert_str_eq(at("web.latency_seconds.mean"), "0.0015");
	ck_assert_str_eq(at("web.latency_seconds.p99"), "null");
	ck_assert_str_eq(at("web.cpu_seconds"), "0.25");
	ck_assert_str_eq(at("web.servers"), "{}");
	ck_assert_str_eq(at("web.later"), "nothing");
}
END_TEST

START_TEST(a_server_stands_in_its_proxy)
{
	hear("report kind=proxy name=web mode=tcp listen=-");
	hear("report kind=server name=a proxy=web state=draining reason=hand held=1 address=[::1]:80 weight=5 backup=0 open=3 pooled=0 "
	     "requests=10 failures=0 estimate_us=2500000 mean_us=-");
	ck_assert_str_eq(at("web.servers.a.state"), "\"draining\"");
	ck_assert_str_eq(at("web.servers.a.held"), "true");
	ck_assert_str_eq(at("web.servers.a.backup"), "false");
	ck_assert_str_eq(at("web.servers.a.in_flight"), "3");
	ck_assert_str_eq(at("web.servers.a.estimate_seconds"), "2.5");
	ck_assert_str_eq(at("web.servers.a.latency_seconds.mean"), "null");
	ck_assert_str_eq(at("web.listen"), "[]");
	hear("report kind=server name=a proxy=web state=up reason=- held=0");
	ck_assert_str_eq(at("web.servers.a.reason"), "null");
	ck_assert_uint_eq(json_object_size(json_object_get(json_object_get(proxies, "web"), "servers")), 1);
}
END_TEST

START_TEST(a_report_keeps_the_servers_of_its_proxy)
{
	hear("report kind=proxy name=web mode=http requests=1");
	hear("report kind=server name=a proxy=web state=up");
	hear("report kind=proxy name=web mode=http requests=2");
	ck_assert_str_eq(at("web.requests"), "2");
	ck_assert_str_eq(at("web.servers.a.state"), "\"up\"");
}
END_TEST

static const char *const strange[] = {
	"report kind=proxy mode=http",
	"report kind=proxy name=Web mode=http",
	"report kind=proxy name=\"a.b\" mode=http",
	"report kind=proxy name=web mode=udp",
	"report kind=proxy name=web",
	"report kind=server name=a proxy=other state=up",
	"report kind=server name=a state=up",
	"report kind=histogram proxy=web server=- part=1 of=1 buckets=1:2",
	"report name=web",
	"event kind=proxy name=web mode=http",
	"hello kind=proxy name=web mode=http",
};

START_TEST(what_no_proxy_would_say_changes_nothing)
{
	hear(strange[_i]);
	ck_assert_uint_eq(json_object_size(proxies), 0);
}
END_TEST

START_TEST(a_server_without_a_good_state_is_left_out)
{
	hear("report kind=proxy name=web mode=http");
	hear("report kind=server name=a proxy=web state=broken");
	hear("report kind=server name=b proxy=web");
	ck_assert_str_eq(at("web.servers"), "{}");
}
END_TEST

START_TEST(numbers_beyond_what_json_can_hold_are_null)
{
	hear("report kind=proxy name=web mode=http requests=18446744073709551615 errors=-1 retries=99999999999999999999 queued=many");
	ck_assert_str_eq(at("web.requests"), "null");
	ck_assert_str_eq(at("web.errors"), "null");
	ck_assert_str_eq(at("web.retries"), "null");
	ck_assert_str_eq(at("web.queued"), "null");
}
END_TEST

START_TEST(no_more_are_kept_than_a_profile_may_have)
{
	char text[128];

	for (int i = 0; i < 2000; i++) {
		(void)snprintf(text, sizeof(text), "report kind=proxy name=p%d mode=http", i);
		hear(text);
		(void)snprintf(text, sizeof(text), "report kind=server name=s%d proxy=p0 state=up", i);
		hear(text);
	}
	ck_assert_uint_eq(json_object_size(proxies), REPORT_PROXIES);
	ck_assert_uint_eq(json_object_size(json_object_get(json_object_get(proxies, "p0"), "servers")), REPORT_SERVERS);
}
END_TEST

static const struct {
	const char *line, *event;
} events[] = {
	{ "event time=2026-01-05T10:11:12Z kind=server proxy=web name=a from=up to=down reason=health more=1",
	  "{\"time\":\"2026-01-05T10:11:12Z\",\"kind\":\"server\",\"name\":\"web/a\",\"from\":\"up\",\"to\":\"down\","
	  "\"reason\":\"health\"}" },
	{ "event time=2026-01-05T10:11:12Z kind=reload proxy=- name=web from=- to=- reason=\"a \\\"b\\\"\"",
	  "{\"time\":\"2026-01-05T10:11:12Z\",\"kind\":\"reload\",\"name\":\"web\",\"from\":null,\"to\":null,"
	  "\"reason\":\"a \\\"b\\\"\"}" },
	{ "event time=2026-01-05T10:11:12Z kind=queue-full proxy=web",
	  "{\"time\":\"2026-01-05T10:11:12Z\",\"kind\":\"queue-full\",\"name\":\"web\",\"from\":null,\"to\":null,\"reason\":null}" },
	{ "event kind=server proxy=web", NULL },
	{ "event time=2026-01-05T10:11:12Z proxy=web", NULL },
	{ "report time=2026-01-05T10:11:12Z kind=server proxy=web", NULL },
};

START_TEST(an_event_names_a_server_as_orders_do)
{
	struct line l;

	ck_assert_int_eq(line_parse(str_of(events[_i].line), &l, NULL), 0);
	json_t *event = report_event(&l);
	auto_free char *s = event ? json_dumps(event, JSON_COMPACT) : NULL;

	if (events[_i].event)
		ck_assert_str_eq(s, events[_i].event);
	else
		ck_assert_ptr_null(event);
	json_decref(event);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_proxy_is_what_it_reports);
	tcase_add_test(tc, a_server_stands_in_its_proxy);
	tcase_add_test(tc, a_report_keeps_the_servers_of_its_proxy);
	tcase_add_loop_test(tc, what_no_proxy_would_say_changes_nothing, 0, ARRAY_LEN(strange));
	tcase_add_test(tc, a_server_without_a_good_state_is_left_out);
	tcase_add_test(tc, numbers_beyond_what_json_can_hold_are_null);
	tcase_add_test(tc, no_more_are_kept_than_a_profile_may_have);
	tcase_add_loop_test(tc, an_event_names_a_server_as_orders_do, 0, ARRAY_LEN(events));
}
