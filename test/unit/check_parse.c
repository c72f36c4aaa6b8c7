/* SPDX-License-Identifier: MIT */
/* The block language: which tree a text gives, and the exact words and places for what is wrong with it. Statements
 * are written back in short: keyword(arg=value,…){…}, broken ones with '!'. */
#include "base/base.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "profile/files.h"
#include "profile/parse.h"
#include "profile/tree.h"
#include "unit.h"

static void dump(const struct stmt *s, struct text *out)
{
	for (; s; s = s->next) {
		text_printf(out, "%s%s", s->keyword->word, s->broken ? "!" : "");
		for (size_t i = 0; i < s->n_fields; i++) {
			const struct field *f = &s->fields[i];
			text_printf(out, "%s%s", i > 0 ? "," : "(", arg_name(f->arg));
			for (size_t j = 0; j < f->n; j++)
				text_printf(out, "%s%s", j > 0 ? " " : "=", f->values[j].text);
		}
		text_puts(out, s->n_fields > 0 ? ")" : "");
		if (s->has_block) {
			text_puts(out, "{");
			dump(s->first, out);
			text_puts(out, "}");
		}
		text_puts(out, s->next ? " " : "");
	}
}

struct row {
	const char *text;       /* after "nlbc 1; profile x" and a line end, unless it begins with '!' */
	const char *tree;       /* what follows nlbc and profile; NULL: not looked at */
	const char *messages;
};

static const struct memory_file memory[] = {
	{ "a.prof", { "interface a { device a }\n", 25 } },
	{ "dir/b.prof", { "include c.prof\n", 15 } },
	{ "dir/c.prof", { "interface c { device c }", 24 } },
	{ "dir/d.prof", { "interface d { device $x }", 25 } },
	{ "dir/circle.prof", { "include ../x\ninclude circle.prof\n", 33 } },
	{ "bad.prof", { "nlbc 1\nprofile y\nrate 5\n", 24 } },
	{ "x", { "", 0 } },
};

static void read_row(const struct row *r, struct text *tree, struct text *messages)
{
	struct arena *a = arena_new();
	struct source source = { .name = "x" };
	const struct files files = { .list = memory, .n = ARRAY_LEN(memory) };
	auto_text struct text text = { 0 };
	struct diags d;

	text_printf(&text, "%s%s", r->text[0] == '!' ? "" : "nlbc 1; profile x\n", r->text + (r->text[0] == '!'));
	source.text = (struct str){ text.p, text.n };
	diags_init(&d, a);
	const struct tree *t = tree_read(&source, &files, a, &d);
	const struct stmt *first = t->root->first;
	dump(r->text[0] == '!' || !first ? first : first->next->next, tree);
	diags_print(&d, DIAG_GCC, NULL, false, messages);
	arena_free(a);
}

static void check_row(const struct row *r)
{
	auto_text struct text tree = { 0 };
	auto_text struct text messages = { 0 };

	read_row(r, &tree, &messages);
	if (r->tree)
		ck_assert_str_eq(text_get(&tree), r->tree);
	ck_assert_str_eq(text_get(&messages), r->messages);
}

