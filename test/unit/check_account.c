/* SPDX-License-Identifier: MIT */
/* What one exchange adds to the shared page, the log and the samples. */
#include "base/base.h"

#include <fcntl.h>

#include "profile/profile.h"
#include "proxy/account.h"
#include "proxy/log_line.h"
#include "proxy/page.h"
#include "unit.h"

static const struct server_conf servers[] = {
	{ .name = "a", .address.endpoint = { .addr = { AF_INET, { 127, 0, 0, 1 } }, .port = 8081 } },
	{ .name = "b", .address.endpoint = { .addr = { AF_INET6, { [15] = 1 } }, .port = 8082 } },
};
static struct proxy_conf conf;
static struct page *page;
static int file;

static void start(void)
{
	conf = (struct proxy_conf){ .name = "web", .servers = servers, .n_servers = ARRAY_LEN(servers),
				    .method = policies[POLICY_ROUND_ROBIN] };
	page = page_map(page_new(2, ARRAY_LEN(servers), 0));
	ck_assert_ptr_nonnull(page);
	file = fileno(tmpfile());
}

static void stop(void)
{
	page_unmap(page);
	(void)close(file);
}

/* 2026-01-05T10:11:12.345678Z is 1767607872345678 us. */
static const uint64_t t6 = 50000000, offset = 1767607872345678 - 50000000;

static struct exchange good(void)
{
	return (struct exchange){
		.client = { .addr = { AF_INET, { 192, 0, 2, 255 } }, .port = 65535 },
		.method = STR("GET"), .target = STR("/x"), .status = 200, .server_status = 200, .server = 0, .attempts = 1,
		.reused = true, .t1 = t6 - 12000, .t2 = t6 - 11990, .t3 = t6 - 11990, .t4 = t6 - 2000, .t5 = t6 - 1490,
		.t6 = t6, .request_bytes = 100, .response_bytes = 2000, .open = 3, .estimate_us = 777, .end = END_OK,
	};
}

static void expect_line(const struct exchange *e, const char *wanted)
{
	const struct log_line l = { .conf = &conf, .worker = 1, .exchange = e };
	struct log_clock clock = { .offset_us = offset };
	char *line = malloc(log_line_bound(e));
	const size_t n = log_line_write(&l, &clock, line);

	ck_assert_uint_le(n, log_line_bound(e));
	ck_assert_msg(n == strlen(wanted) && memcmp(line, wanted, n) == 0, "got  %.*swanted %s", (int)n, line, wanted);
	free(line);
}

START_TEST(a_line_has_every_column_in_its_order)
{
	const struct exchange e = good();
	const char *header = account_log_header(&conf);
	unsigned columns = 1;

	expect_line(&e, "2026-01-05T10:11:12.345678Z,web,1,192.0.2.255:65535,GET,/x,200,a,1,1,10,0,9990,10500,12000,"
			"100,2000,3,777,ok\r\n");
	while (*header)
		columns += *header++ == ',';
	ck_assert_uint_eq(columns, 20);
}
END_TEST

START_TEST(points_that_were_not_reached_are_empty)
{
	struct exchange e = good();

	e.t2 = e.t3 = e.t4 = e.t5 = 0;
	e.server = -1;
	e.attempts = 0;
	e.reused = false;
	e.status = 503;
	e.estimate_us = -1;
	e.end = END_NO_SERVER;
	e.client.addr = (struct addr){ AF_INET6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 } };
	expect_line(&e, "2026-01-05T10:11:12.345678Z,web,1,[2001:db8::9]:65535,GET,/x,503,,0,0,,,,,12000,"
			"100,2000,,,no-server\r\n");
}
END_TEST

START_TEST(a_target_with_commas_and_quotes_is_quoted)
{
	struct exchange e = good();

	e.target = STR("/a,\"b\"");
	expect_line(&e, "2026-01-05T10:11:12.345678Z,web,1,192.0.2.255:65535,GET,\"/a,\"\"b\"\"\",200,a,1,1,10,0,9990,"
			"10500,12000,100,2000,3,777,ok\r\n");
}
END_TEST

