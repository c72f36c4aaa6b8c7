/* SPDX-License-Identifier: MIT */
/* Profiles out of the tree: canonical blocks, the JSON twin byte for byte, the digest, and that both read again. */
#include "base/base.h"

#include <glob.h>

#include "base/arena.h"
#include "base/text.h"
#include "profile/profile.h"
#include "roundtrip.h"
#include "unit.h"

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	arena_free(arena);
}

static const struct profile *read_profile(const char *text)
{
	struct diags d;

	diags_init(&d, arena);
	const struct profile *p = profile_read_text("x.prof", str_of(text), NULL, arena, &d);

	ck_assert_msg(p != NULL, "%s:\n%s", d.n ? d.list[0]->text : "nothing told", text);
	return p;
}

static void blocks_must_be(const char *in, const char *expected)
{
	auto_text struct text out = { 0 };

	profile_print(read_profile(in), &out);
	ck_assert_str_eq(text_get(&out), expected);
	ck_assert(roundtrip(str_of(in)));
}

static void twin_must_be(const char *in, const char *expected)
{
	auto_text struct text out = { 0 };

	profile_print_json(read_profile(in), 0, &out);
	ck_assert_str_eq(text_get(&out), expected);
	ck_assert(roundtrip(str_of(in)));
	ck_assert(roundtrip(str_of(expected)));
}

static const char wan[] =
	"nlbc 1; profile wan; define lan = 10.20.0.0/16; interface lan { device eth0 }\n"
	"interface up { device eth1; shaper { rate 20mbit; queue fq_codel target 10ms } }\n"
	"path fibre { via 203.0.113.1; interface up; probe ping 192.0.2.53 interval 2s }; path dsl { interface up; weight 2 }\n"
	"balance out { in lan; from $lan; method per-flow on addresses; path fibre; path dsl weight 1 backup }\n";

START_TEST(blocks_come_in_canonical_layout_with_variables_replaced)
{
	blocks_must_be(wan, "nlbc 1\n"
			    "profile wan\n"
			    "\n"
			    "interface lan { device eth0 }\n"
			    "interface up  { device eth1; shaper { rate 20mbit; queue fq_codel target 10ms } }\n"
			    "\n"
			    "path fibre { via 203.0.113.1; interface up; probe ping 192.0.2.53 interval 2s }\n"
			    "path dsl   { interface up; weight 2 }\n"
			    "\n"
			    "balance out {\n"
			    "    in     lan\n"
			    "    from   10.20.0.0/16\n"
			    "    method per-flow on addresses\n"
			    "    path   fibre\n"
			    "    path   dsl weight 1 backup\n"
			    "}\n");
}
END_TEST

START_TEST(the_twin_is_that_of_the_specification)
{
	twin_must_be(wan, "{\"nlbc\":1,\"profile\":\"wan\","
			  "\"interface\":{\"lan\":{\"device\":\"eth0\"},\"up\":{\"device\":\"eth1\",\"shaper\":{\"rate\":\"20mbit\","
			  "\"queue\":{\"what\":\"fq_codel\",\"target\":\"10ms\"}}}},"
			  "\"path\":{\"dsl\":{\"interface\":\"up\",\"weight\":2},\"fibre\":{\"interface\":\"up\","
			  "\"via\":[\"203.0.113.1\"],\"probe\":[{\"kind\":\"ping\",\"target\":\"192.0.2.53\",\"interval\":\"2s\"}]}},"
			  "\"path-order\":[\"fibre\",\"dsl\"],"
			  "\"balance\":{\"out\":{\"in\":[\"lan\"],\"from\":[\"10.20.0.0/16\"],\"method\":{\"value\":\"per-flow\","
			  "\"on\":\"addresses\"},\"path\":[\"fibre\",{\"name\":\"dsl\",\"weight\":1,\"backup\":true}]}}}");
}
END_TEST

START_TEST(the_indented_twin_has_two_blanks_a_level_and_ends_its_line)
{
	auto_text struct text out = { 0 };

	profile_print_json(read_profile("nlbc 1; profile a; web { listen 127.0.0.1:80 }"), 2, &out);
	ck_assert_str_eq(text_get(&out), "{\n  \"nlbc\": 1,\n  \"profile\": \"a\",\n  \"web\": {\n    \"listen\": [\n"
					 "      \"127.0.0.1:80\"\n    ]\n  }\n}\n");
}
END_TEST

START_TEST(words_are_quoted_where_they_must_be_and_only_there)
{
	blocks_must_be("nlbc 1; profile \"a\"; description \"\"; sysctl \"net.a\" \"{\"; sysctl net.b \"x \\\" \\\\ y\";"
		       "sysctl net.c \"$x\"; sysctl net.d \"é\"; sysctl net.e \"x\"",
		       "nlbc 1\nprofile a\ndescription \"\"\nsysctl net.a \"{\"\nsysctl net.b \"x \\\" \\\\ y\"\n"
		       "sysctl net.c \"$x\"\nsysctl net.d \"é\"\nsysctl net.e x\n");
}
END_TEST