static const struct row trees[] = {
	{ "interface p1 { device eth1 }", "interface(name=p1){device(value=eth1)}", "" },
	{ "interface p1 { device eth1; shaper x }\ninterface p2{device eth2;shaper{rate 5mbit}}",
	  "interface(name=p1){device(value=eth1) shaper(value=x)} "
	  "interface(name=p2){device(value=eth2) shaper{rate(value=5mbit)}}", "" },
	{ "path p { interface i } path q { interface i };;path r{interface i}",
	  "path(name=p){interface(value=i)} path(name=q){interface(value=i)} path(name=r){interface(value=i)}", "" },
	{ "description \"a; b # { \\\"c\\\"\"", "description(value=a; b # { \"c\")", "" },
	{ "sysctl net.ipv4.ip_forward, \\\n 1 # on", "sysctl(name=net.ipv4.ip_forward,value=1)", "" },
	{ "interface \"p1\" {\n# nothing\n device eth0 # it\n\n}", "interface(name=p1){device(value=eth0)}", "" },
	{ "balance b { from 10.0.0.0/8, 2001:db8::/32; path p weight 2 backup; path q backup weight 3; path r }",
	  "balance(name=b){from(value=10.0.0.0/8 2001:db8::/32) path(name=p,weight=2,backup) "
	  "path(name=q,weight=3,backup) path(name=r)}", "" },
	{ "path p { interface i; via auto; probe http 192.0.2.1:80 /x interval 5s; probe http 192.0.2.1:80 fall 2 status 200 }",
	  "path(name=p){interface(value=i) via(value=auto) probe(kind=http,target=192.0.2.1:80,url=/x,interval=5s) "
	  "probe(kind=http,target=192.0.2.1:80,fall=2,status=200)}", "" },
	{ "balance b { to 10.0.0.0/8; path p; method per-flow on addresses pick turn seed 5 compat seed }",
	  "balance(name=b){to(value=10.0.0.0/8) path(name=p) "
	  "method(value=per-flow,pick=turn,on=addresses,seed=5,compat=seed)}", "" },
	{ "define a = 5mbit\ndefine b = rate $a\ndefine c = 10.0.0.0/8 11.0.0.0/8\n"
	  "shaper s { rate $a }\nbalance x { from $c; to \"10.0.0.0/8\"; path p }",
	  "shaper(name=s){rate(value=5mbit)} balance(name=x){from(value=10.0.0.0/8 11.0.0.0/8) to(value=10.0.0.0/8) "
	  "path(name=p)}", "" },
	{ "define x = eth0\ninclude dir/b.prof\ninclude \"dir/d.prof\"\ninclude nothing*\ninclude dir/?.prof",
	  NULL, "dir/c.prof:1:11: error: interface 'c' is defined twice [duplicate]\n"
		"dir/c.prof:1:11: error: interface 'c' is defined twice [duplicate]\n"
		"dir/d.prof:1:11: error: interface 'd' is defined twice [duplicate]\n" },
	{ "include a.prof", "interface(name=a){device(value=a)}", "" },
	{ "define x = dev\ninclude dir/[cd].prof", NULL,
	  "x:3:9: error: cannot read 'dir/[cd].prof': No such file or directory [include]\n" },
	{ "role r { interface i { device d }; sysctl net.a 1 }",
	  "role(name=r){interface(name=i){device(value=d)} sysctl(name=net.a,value=1)}", "" },
	{ "web { listen 127.0.0.1:1; listen 127.0.0.1:2; metrics off }",
	  "web{listen(value=127.0.0.1:1) listen(value=127.0.0.1:2) metrics(value=off)}", "" },
};

START_TEST(a_text_gives_its_tree)
{
	check_row(&trees[_i]);
}
END_TEST

