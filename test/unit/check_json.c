/* SPDX-License-Identifier: MIT */
/* The JSON twin: the same tree as the block language gives, and what is said of JSON that is no profile. */
#include "base/base.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "profile/parse.h"
#include "profile/tree.h"
#include "unit.h"

static const struct tree *read_text(const char *name, struct str text, struct arena *a, struct diags *d)
{
	struct source *source = arena_one(a, struct source);

	*source = (struct source){ .name = name, .text = text };
	return tree_read(source, NULL, a, d);
}

/* Single quotes stand for double ones. */
static struct str json_text(struct arena *a, const char *s)
{
	char *p = arena_strdup(a, s);

	for (char *c = strchr(p, '\''); c; c = strchr(c, '\''))
		*c = '"';
	return str_of(p);
}

/* Members are put in the order of the table, so that is the order of the block language here. */
static const struct {
	const char *json, *blocks;
} twins[] = {
	{ "{'nlbc': 1, 'profile': 'x'}", "nlbc 1; profile x" },
	{ " \n{'profile': 'x', '$schema': 'y', 'nlbc': 1}", "nlbc 1; profile x" },
	{ "{'nlbc': 1, 'profile': 'x', 'description': 'a \\\" é \\\\'}", "nlbc 1; profile x; description \"a \\\" é \\\\\"" },
	{ "{'nlbc': 1, 'profile': 'x', 'interface': {'b': {'device': 'b', 'shaper': 's', 'replace-qdisc': true},"
	  "'a': {'toward': '::1', 'shaper': {'rate': '5mbit'}}}}",
	  "nlbc 1; profile x; interface a { toward ::1; shaper { rate 5mbit } }; "
	  "interface b { device b; shaper s; replace-qdisc }" },
	{ "{'nlbc': 1, 'profile': 'x', 'path': {'a': {'interface': 'i'}, 'b': {'interface': 'i', 'via': ['auto']}},"
	  "'path-order': ['b', 'a']}",
	  "nlbc 1; profile x; path b { interface i; via auto }; path a { interface i }" },
	{ "{'nlbc': 1, 'profile': 'x', 'balance': {'b': {'path': ['p', {'name': 'q', 'backup': true, 'weight': 3}],"
	  "'method': {'value': 'per-flow', 'on': 'addresses'}, 'in': ['i', 'j'], 'protocol': 47}}}",
	  "nlbc 1; profile x; balance b { in i j; protocol 47; method per-flow on addresses; path p; "
	  "path q backup weight 3 }" },
	{ "{'nlbc': 1, 'profile': 'x', 'path': {'p': {'interface': 'i', 'probe': [{'kind': 'ping', 'target': '10.0.0.1'},"
	  "{'target': '10.0.0.1:80', 'kind': 'http', 'url': '/x', 'rise': 3}]}}}",
	  "nlbc 1; profile x; path p { interface i; probe ping 10.0.0.1; probe http 10.0.0.1:80 /x rise 3 }" },
	{ "{'nlbc': 1, 'profile': 'x', 'shaper': {'s': {'rate': 5000000, 'quantum': 1514, 'queue': {'what': 'fq_codel',"
	  "'target': 0.005, 'ecn': false}, 'loss': {'part': 0.1}, 'delay': 2, 'limit': 10, 'burst': 2048}}}",
	  "nlbc 1; profile x; shaper s { rate 5000000bit; burst 2048b; quantum 1514; queue fq_codel target 0.005s ecn off; "
	  "delay 2s; loss 0.1%; limit 10p }" },
	{ "{'nlbc': 1, 'profile': 'x', 'sysctl': [{'name': 'net.a', 'value': '1'}],"
	  "'web': {'listen': ['127.0.0.1:1'], 'metrics': true}}",
	  "nlbc 1; profile x; web { listen 127.0.0.1:1; metrics on }; sysctl net.a 1" },
	{ "{'nlbc': 1, 'profile': 'x', 'proxy': {'p': {'listen': ['127.0.0.1:1'], 'method': {'value': 'ewma', 'alpha': 0.25},"
	  "'server': {'b': {'address': '10.0.0.1:1'}, 'a': {'address': '10.0.0.2:1', 'backup': true}},"
	  "'server-order': ['b', 'a'], 'eject': {'errors': 0}, 'timeout': {}}}}",
	  "nlbc 1; profile x; proxy p { listen 127.0.0.1:1; method ewma alpha 0.25; server b { address 10.0.0.1:1 }; "
	  "server a { address 10.0.0.2:1; backup }; eject errors 0; timeout }" },
	{ "{'nlbc': 1, 'profile': 'x', 'role': {'r': {'kernel': {'target': 'nft'}}}}",
	  "nlbc 1; profile x; role r { kernel { target nft } }" },
};

