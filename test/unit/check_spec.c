/* SPDX-License-Identifier: MIT */
/* The description of an emulated server: every key, its changes with time, and every message. */
#include "base/base.h"

#include "bench/spec.h"
#include "fixture.h"
#include "unit.h"

START_TEST(an_address_alone_is_a_quick_server_of_128_bytes)
{
	struct spec s;

	ck_assert_int_eq(spec_parse("127.0.0.1:9001", &s, arena, &diags), 0);
	ck_assert_uint_eq(s.listen.port, 9001);
	ck_assert_str_eq(s.conf.name, "");
	ck_assert_int_eq(s.conf.reply, REPLY_SIZE);
	ck_assert_uint_eq(s.conf.reply_bytes, 128);
	ck_assert(s.conf.keep && s.conf.fail == FAIL_NONE && s.conf.slots == 0 && !s.conf.record);
	ck_assert_uint_eq(s.conf.share_ppm, 1000000);
	ck_assert_uint_eq(s.n_changes, 0);
}
END_TEST

START_TEST(every_key_is_read)
{
	struct spec s;

	ck_assert_int_eq(spec_parse("[::1]:0,name=A,latency=exp:5ms,scale=0.1,slots=8,reply=size:10kb,keep=no,fail=cut:20,"
				    "share=2.5%,record=seen",
				    &s, arena, &diags), 0);
	ck_assert_uint_eq(s.listen.port, 0);
	ck_assert_int_eq(s.listen.addr.family, AF_INET6);
	ck_assert_str_eq(s.conf.name, "A");
	ck_assert_int_eq(s.conf.latency.law, LATENCY_EXPONENTIAL);
	ck_assert_uint_eq(s.conf.scale_ppm, 100000);
	ck_assert_uint_eq(s.conf.slots, 8);
	ck_assert_uint_eq(s.conf.reply_bytes, 10240);
	ck_assert(!s.conf.keep);
	ck_assert_int_eq(s.conf.fail, FAIL_CUT);
	ck_assert_uint_eq(s.conf.fail_number, 20);
	ck_assert_uint_eq(s.conf.share_ppm, 25000);
	ck_assert_str_eq(s.conf.record, "seen");
}
END_TEST

static const struct {
	const char *text;
	enum reply_kind reply;
	bool raw;
} replies[] = {
	{ "path", REPLY_PATH, false },     { "target", REPLY_TARGET, false }, { "hello", REPLY_HELLO, false },
	{ "fixed58", REPLY_FIXED58, true }, { "file:/srv", REPLY_FILE, true }, { "echo", REPLY_ECHO, true },
};

START_TEST(replies_are_http_or_raw)
{
	char text[64];
	struct spec s;

	(void)snprintf(text, sizeof(text), "127.0.0.1:1,reply=%s", replies[_i].text);
	ck_assert_int_eq(spec_parse(text, &s, arena, &diags), 0);
	ck_assert_int_eq(s.conf.reply, replies[_i].reply);
	ck_assert(spec_is_raw(&s.conf) == replies[_i].raw);
}
END_TEST

static const struct {
	const char *text;
	enum fail_kind fail;
	uint64_t number;
} fails[] = {
	{ "none", FAIL_NONE, 0 },          { "refuse", FAIL_REFUSE, 0 },       { "hang", FAIL_HANG, 0 },
	{ "reset", FAIL_RESET, 0 },        { "cut:0", FAIL_CUT, 0 },           { "reset:100", FAIL_RESET_AFTER, 100 },
	{ "slow:8kbit", FAIL_SLOW, 8000 }, { "garbage", FAIL_GARBAGE, 0 },     { "status:503", FAIL_STATUS, 503 },
};

START_TEST(every_way_to_fail_is_read)
{
	char text[64];
	struct spec s;

	(void)snprintf(text, sizeof(text), "127.0.0.1:1,fail=%s", fails[_i].text);
	ck_assert_int_eq(spec_parse(text, &s, arena, &diags), 0);
	ck_assert_int_eq(s.conf.fail, fails[_i].fail);
	ck_assert_uint_eq(s.conf.fail_number, fails[_i].number);
}
END_TEST