static const struct {
	enum policy_kind method;
	uint64_t answer_us, late_us;
	const char *line;
} seed_rows[] = {
	{ POLICY_ROUND_ROBIN, 10500, 0, "2026-01-05T10:11:12.345678,http://127.0.0.1:8081,10,200,round-robin\r\n" },
	{ POLICY_SMA, 11500, 0, "2026-01-05T10:11:12.345678,http://127.0.0.1:8081,12,200,adaptive_sma\r\n" },
	{ POLICY_EWMA, 10501, 0, "2026-01-05T10:11:12.345678,http://127.0.0.1:8081,11,200,adaptive_ewma\r\n" },
	{ POLICY_RANDOM_TWO, 10499, 654322, "2026-01-05T10:11:13,http://127.0.0.1:8081,10,200,random-two\r\n" },
};

START_TEST(the_seeds_columns_are_the_seeds)
{
	struct exchange e = good();

	setenv("TZ", "UTC", 1);
	conf.log_seed = true;
	conf.method = policies[seed_rows[_i].method];
	e.t6 += seed_rows[_i].late_us;
	e.t5 = e.t2 + seed_rows[_i].answer_us;
	expect_line(&e, seed_rows[_i].line);
	ck_assert_str_eq(account_log_header(&conf), "timestamp,backend_url,latency_ms,status_code,routing_mode\r\n");
}
END_TEST

static size_t file_size(void)
{
	return (size_t)lseek(file, 0, SEEK_END);
}

START_TEST(lines_wait_until_the_tick)
{
	struct account *a = account_new(&conf, 1, page, file);
	const struct exchange e = good();

	account_done(a, &e);
	ck_assert_uint_eq(file_size(), 0);
	account_tick(a, 1000000);
	ck_assert_uint_gt(file_size(), 80);
	ck_assert_uint_eq(page_worker(page, 1)->heartbeat, 1);
	free(a);
}
END_TEST

START_TEST(the_seeds_log_leaves_out_what_reached_no_server)
{
	struct exchange e = good();
	struct account *a;

	conf.log_seed = true;
	a = account_new(&conf, 0, page, file);
	e.server = -1;
	account_done(a, &e);
	account_flush(a);
	ck_assert_uint_eq(file_size(), 0);
	free(a);
}
END_TEST

/* A pipe takes a part of what waits: the line that was begun is finished later, the others are lost and counted. */
START_TEST(a_full_log_loses_whole_lines_and_counts_them)
{
	enum { LINES = 100 };
	struct exchange e = good();
	struct account *a;
	unsigned lines = 0;
	char got[65536];
	ssize_t n;
	int p[2];

	ck_assert_int_eq(pipe2(p, O_NONBLOCK), 0);
	ck_assert_int_eq(fcntl(p[1], F_SETPIPE_SZ, 4096), 4096);
	a = account_new(&conf, 0, page, p[1]);
	for (unsigned i = 0; i < LINES; i++)
		account_done(a, &e);
	account_flush(a);
	n = read(p[0], got, sizeof(got));
	ck_assert_int_eq(n, 4096);
	account_done(a, &e);
	account_flush(a);
	n += read(p[0], got + n, sizeof(got) - (size_t)n);
	for (ssize_t i = 0; i < n; i++)
		lines += got[i] == '\n';
	ck_assert_int_eq(n % lines, 0);                 /* whole lines of one length */
	ck_assert_uint_eq(lines + page_worker(page, 0)->log_lost, LINES + 1);
	free(a);
}
END_TEST

START_TEST(a_log_that_takes_nothing_is_no_hindrance)
{
	const int full = open("/dev/full", O_WRONLY);
	struct account *a = account_new(&conf, 0, page, full);
	const struct exchange e = good();

	for (unsigned i = 0; i < 2000; i++)
		account_done(a, &e);
	account_reopen(a, file);
	ck_assert_uint_eq(page_worker(page, 0)->log_lost, 2000);
	account_done(a, &e);
	account_flush(a);
	ck_assert_uint_lt(file_size(), 200);
	free(a);
}
END_TEST

static const struct {
	unsigned status, server_status;
	enum exchange_end end;
	unsigned errors;
} error_rows[] = {
	{ 200, 200, END_OK, 0 }, { 503, 503, END_OK, 0 }, { 503, 0, END_NO_SERVER, 1 }, { 502, 0, END_SERVER_CLOSED, 1 },
	{ 504, 0, END_RESPONSE_TIMEOUT, 1 }, { 400, 0, END_BAD_REQUEST, 0 }, { 200, 200, END_SERVER_CUT, 1 },
	{ 0, 0, END_BAD_TLS, 1 }, { 0, 0, END_CLIENT_GONE, 0 }, { 0, 0, END_CONNECT_FAILED, 1 },
	{ 0, 0, END_CONNECT_TIMEOUT, 1 }, { 0, 0, END_NO_SERVER, 1 }, { 0, 0, END_QUEUE_TIMEOUT, 1 }, { 0, 0, END_IDLE, 0 },
};

