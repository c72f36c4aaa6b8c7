/* SPDX-License-Identifier: MIT */
/* Small parts of the master: the command line, events, datagrams to the service manager, sums, histograms in lines, delays
 * of workers and checks, what descriptors allow. */
#include "base/base.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/line.h"
#include "fixture.h"
#include "proxy/check.h"
#include "proxy/child.h"
#include "proxy/event.h"
#include "proxy/notify.h"
#include "proxy/options.h"
#include "proxy/page.h"
#include "proxy/report.h"
#include "proxy/rights.h"
#include "proxy/tally.h"
#include "unit.h"

/* ---- command line ---------------------------------------------------------------------------------------------------- */

static int parse(struct options *o, const char *const *words)
{
	char *argv[16] = { (char *)"nlbc-proxy" };
	int n = 1;

	while (words[n - 1]) {
		argv[n] = (char *)words[n - 1];
		n++;
	}
	return options_parse(o, n, argv, arena, &diags);
}

START_TEST(options_stand_anywhere)
{
	struct options o;

	ck_assert_int_eq(parse(&o, (const char *[]){ "--name", "a", "x.prof", "--name=b", "--role=r", "--socket", "s", "-v", NULL }), 0);
	ck_assert_str_eq(o.file, "x.prof");
	ck_assert_uint_eq(o.n_names, 2);
	ck_assert_str_eq(o.names[1], "b");
	ck_assert_str_eq(o.role, "r");
	ck_assert_str_eq(o.socket, "s");
	ck_assert_ptr_null(o.report);
	ck_assert(o.verbose && !o.quiet);
	ck_assert_int_eq(parse(&o, (const char *[]){ "-", NULL }), 0);
	ck_assert_str_eq(o.file, "-");
	ck_assert_int_eq(parse(&o, (const char *[]){ "--", "--x", NULL }), 0);
	ck_assert_str_eq(o.file, "--x");
}
END_TEST

static const struct {
	const char *words[5], *said;
} wrong[] = {
	{ { NULL }, "FILE is missing" },
	{ { "a", "b", NULL }, "unexpected 'b'" },
	{ { "a", "-x", NULL }, "unknown option '-x'" },
	{ { "a", "--nam", "b", NULL }, "unknown option '--nam'" },
	{ { "a", "--name", NULL }, "'--name' needs a value" },
	{ { "a", "--role=", NULL }, "'--role' needs a value" },
	{ { "a", "--quiet=1", NULL }, "'--quiet' takes no value" },
	{ { "a", "--socket=x", "--socket=y", NULL }, "'--socket' is given twice" },
	{ { "a", "-q", "-v", NULL }, "'--quiet' and '--verbose' exclude each other" },
};

START_TEST(a_wrong_command_line_is_told)
{
	struct options o;

	ck_assert_int_eq(parse(&o, wrong[_i].words), -EINVAL);
	ck_assert_uint_eq(diags.n_errors, 1);
	ck_assert_str_eq(diags.list[0]->text, wrong[_i].said);
}
END_TEST

/* ---- events ---------------------------------------------------------------------------------------------------------- */

START_TEST(an_event_is_a_line)
{
	const struct event e = { .kind = "worker", .proxy = "web", .name = "0", .from = "draining", .to = "ended",
				 .reason = "cut", .count_key = "cut", .count = 5 };
	auto_text struct text t = { 0 };

	event_print(&t, &e, 1);
	ck_assert_str_eq(text_get(&t), "event time=1970-01-01T00:00:01Z kind=worker proxy=web name=0 from=draining to=ended "
				       "reason=cut cut=5\n");
}
END_TEST

START_TEST(what_a_worker_says_gets_time_and_proxy)
{
	auto_text struct text t = { 0 };
	struct line said;

	ck_assert_int_eq(line_parse(STR("event kind=queue-full proxy=lie worker=3 time=never reason=\"a b\""), &said, NULL), 0);
	event_pass_on(&t, &said, "web", 1);
	ck_assert_str_eq(text_get(&t), "event time=1970-01-01T00:00:01Z kind=queue-full proxy=web name=- from=- to=- "
				       "reason=\"a b\" worker=3\n");
}
END_TEST

/* ---- service manager ------------------------------------------------------------------------------------------------- */