static const struct row statements[] = {
	{ "shaper s { rate }", "shaper(name=s){rate!}", "x:2:12: error: 'rate' needs a value [missing]\n" },
	{ "shaper s { rate 5mbit 6mbit }", "shaper(name=s){rate!(value=5mbit)}",
	  "x:2:23: error: unexpected '6mbit' after 'rate' [unexpected]\n" },
	{ "balance b { to 10.0.0.0/8; path p wieght 5 backup }", NULL,
	  "x:2:35: error: 'path' has no option 'wieght'; did you mean 'weight'? [unexpected]\n" },
	{ "balance b { to 10.0.0.0/8; path p 5 }", NULL, "x:2:35: error: unexpected '5' after 'path' [unexpected]\n" },
	{ "balance b { to 10.0.0.0/8; path p \"backup\" }", NULL,
	  "x:2:35: error: unexpected 'backup' after 'path' [unexpected]\n" },
	{ "balance b { to 10.0.0.0/8; path p weight }", NULL, "x:2:35: error: 'weight' needs a value [missing]\n" },
	{ "balance b { to 10.0.0.0/8; path p weight backup }", NULL,
	  "x:2:35: error: 'weight' needs a value [missing]\n" },
	{ "balance b { to 10.0.0.0/8; path p weight 1 weight 2 }", NULL,
	  "x:2:44: error: 'weight' is given twice [duplicate]\n" },
	{ "shaper s { rate 1mbit; rate 2mbit }", NULL, "x:2:24: error: 'rate' is given twice [duplicate]\n" },
	{ "path p { via 10.0.0.1 }", NULL, "x:2:6: error: path 'p' has no 'interface' [missing]\n" },
	{ "web { metrics on }", NULL, "x:2:1: error: web has no 'listen' [missing]\n" },
	{ "path p { interface P }", NULL,
	  "x:2:20: error: 'P' is not a name; lower-case letters, digits and hyphens, at most 31, a letter first "
	  "[bad-value]\n" },
	{ "path p { intreface i }", NULL,
	  "x:2:10: error: unknown keyword 'intreface'; did you mean 'interface'? [unknown-keyword]\n" },
	{ "path p { interface i; delay 5ms }", NULL,
	  "x:2:23: error: unknown keyword 'delay'; 'delay' belongs in a 'shaper' block [unknown-keyword]\n" },
	{ "path p { interface i; role x { } }", NULL,
	  "x:2:23: error: unknown keyword 'role'; 'role' belongs at top level [unknown-keyword]\n" },
	{ "weight 5", NULL,
	  "x:2:1: error: unknown keyword 'weight'; 'weight' belongs in a 'path' or 'server' block [unknown-keyword]\n" },
	{ "interface i { device d; define x = 5 }", NULL,
	  "x:2:25: error: unknown keyword 'define'; 'define' belongs at top level [unknown-keyword]\n" },
	{ "interface i { device d; xyzzy 1 { a; b { } } }\nshaper s { rate 1mbit }",
	  "interface(name=i){device(value=d)} shaper(name=s){rate(value=1mbit)}",
	  "x:2:25: error: unknown keyword 'xyzzy'; keywords here: device, address, toward, shaper, replace-qdisc "
	  "[unknown-keyword]\n" },
	{ "onion o { identity /i; scale }", NULL, "x:2:24: error: 'scale' needs a block [missing]\n" },
	{ "path p", NULL, "x:2:1: error: 'path' needs a block [missing]\n" },
	{ "path { interface i }", NULL, "x:2:1: error: 'path' needs a value [missing]\n" },
	{ "shaper s { rate 1mbit { burst 5 } }", NULL, "x:2:12: error: 'rate' takes no block [unexpected]\n" },
	{ "interface i { device d; shaper }", NULL, "x:2:25: error: 'shaper' needs a value [missing]\n" },
	{ "interface i { device d; shaper s { rate 1mbit } }", NULL,
	  "x:2:25: error: 'shaper' takes no block; write a name or a block [unexpected]\n" },
	{ "path p { interface i; probe ping 192.0.2.1 status 200 }", NULL,
	  "x:2:44: error: 'probe' has no option 'status'; only with: http [unexpected]\n" },
	{ "path p { interface i; probe pong 192.0.2.1 status 200 }", NULL,
	  "x:2:29: error: unknown value 'pong' for 'probe'; did you mean 'ping'? [bad-value]\n" },
	{ "shaper s { queue 10mbit limit 5 }", NULL,
	  "x:2:25: error: 'queue' has no option 'limit'; only with: fq_codel [unexpected]\n" },
	{ "balance b { to 10.0.0.0/8; path p; method hash pick turn }", NULL,
	  "x:2:48: error: method 'hash' has no option 'pick'; only with: per-flow [policy]\n" },
	{ "balance b { to 10.0.0.0/8; path p; method random seed 1 }", NULL,
	  "x:2:50: error: method 'random' has no option 'seed'; only with: per-flow, hash [policy]\n" },
	{ "balance b { to 10.0.0.0/8; path p; method ewma alpha 0.5 }", NULL, "" },
	{ "path p { interface i; via 10.0.0.1 auto }", NULL,
	  "x:2:36: error: unexpected 'auto' after 'via' [unexpected]\n" },
	{ "path p { interface i; via auto 10.0.0.1 }", NULL,
	  "x:2:32: error: unexpected '10.0.0.1' after 'via' [unexpected]\n" },
	{ "path p { interface i } path p { interface i }", NULL, "x:2:29: error: path 'p' is defined twice [duplicate]\n" },
	{ "role r { path p { interface i } }\npath p { interface i }", NULL,
	  "x:3:6: error: path 'p' is defined twice [duplicate]\n" },
	{ "role r { path p { interface i } }\nrole s { path p { interface i } }", NULL, "" },
	{ "kernel { target nft }\nrole r { kernel { target nft } }", NULL,
	  "x:3:10: error: 'kernel' is given twice [duplicate]\n" },
	{ "onion o { identity /i; listen 127.0.0.1:1 127.0.0.1:2 127.0.0.1:3 127.0.0.1:4 127.0.0.1:5 }", NULL,
	  "x:2:79: error: 'listen' has more than 4 values [limit]\n" },
};