START_TEST(errors_are_those_made_here_and_cut_answers)
{
	struct account *a = account_new(&conf, 0, page, -1);
	struct exchange e = good();

	e.status = error_rows[_i].status;
	e.server_status = error_rows[_i].server_status;
	e.end = error_rows[_i].end;
	account_done(a, &e);
	ck_assert_uint_eq(page_worker(page, 0)->errors, error_rows[_i].errors);
	ck_assert_uint_eq(page_worker(page, 0)->requests, 1);
	if (e.status)
		ck_assert_uint_eq(page_worker(page, 0)->responses[e.status / 100], 1);
	free(a);
}
END_TEST

START_TEST(an_exchange_counts_for_worker_and_server)
{
	struct account *a = account_new(&conf, 1, page, -1);
	const struct exchange e = good();

	account_done(a, &e);
	account_failure(a, 1);
	account_retry(a);
	account_bytes(a, 5, 7);
	ck_assert_uint_eq(page_worker(page, 1)->total.count, 1);
	ck_assert_uint_eq(page_worker(page, 1)->total.sum_us, 12000);
	ck_assert_uint_eq(page_share(page, 1, 0)->requests, 1);
	ck_assert_uint_eq(page_share(page, 1, 0)->answer.sum_us, 10500);
	ck_assert_uint_eq(page_share(page, 1, 1)->failures, 1);
	ck_assert_uint_eq(page_worker(page, 1)->retries, 1);
	ck_assert_uint_eq(page_worker(page, 1)->bytes_in, 5);
	ck_assert_uint_eq(page_worker(page, 1)->bytes_out, 7);
	ck_assert_uint_eq(page_worker(page, 0)->requests, 0);
	free(a);
}
END_TEST

/* 1000 a second: every fifth of them, and 25 failures more (two workers share the 50). */
START_TEST(samples_thin_out_with_the_rate)
{
	struct account *a = account_new(&conf, 0, page, -1);
	struct exchange e = good();
	uint64_t before;

	account_tick(a, 1000000);
	for (unsigned i = 0; i < 1000; i++)
		account_done(a, &e);
	ck_assert_uint_eq(page->samples_seq, 1000);
	account_tick(a, 2000000);
	before = page->samples_seq;
	for (unsigned i = 0; i < 1000; i++)
		account_done(a, &e);
	ck_assert_uint_eq(page->samples_seq - before, 200);
	account_tick(a, 3000000);
	before = page->samples_seq;
	e.end = END_SERVER_CUT;
	for (unsigned i = 0; i < 1000; i++)
		account_done(a, &e);
	ck_assert_uint_eq(page->samples_seq - before, 225);
	ck_assert_str_eq(page->samples[page->samples_seq % PAGE_SAMPLES].end, "server-cut");
	ck_assert_uint_eq(page->samples[page->samples_seq % PAGE_SAMPLES].seq, page->samples_seq);
	free(a);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, a_line_has_every_column_in_its_order);
	tcase_add_test(tc, points_that_were_not_reached_are_empty);
	tcase_add_test(tc, a_target_with_commas_and_quotes_is_quoted);
	tcase_add_loop_test(tc, the_seeds_columns_are_the_seeds, 0, ARRAY_LEN(seed_rows));
	tcase_add_test(tc, lines_wait_until_the_tick);
	tcase_add_test(tc, the_seeds_log_leaves_out_what_reached_no_server);
	tcase_add_test(tc, a_full_log_loses_whole_lines_and_counts_them);
	tcase_add_test(tc, a_log_that_takes_nothing_is_no_hindrance);
	tcase_add_loop_test(tc, errors_are_those_made_here_and_cut_answers, 0, ARRAY_LEN(error_rows));
	tcase_add_test(tc, an_exchange_counts_for_worker_and_server);
	tcase_add_test(tc, samples_thin_out_with_the_rate);
}