START_TEST(both_spellings_give_the_same_tree)
{
	struct arena *a = arena_new();
	struct diags d;

	diags_init(&d, a);
	const struct tree *json = read_text("x.json", json_text(a, twins[_i].json), a, &d);
	const struct tree *blocks = read_text("x.prof", str_of(twins[_i].blocks), a, &d);
	auto_text struct text messages = { 0 };
	diags_print(&d, DIAG_GCC, NULL, false, &messages);
	ck_assert_str_eq(text_get(&messages), "");
	ck_assert(tree_equal(json, blocks));
	arena_free(a);
}
END_TEST

START_TEST(trees_that_differ_are_not_equal)
{
	static const char *const texts[] = {
		"nlbc 1; profile x", "nlbc 1; profile y", "nlbc 1; profile x; shaper s { rate 1mbit }",
		"nlbc 1; profile x; shaper s { rate 1000kbit }", "nlbc 1; profile x; shaper s { rate 1mbit; burst 2kb }",
		"nlbc 1; profile x; shaper s { burst 2kb; rate 1mbit }", "nlbc 1; profile x; shaper s { queue fq_codel }",
		"nlbc 1; profile x; shaper s { queue fq_codel ecn on }",
	};
	struct arena *a = arena_new();
	struct diags d;

	diags_init(&d, a);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		for (size_t j = 0; j < ARRAY_LEN(texts); j++)
			ck_assert_int_eq(tree_equal(read_text("x", str_of(texts[i]), a, &d),
						    read_text("x", str_of(texts[j]), a, &d)), i == j);
	arena_free(a);
}
END_TEST

/* What stands between "{'nlbc': 1, 'profile': 'x', " and "}", unless it begins with '{'. */
static const struct {
	const char *json, *messages;
} wrong[] = {
	{ "{'nlbc': 1,\n 'profile' 'x'}", "x:2:14: error: ':' expected near '\"x\"' [syntax]\n" },
	{ "{'nlbc': 1} x", "x:1:13: error: end of file expected near 'x' [syntax]\n" },
	{ "{'nlbc': 1, 'nlbc': 1}", "x:1:18: error: duplicate object key near '\"nlbc\"' [duplicate]\n" },
	{ "{'profile': 'x'}", "x: error: this profile has no 'nlbc'; begin it with: nlbc 1 [missing]\n" },
	{ "{'nlbc': 2, 'profile': 'x', 'what': 1}",
	  "x:/nlbc: error: language version 2 is not known; this nlbc reads version 1 [out-of-range]\n" },
	{ "'shapre': {}", "x:/shapre: error: unknown keyword 'shapre'; did you mean 'shaper'? [unknown-keyword]\n" },
	{ "'a/b~c': 1",
	  "x:/a~1b~0c: error: unknown keyword 'a/b~c'; keywords here: nlbc, profile, description, role, kernel, "
	  "interface, shaper, path, balance, proxy, onion, web, sysctl [unknown-keyword]\n" },
	{ "'define': {}", "x:/define: error: unknown keyword 'define'; keywords here: nlbc, profile, description, role, kernel, "
	  "interface, shaper, path, balance, proxy, onion, web, sysctl [unknown-keyword]\n" },
	{ "'description': null", "x:/description: error: 'description' needs a value [missing]\n" },
	{ "'description': ['x']", "x:/description: error: 'description' takes no array here [unexpected]\n" },
	{ "'description': 'a\\nb'", "x:/description: error: text for 'description' holds a byte 0x0a [bad-value]\n" },
	{ "'shaper': ['s']", "x:/shaper: error: 'shaper' needs an object of names [bad-value]\n" },
	{ "'shaper': {'s': 5}", "x:/shaper/s: error: 'shaper' needs a block [missing]\n" },
	{ "'shaper': {'S': {'rate': 5}}",
	  "x:/shaper/S: error: 'S' is not a name; lower-case letters, digits and hyphens, at most 31, a letter first "
	  "[bad-value]\n" },
	{ "'shaper': {'s': {'rate': {'value': '5mbit', 'x': 1}}}",
	  "x:/shaper/s/rate/x: error: unexpected 'x' after 'rate' [unexpected]\n" },
	{ "'shaper': {'s': {'delay': {'jitter': '1ms'}}}",
	  "x:/shaper/s/delay: error: 'delay' has no 'time' [missing]\n" },
	{ "'shaper': {'s': {'delay': {'time': '1ms', 'jiter': '1ms'}}}",
	  "x:/shaper/s/delay/jiter: error: 'delay' has no option 'jiter'; did you mean 'jitter'? [unexpected]\n" },
	{ "'path': {'p': {'interface': 'i', 'via': '10.0.0.1'}}", "x:/path/p/via: error: 'via' needs an array [bad-value]\n" },
	{ "'path': {'p': {'interface': 'i', 'via': []}}", "x:/path/p/via: error: 'via' needs a value [missing]\n" },
	{ "'path': {'p': {'interface': 'i', 'via': ['10.0.0.1', 'x']}}",
	  "x:/path/p/via/1: error: 'x' is not an address [bad-value]\n" },
	{ "'path': {'p': {'via': ['10.0.0.1']}}", "x:/path/p: error: path 'p' has no 'interface' [missing]\n" },
	{ "'path': {'p': {'interface': 'i', 'probe': [{'kind': 'tcp', 'target': '10.0.0.1:1', 'status': '200'}]}}",
	  "x:/path/p/probe/0/status: error: 'probe' has no option 'status'; only with: http [unexpected]\n" },
	{ "'path': {'p': {'interface': 'i', 'weight': -1}}",
	  "x:/path/p/weight: error: '-1' is not a whole number [bad-value]\n" },
	{ "'path': {'p': {'interface': 'i', 'weight': 1.5}}",
	  "x:/path/p/weight: error: '1.5' is not a whole number [bad-value]\n" },
	{ "'path': {'p': {'interface': 'i'}}, 'path-order': ['q', 'p', 'p']",
	  "x:/path-order/0: error: no path 'q' [dangling]\nx:/path-order/2: error: 'p' is given twice [duplicate]\n" },
	{ "'path': {'p': {'interface': 'i'}}, 'path-order': []",
	  "x:/path-order: error: 'p' is not in the order [missing]\n" },
	{ "'path': {'p': {'interface': 'i'}}, 'path-order': 'p'",
	  "x:/path-order: error: 'path-order' needs an array [bad-value]\n" },
	{ "'interface': {'i': {'device': 'd', 'replace-qdisc': false}}",
	  "x:/interface/i/replace-qdisc: error: unknown value 'false' for 'replace-qdisc'; one of: true [bad-value]\n" },
	{ "'sysctl': {'name': 'net.a'}", "x:/sysctl: error: 'sysctl' needs an array [bad-value]\n" },
	{ "'sysctl': [{'name': 'net.a'}]", "x:/sysctl/0: error: 'sysctl' has no 'value' [missing]\n" },
	{ "{'a': [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", "x:1:22: error: JSON is nested deeper than 16 [limit]\n" },
};