START_TEST(changes_are_in_order_and_each_on_top_of_those_before)
{
	struct spec s;

	ck_assert_int_eq(spec_parse("127.0.0.1:1,at=20s:fail=none,latency=2ms,at=10s:fail=hang,at=10s:scale=10", &s, arena, &diags), 0);
	ck_assert_uint_eq(s.n_changes, 3);
	ck_assert_int_eq(s.conf.fail, FAIL_NONE);
	ck_assert_uint_eq(s.changes[0].at_us, 10000000);
	ck_assert_uint_eq(s.changes[1].at_us, 10000000);
	ck_assert_int_eq(s.changes[1].conf.fail, FAIL_HANG);
	ck_assert_uint_eq(s.changes[1].conf.scale_ppm, 10000000);
	ck_assert_uint_eq(s.changes[2].at_us, 20000000);
	ck_assert_int_eq(s.changes[2].conf.fail, FAIL_NONE);
	ck_assert_uint_eq(s.changes[2].conf.scale_ppm, 10000000);
	ck_assert_uint_eq(s.changes[2].conf.latency.times_us[0], 2000);
}
END_TEST

static const struct {
	const char *text, *message, *hint;
} wrong[] = {
	{ "a:80", "'a:80' is not an address and port", "names are not looked up; write for example 127.0.0.1:9001" },
	{ "127.0.0.1:1,latancy=5ms", "unknown key 'latancy'", "did you mean 'latency'?" },
	{ "127.0.0.1:1,colour=5", "unknown key 'colour'",
	  "there are name, latency, scale, slots, reply, keep, fail, share, record and at" },
	{ "127.0.0.1:1,keep", "'keep' is not key=value", "write for example latency=20ms" },
	{ "127.0.0.1:1,latency=5", "'5' is no value for 'latency'",
	  "0, 20ms, exp:5ms, uniform:5ms:15ms, pareto:2ms:1.5, list:10ms:15ms:20ms, seed-a, seed-b or seed-c" },
	{ "127.0.0.1:1,reply=size", "'size' is no value for 'reply'", "size:128, path, target, hello, fixed58, file:DIR or echo" },
	{ "127.0.0.1:1,fail=cut", "'cut' is no value for 'fail'",
	  "none, refuse, hang, reset, cut:N, reset:N, slow:8kbit, garbage or status:503" },
	{ "127.0.0.1:1,fail=hang:3", "'hang:3' is no value for 'fail'",
	  "none, refuse, hang, reset, cut:N, reset:N, slow:8kbit, garbage or status:503" },
	{ "127.0.0.1:1,share=101%", "'101%' is no value for 'share'", "a percentage, for example 5%" },
	{ "127.0.0.1:1,slots=-1", "'-1' is no value for 'slots'", "a whole number; 0 is without limit" },
	{ "127.0.0.1:1,name=a b", "'a b' is no value for 'name'",
	  "at most 31 printable characters without blank, quote, \\, : and =" },
	{ "127.0.0.1:1,at=5s", "'5s' is no value for 'at'", "write for example at=5s:fail=hang" },
	{ "127.0.0.1:1,at=5s:name=b", "'name' cannot change later", NULL },
	{ "127.0.0.1:1,at=5s:fail=hung", "'hung' is no value for 'fail'",
	  "none, refuse, hang, reset, cut:N, reset:N, slow:8kbit, garbage or status:503" },
	{ "127.0.0.1:1,reply=echo,fail=status:503", "'fail=status' needs an HTTP reply: size, path, target or hello", NULL },
	{ "127.0.0.1:1,share=5%,fail=refuse", "'fail=refuse' takes all connections: it has no share", NULL },
	{ "127.0.0.1:1,share=5%,at=1s:fail=refuse", "'fail=refuse' takes all connections: it has no share", NULL },
};

START_TEST(a_wrong_word_is_named)
{
	struct spec s;

	ck_assert_int_lt(spec_parse(wrong[_i].text, &s, arena, &diags), 0);
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, wrong[_i].message);
	ck_assert_pstr_eq(diags.list[0]->hint, wrong[_i].hint);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_address_alone_is_a_quick_server_of_128_bytes);
	tcase_add_test(tc, every_key_is_read);
	tcase_add_loop_test(tc, replies_are_http_or_raw, 0, ARRAY_LEN(replies));
	tcase_add_loop_test(tc, every_way_to_fail_is_read, 0, ARRAY_LEN(fails));
	tcase_add_test(tc, changes_are_in_order_and_each_on_top_of_those_before);
	tcase_add_loop_test(tc, a_wrong_word_is_named, 0, ARRAY_LEN(wrong));
}