START_TEST(a_statement_that_does_not_fit_is_told)
{
	check_row(&statements[_i]);
}
END_TEST

static const struct row grammar[] = {
	{ "!", "", "x:1:1: error: this profile has no 'nlbc'; begin it with: nlbc 1 [missing]\n"
		   "x:1:1: error: this profile has no 'profile' [missing]\n" },
	{ "!profile x; nlbc 1", NULL, "x:1:12: error: 'nlbc' is not the first statement [unexpected]\n" },
	{ "!nlbc 2; what; ever {", NULL,
	  "x:1:6: error: language version 2 is not known; this nlbc reads version 1 [out-of-range]\n"
	  "x:1:20: error: this '{' is never closed [syntax]\n" },
	{ "!nlbc 2\nwhat; ever", NULL,
	  "x:1:6: error: language version 2 is not known; this nlbc reads version 1 [out-of-range]\n" },
	{ "interface i { device d\npath p { via }\n", "interface!", "x:2:13: error: this '{' is never closed [syntax]\n" },
	{ "path p { }\ninterface i {", NULL, "x:3:13: error: this '{' is never closed [syntax]\n" },
	{ "interface i { device \"d }\n", NULL, "x:2:22: error: string is not closed on its line [syntax]\n" },
	{ "}\nshaper s { rate 1mbit }", "shaper(name=s){rate(value=1mbit)}",
	  "x:2:1: error: '}' without a '{' [syntax]\n" },
	{ "shaper s { rate = 1mbit }", "shaper(name=s){rate!}",
	  "x:2:17: error: unexpected '='; write: keyword value [syntax]\n" },
	{ "shaper s\n{ rate 1mbit; rate 2 }", NULL,
	  "x:2:1: error: 'shaper' needs a block [missing]\nx:3:1: error: expected a keyword; a '{' stands on the line of "
	  "its keyword [syntax]\n" },
	{ "\"shaper\" s; $x; = 5", NULL,
	  "x:2:1: error: expected a keyword [syntax]\nx:2:13: error: expected a keyword [syntax]\n"
	  "x:2:17: error: expected a keyword [syntax]\n" },
	{ "shaper s { rate $x }", "shaper(name=s){rate!}", "x:2:17: error: variable '$x' is not defined [dangling]\n" },
	{ "define rate-a = 5mbit\nshaper s { rate $rate-b }", NULL,
	  "x:3:17: error: variable '$rate-b' is not defined; did you mean 'rate-a'? [dangling]\n" },
	{ "shaper s { rate $X }", NULL,
	  "x:2:17: error: '$X' is not a variable; $ and lower-case letters, digits and hyphens, at most 31, a letter "
	  "first [bad-value]\n" },
	{ "shaper s { rate $x }\ndefine x = 1mbit", NULL, "x:2:17: error: variable '$x' is not defined [dangling]\n" },
	{ "define x = 1\ndefine x = 2", NULL, "x:3:8: error: variable 'x' is defined twice [duplicate]\n" },
	{ "define x 1\nshaper s { rate $x }", NULL, "x:2:8: error: no '=' after 'x'; write: define x = VALUE [syntax]\n" },
	{ "define x =\nshaper s { rate $x }", NULL, "x:2:8: error: 'x' needs a value [missing]\n" },
	{ "define X = 1", NULL,
	  "x:2:8: error: 'X' is not a name; lower-case letters, digits and hyphens, at most 31, a letter first "
	  "[bad-value]\n" },
	{ "define", NULL, "x:2:1: error: 'define' needs a value [missing]\n" },
	{ "define x = 1 { }", NULL, "x:2:1: error: 'define' takes no block [unexpected]\n" },
	{ "define x = a = b", NULL, "x:2:14: error: unexpected '='; write: keyword value [syntax]\n" },
	{ "include", NULL, "x:2:1: error: 'include' needs a value [missing]\n" },
	{ "include a b", NULL, "x:2:11: error: unexpected 'b' after 'include' [unexpected]\n" },
	{ "define y = a\ninclude $y", NULL, "x:3:9: error: unexpected '$y' after 'include' [unexpected]\n" },
	{ "include no.prof", NULL,
	  "x:2:9: error: cannot read 'no.prof': No such file or directory [include]\n" },
	{ "include x", NULL, "x:2:9: error: include goes round in a circle [include]\n" },
	{ "include bad.prof", NULL,
	  "bad.prof:1:1: error: 'nlbc' does not stand in an included file [unexpected]\n"
	  "bad.prof:2:1: error: 'profile' does not stand in an included file [unexpected]\n"
	  "bad.prof:3:1: error: unknown keyword 'rate'; 'rate' belongs in a 'shaper' block [unknown-keyword]\n" },
};