START_TEST(json_that_is_no_profile_is_told)
{
	struct arena *a = arena_new();
	auto_text struct text text = { 0 };
	auto_text struct text messages = { 0 };
	struct diags d;

	if (wrong[_i].json[0] == '{')
		text_puts(&text, wrong[_i].json);
	else
		text_printf(&text, "{'nlbc': 1, 'profile': 'x', %s}", wrong[_i].json);
	diags_init(&d, a);
	(void)read_text("x", json_text(a, text_get(&text)), a, &d);
	diags_print(&d, DIAG_GCC, NULL, false, &messages);
	ck_assert_str_eq(text_get(&messages), wrong[_i].messages);
	arena_free(a);
}
END_TEST

static const struct {
	const char *json, *text;
} reals[] = {
	{ "0.2", "0.2" }, { "1.0", "1" }, { "1e3", "1000" }, { "0.1234567890123456", "0.1234567890123456" },
	{ "12345678901234567", "12345678901234567" }, { "0.30000000000000004", "0.30000000000000004" },
};

START_TEST(a_number_keeps_its_digits)
{
	struct arena *a = arena_new();
	struct diags d;

	diags_init(&d, a);
	const char *json = arena_printf(a, "{\"proxy\": {\"p\": {\"method\": {\"value\": \"ewma\", \"alpha\": %s}}}}",
					reals[_i].json);
	const struct tree *t = read_text("x", str_of(json), a, &d);
	const struct stmt *method = stmt_child(stmt_child(t->root, "proxy"), "method");
	ck_assert_str_eq(stmt_value(method, "alpha")->text, reals[_i].text);
	arena_free(a);
}
END_TEST

START_TEST(the_words_of_the_twin_are_limited_too)
{
	struct arena *a = arena_new();
	auto_text struct text text = { 0 };
	struct diags d;

	text_puts(&text, "{\"nlbc\": 1, \"profile\": \"x\", \"balance\": {\"b\": {\"in\": [\"a\"");
	for (unsigned i = 0; i < 60000; i++)
		text_puts(&text, ",\"a\"");
	text_puts(&text, "]}}}");
	diags_init(&d, a);
	const struct tree *t = read_text("x", (struct str){ text.p, text.n }, a, &d);
	ck_assert_uint_eq(d.n_errors, 1);
	ck_assert_str_eq(d.list[0]->text, "profile has more than 100000 words");
	ck_assert(!t->complete);
	arena_free(a);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, both_spellings_give_the_same_tree, 0, ARRAY_LEN(twins));
	tcase_add_test(tc, trees_that_differ_are_not_equal);
	tcase_add_loop_test(tc, json_that_is_no_profile_is_told, 0, ARRAY_LEN(wrong));
	tcase_add_loop_test(tc, a_number_keeps_its_digits, 0, ARRAY_LEN(reals));
	tcase_add_test(tc, the_words_of_the_twin_are_limited_too);
}