START_TEST(the_service_manager_hears_lines)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char name[64], heard[64] = "";
	struct notify n;

	/* An abstract address: no file is left. */
	(void)snprintf(name, sizeof(name), "@nlbc-check-%ld", (long)getpid());
	memcpy(at.sun_path, name, strlen(name));
	at.sun_path[0] = '\0';
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))), 0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", name, 1), 0);
	ck_assert_int_eq(setenv("WATCHDOG_USEC", "3000000", 1), 0);
	ck_assert_int_eq(setenv("WATCHDOG_PID", "1", 1), 0);
	notify_init(&n);
	ck_assert_uint_eq(n.watchdog_us, 0);    /* another process is meant */
	ck_assert_ptr_null(getenv("WATCHDOG_PID"));
	(void)close(n.fd);
	notify_init(&n);
	ck_assert_uint_eq(n.watchdog_us, 1500000);
	notify_send(&n, "STATUS=%d\n", 7);
	ck_assert_int_gt(recv(fd, heard, sizeof(heard) - 1, 0), 0);
	ck_assert_str_eq(heard, "STATUS=7\n");
	(void)close(n.fd);
}
END_TEST

START_TEST(without_a_service_manager_nothing_is_sent)
{
	struct notify n;

	ck_assert_int_eq(unsetenv("NOTIFY_SOCKET"), 0);
	notify_init(&n);
	ck_assert_int_eq(n.fd, -1);
	notify_send(&n, "READY=1\n");
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", "relative", 1), 0);
	notify_init(&n);
	ck_assert_int_eq(n.fd, -1);
}
END_TEST

/* ---- sums ------------------------------------------------------------------------------------------------------------ */

START_TEST(the_last_ten_seconds_are_a_difference)
{
	struct tally *t = tally_new(0);

	ck_assert_int_eq(tally_recent(t).mean_us, -1);
	for (uint64_t second = 1; second <= 15; second++) {
		t->gone.requests += 100;
		histogram_add(&t->gone.times, second <= 5 ? 10 : 50);
		tally_begin(t);
		tally_turn(t, second * 1000000);
		ck_assert_uint_eq(tally_recent(t).rate, 100);
	}
	/* Those of the first five seconds are over. */
	ck_assert_int_eq(tally_recent(t).mean_us, 50);
	ck_assert_int_eq(tally_recent(t).p50_us, 50);
	ck_assert_uint_eq(t->n_sums, TALLY_SUMS);
	tally_restart(t, 16000000);
	ck_assert_uint_eq(tally_recent(t).rate, 0);
	ck_assert_int_eq(tally_recent(t).p99_us, -1);
	tally_drop(t);
}
END_TEST

START_TEST(what_is_gone_counts_on)
{
	auto_close int fd = page_new(1, 1, 0);
	struct page *p = page_map(fd);
	struct tally *t = tally_new(0);

	page_worker(p, 0)->requests = 7;
	page_worker(p, 0)->responses[2] = 6;
	page_worker(p, 0)->connections = 2;
	histogram_add(&page_worker(p, 0)->total, 30);
	count_add_worker(&t->gone, page_worker(p, 0));
	tally_begin(t);
	count_add_worker(&t->now, page_worker(p, 0));
	ck_assert_uint_eq(t->now.requests, 14);
	ck_assert_uint_eq(t->now.responses[2], 12);
	ck_assert_uint_eq(t->now.times.count, 2);
	page_unmap(p);
	ck_assert_ptr_eq(tally_hold(t), t);
	tally_drop(t);
	ck_assert_uint_eq(t->now.requests, 14);
	tally_drop(t);
}
END_TEST

/* ---- histograms in lines --------------------------------------------------------------------------------------------- */

static uint64_t add_histogram(const struct histogram *h, struct text *out)
{
	uint64_t seq = 0;
	const struct report r = { .out = out, .mono_us = UINT64_MAX, .seq = &seq };

	report_histogram(&r, "a-proxy-of-a-name-as-long-as-names-may-be", "a-server", h);
	return seq;
}