/* Every row of section 7's rules; what stands before and after it is the same for all. */
static const struct {
	const char *what, *in, *twin;
} forms[] = {
	{ "one value stands alone", "kernel { target nft }", "\"kernel\":{\"target\":\"nft\"}" },
	{ "an empty block is an empty object", "kernel { }", "\"kernel\":{}" },
	{ "a whole number in hex is a number", "kernel { mark-mask 0xff0000 }", "\"kernel\":{\"mark-mask\":16711680}" },
	{ "a repeated keyword is an array, also of one", "sysctl net.a 1",
	  "\"sysctl\":[{\"name\":\"net.a\",\"value\":\"1\"}]" },
	{ "values of several statements are one array",
	  "web { listen 127.0.0.1:80; host a; host b c; token /t }",
	  "\"web\":{\"listen\":[\"127.0.0.1:80\"],\"host\":[\"a\",\"b\",\"c\"],\"token\":\"/t\"}" },
	{ "members stand in table order", "web { changes off; listen 127.0.0.1:80; metrics on }",
	  "\"web\":{\"listen\":[\"127.0.0.1:80\"],\"metrics\":true,\"changes\":false}" },
	{ "a flag is true, a choice among types a string",
	  "interface a { replace-qdisc; device b }; path p { interface a; table main; via auto }; balance o { in a; path p }",
	  "\"interface\":{\"a\":{\"device\":\"b\",\"replace-qdisc\":true}},"
	  "\"path\":{\"p\":{\"interface\":\"a\",\"via\":[\"auto\"],\"table\":\"main\"}},"
	  "\"balance\":{\"o\":{\"in\":[\"a\"],\"path\":[\"p\"]}}" },
	{ "units stay as written", "interface a { device b; shaper { rate 1000kbit; burst 0.5mb; quantum 1600; queue 20ms } }",
	  "\"interface\":{\"a\":{\"device\":\"b\",\"shaper\":{\"rate\":\"1000kbit\",\"burst\":\"0.5mb\",\"quantum\":1600,"
	  "\"queue\":\"20ms\"}}}" },
	{ "a size among bytes stays a size", "interface a { device b; shaper { rate 1mbit; quantum 2kb } }",
	  "\"interface\":{\"a\":{\"device\":\"b\",\"shaper\":{\"rate\":\"1mbit\",\"quantum\":\"2kb\"}}}" },
	{ "fractions are exact", "proxy p { listen 127.0.0.1:1; method ewma alpha 0.123456; server s { address 127.0.0.1:2 } }",
	  "\"proxy\":{\"p\":{\"listen\":[\"127.0.0.1:1\"],\"method\":{\"value\":\"ewma\",\"alpha\":0.123456},"
	  "\"server\":{\"s\":{\"address\":\"127.0.0.1:2\"}}}}" },
	{ "a whole fraction is whole", "proxy p { listen 127.0.0.1:1; method ewma alpha 1.0; server s { address 127.0.0.1:2 } }",
	  "\"proxy\":{\"p\":{\"listen\":[\"127.0.0.1:1\"],\"method\":{\"value\":\"ewma\",\"alpha\":1},"
	  "\"server\":{\"s\":{\"address\":\"127.0.0.1:2\"}}}}" },
	{ "options alone make an object, none an empty one",
	  "proxy p { listen 127.0.0.1:1; timeout idle 1s connect 2s; eject; server s { address 127.0.0.1:2 } }",
	  "\"proxy\":{\"p\":{\"listen\":[\"127.0.0.1:1\"],\"server\":{\"s\":{\"address\":\"127.0.0.1:2\"}},\"eject\":{},"
	  "\"timeout\":{\"connect\":\"2s\",\"idle\":\"1s\"}}}" },
	{ "servers in another order than their names' say so",
	  "proxy p { listen 127.0.0.1:1; server b { address 127.0.0.1:2; backup }; server a { address 127.0.0.1:3 } }",
	  "\"proxy\":{\"p\":{\"listen\":[\"127.0.0.1:1\"],\"server\":{\"a\":{\"address\":\"127.0.0.1:3\"},"
	  "\"b\":{\"address\":\"127.0.0.1:2\",\"backup\":true}},\"server-order\":[\"b\",\"a\"]}}" },
	{ "interfaces have no order; paths of a role have their own",
	  "interface b { device b }; interface a { device a }; path x { interface a }\n"
	  "role r { path q { interface a }; path p { interface b }; balance o { in a; path p; path q; path x } }",
	  "\"role\":{\"r\":{\"path\":{\"p\":{\"interface\":\"b\"},\"q\":{\"interface\":\"a\"}},\"path-order\":[\"q\",\"p\"],"
	  "\"balance\":{\"o\":{\"in\":[\"a\"],\"path\":[\"p\",\"q\",\"x\"]}}}},"
	  "\"interface\":{\"a\":{\"device\":\"a\"},\"b\":{\"device\":\"b\"}},\"path\":{\"x\":{\"interface\":\"a\"}}" },
};