START_TEST(text_that_is_no_profile_is_told)
{
	check_row(&grammar[_i]);
}
END_TEST

START_TEST(the_first_of_two_is_named)
{
	struct arena *a = arena_new();
	const struct source source = { .name = "x", .text = STR("nlbc 1\nprofile x\npath p { interface i }\n"
								"path p { interface i }\n") };
	struct diags d;

	diags_init(&d, a);
	(void)tree_read(&source, NULL, a, &d);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_str_eq(d.list[0]->note, "first defined here");
	ck_assert_uint_eq(d.list[0]->note_place.line, 3);
	arena_free(a);
}
END_TEST

/* The limit that a text of many equal parts meets, told once, with at most one other message. */
static void check_limit(const char *part, unsigned times, const char *message)
{
	struct arena *a = arena_new();
	struct source source = { .name = "x" };
	auto_text struct text text = { 0 };
	struct diags d;

	text_puts(&text, "nlbc 1; profile x\ndefine v = a b c d e f g h i j k l m n o p q r s t\n");
	for (unsigned i = 0; i < times; i++)
		text_printf(&text, part, i);
	source.text = (struct str){ text.p, text.n };
	diags_init(&d, a);
	const struct tree *t = tree_read(&source, NULL, a, &d);
	size_t found = 0;
	for (size_t i = 0; i < d.n; i++)
		if (strcmp(d.list[i]->code, "limit") == 0 && strcmp(d.list[i]->text, message) == 0)
			found++;
	ck_assert_uint_eq(found, 1);
	ck_assert_uint_le(d.n, 2);
	ck_assert_msg(!t->complete, "%s", message);
	arena_free(a);
}

START_TEST(a_profile_from_memory_may_have_to_stand_alone)
{
	struct arena *a = arena_new();
	const struct source source = { .name = "x", .text = STR("nlbc 1; profile x\ninclude y\n") };
	struct diags d;

	diags_init(&d, a);
	(void)tree_read(&source, NULL, a, &d);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_str_eq(d.list[0]->text, "cannot read 'y': this profile must stand alone");
	arena_free(a);
}
END_TEST

START_TEST(limits_hold)
{
	check_limit("sysctl net.a%u 1; sysctl net.b 2; \n", 20000, "profile has more than 100000 words");
	check_limit("balance b%u { in $v; in $v; in $v; path p }\n", 10000, "'balance' stands more than 64 times");
	check_limit("define x%u = 1\n", 256, "profile has more than 256 variables");
	check_limit("define x%u = $v $v $v $v\n", 1, "variable 'x0' has more than 64 words");
	check_limit("x {\n", 17, "blocks are nested deeper than 16");
	check_limit("interface i%u { device d }\n", 1025, "'interface' stands more than 1024 times");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, a_text_gives_its_tree, 0, ARRAY_LEN(trees));
	tcase_add_loop_test(tc, a_statement_that_does_not_fit_is_told, 0, ARRAY_LEN(statements));
	tcase_add_loop_test(tc, text_that_is_no_profile_is_told, 0, ARRAY_LEN(grammar));
	tcase_add_test(tc, the_first_of_two_is_named);
	tcase_add_test(tc, a_profile_from_memory_may_have_to_stand_alone);
	tcase_add_test(tc, limits_hold);
}