START_TEST(a_histogram_is_whole_in_lines_that_fit)
{
	struct histogram h = { 0 };
	auto_text struct text t = { 0 };
	uint64_t parts = 0, buckets = 0;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		h.buckets[i] = UINT32_MAX;
	const uint64_t lines = add_histogram(&h, &t);

	for (const char *at = text_get(&t), *end; (end = strchr(at, '\n')); at = end + 1) {
		struct line l;
		uint64_t part = 0, of = 0;

		ck_assert_int_eq(line_parse((struct str){ at, (size_t)(end - at) }, &l, NULL), 0);
		ck_assert_int_eq(line_number(&l, "part", &part), 0);
		ck_assert_int_eq(line_number(&l, "of", &of), 0);
		ck_assert_uint_eq(part, ++parts);
		ck_assert_uint_eq(of, lines);
		for (const char *p = at; p < end; p++)
			buckets += *p == ':';
	}
	ck_assert_uint_eq(parts, lines);
	ck_assert_uint_eq(buckets, HISTOGRAM_BUCKETS);
}
END_TEST

static const unsigned used[] = { 0, 1, 199, 200, 201, 400, 401 };

START_TEST(no_line_of_a_histogram_is_empty_but_the_only_one)
{
	struct histogram h = { 0 };
	auto_text struct text t = { 0 };

	for (size_t i = 0; i < used[_i]; i++)
		h.buckets[i] = 1;
	ck_assert_uint_eq(add_histogram(&h, &t), used[_i] ? (used[_i] + 199) / 200 : 1);
	ck_assert(!strstr(text_get(&t), "buckets=-") == (used[_i] > 0));
}
END_TEST

/* ---- delays and limits ----------------------------------------------------------------------------------------------- */

START_TEST(a_worker_that_dies_again_waits_longer)
{
	static const uint64_t delays_ms[] = { 0, 0, 100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000 };

	for (unsigned i = 0; i < ARRAY_LEN(delays_ms); i++)
		ck_assert_uint_eq(child_delay_us(i), delays_ms[i] * 1000);
	ck_assert_uint_eq(child_delay_us(UINT32_MAX), 10000000);
}
END_TEST

START_TEST(checks_are_spread_over_the_interval)
{
	/* The first round within a second, then evenly. */
	ck_assert_uint_eq(check_due_us(8000000, 0, 4, 0), 0);
	ck_assert_uint_eq(check_due_us(8000000, 3, 4, 0), 750000);
	ck_assert_uint_eq(check_due_us(8000000, 0, 4, 1), 8000000);
	ck_assert_uint_eq(check_due_us(8000000, 3, 4, 1), 14000000);
	ck_assert_uint_eq(check_due_us(8000000, 3, 4, 2), 22000000);
	ck_assert_uint_eq(check_due_us(200000, 1, 2, 0), 100000);
}
END_TEST

START_TEST(descriptors_bound_connections)
{
	ck_assert_uint_eq(files_connections(1 << 20, 10000, 4), 10000);
	ck_assert_uint_eq(files_connections(1024, 10000, 1), 480);
	ck_assert_uint_eq(files_connections(1024, 10000, 4), 1920);
	ck_assert_uint_eq(files_connections(1024, 400, 1), 400);
	ck_assert_uint_eq(files_connections(20, 400, 2), 2);    /* one for each worker at least */
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, options_stand_anywhere);
	tcase_add_loop_test(tc, a_wrong_command_line_is_told, 0, (int)ARRAY_LEN(wrong));
	tcase_add_test(tc, an_event_is_a_line);
	tcase_add_test(tc, what_a_worker_says_gets_time_and_proxy);
	tcase_add_test(tc, the_service_manager_hears_lines);
	tcase_add_test(tc, without_a_service_manager_nothing_is_sent);
	tcase_add_test(tc, the_last_ten_seconds_are_a_difference);
	tcase_add_test(tc, what_is_gone_counts_on);
	tcase_add_test(tc, a_histogram_is_whole_in_lines_that_fit);
	tcase_add_loop_test(tc, no_line_of_a_histogram_is_empty_but_the_only_one, 0, (int)ARRAY_LEN(used));
	tcase_add_test(tc, a_worker_that_dies_again_waits_longer);
	tcase_add_test(tc, checks_are_spread_over_the_interval);
	tcase_add_test(tc, descriptors_bound_connections);
}