START_TEST(every_form_of_the_twin_is_as_specified)
{
	auto_text struct text in = { 0 };
	auto_text struct text twin = { 0 };

	text_printf(&in, "nlbc 1; profile a\n%s", forms[_i].in);
	text_printf(&twin, "{\"nlbc\":1,\"profile\":\"a\",%s}", forms[_i].twin);
	twin_must_be(text_get(&in), text_get(&twin));
}
END_TEST

START_TEST(a_long_list_is_wrapped_and_reads_again)
{
	auto_text struct text in = { 0 };
	auto_text struct text out = { 0 };

	text_puts(&in, "{\"nlbc\":1,\"profile\":\"a\",\"interface\":{\"a\":{\"device\":\"a\"}},\"path\":{\"a\":{\"interface\":\"a\"}},"
		       "\"balance\":{\"a\":{\"path\":[\"a\"],\"to\":[\"10.0.0.0/24\"");
	for (unsigned i = 1; i < 2000; i++)
		text_printf(&in, ",\"10.%u.%u.0/24\"", i / 256, i % 256);
	text_puts(&in, "]}}}");
	ck_assert(roundtrip(str_of(text_get(&in))));
	profile_print(read_profile(text_get(&in)), &out);
	for (const char *p = text_get(&out); *p; p += strcspn(p, "\n") + 1)
		ck_assert_uint_le(strcspn(p, "\n"), 100);
}
END_TEST

START_TEST(the_digest_is_that_of_the_twin_on_one_line)
{
	static const char twin[] = "{\"nlbc\":1,\"profile\":\"a\",\"interface\":{\"a\":{\"device\":\"a\"},"
				   "\"b\":{\"device\":\"b\"}}}";
	char expected[65], blocks[65], reordered[65], json[65], other[65];

	sha256_hex(twin, strlen(twin), expected);
	profile_digest(read_profile("nlbc 1; profile a; interface b { device b }; interface a { device a }"), blocks);
	profile_digest(read_profile("nlbc 1\ninterface a { device a } # c\ninterface b { device \"b\" }; profile a"), reordered);
	profile_digest(read_profile(twin), json);
	profile_digest(read_profile("nlbc 1; profile a; interface b { device c }; interface a { device a }"), other);
	ck_assert_str_eq(blocks, expected);
	ck_assert_str_eq(reordered, expected);
	ck_assert_str_eq(json, expected);
	ck_assert_str_ne(other, expected);
}
END_TEST

/* Every input that the tests have. The wrong ones, and one that includes what is not in memory, must only do no harm. */
static const struct {
	const char *pattern;
	bool reads;
} inputs[] = {
	{ "profiles/*.prof", true }, { "test/golden/good/*.prof", false }, { "test/golden/good/*.json", true },
	{ "test/golden/twin/*.json", true }, { "test/golden/bad/*.prof", false }, { "test/golden/bad/*.json", false },
};

START_TEST(whatever_reads_is_printed_and_reads_again)
{
	const char *srcdir = getenv("srcdir");
	auto_text struct text pattern = { 0 };
	glob_t found;

	text_printf(&pattern, "%s/%s", srcdir ? srcdir : ".", inputs[_i].pattern);
	ck_assert_int_eq(glob(text_get(&pattern), 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		auto_free char *text = NULL;
		size_t n;

		ck_assert_int_eq(read_file(found.gl_pathv[i], 1 << 21, &text, &n), 0);
		const bool reads = roundtrip((struct str){ text, n });

		ck_assert_msg(reads || !inputs[_i].reads, "%s does not read", found.gl_pathv[i]);
	}
	globfree(&found);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, blocks_come_in_canonical_layout_with_variables_replaced);
	tcase_add_test(tc, the_twin_is_that_of_the_specification);
	tcase_add_test(tc, the_indented_twin_has_two_blanks_a_level_and_ends_its_line);
	tcase_add_test(tc, words_are_quoted_where_they_must_be_and_only_there);
	tcase_add_loop_test(tc, every_form_of_the_twin_is_as_specified, 0, ARRAY_LEN(forms));
	tcase_add_test(tc, a_long_list_is_wrapped_and_reads_again);
	tcase_add_test(tc, the_digest_is_that_of_the_twin_on_one_line);
	tcase_add_loop_test(tc, whatever_reads_is_printed_and_reads_again, 0, ARRAY_LEN(inputs));
}
