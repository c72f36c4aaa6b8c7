/* SPDX-License-Identifier: MIT */
/* The checks of meaning at their borders: weights and slots, who listens where, paths and masks. What each check says in
 * full is in test/golden/bad. */
#include "base/base.h"

#include <time.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "profile/profile.h"
#include "unit.h"

struct row {
	const char *in;
	const char *says;       /* text of every message, one a line; "" for none */
};

static char *say(struct arena *a, const char *statements)
{
	const char *text = arena_printf(a, "nlbc 1\nprofile x\n%s", statements);
	auto_text struct text said = { 0 };
	struct diags d;

	diags_init(&d, a);
	const struct profile *p = profile_read_text("x", str_of(text), NULL, a, &d);

	ck_assert_int_eq(p == NULL, d.n_errors > 0);
	for (size_t i = 0; i < d.n; i++)
		text_printf(&said, "%s%s%s\n", d.list[i]->text, d.list[i]->hint ? "; " : "",
			    d.list[i]->hint ? d.list[i]->hint : "");
	return arena_strdup(a, text_get(&said));
}

static void check_row(const struct row *row, const char *before)
{
	struct arena *a = arena_new();

	ck_assert_str_eq(say(a, arena_printf(a, "%s%s", before, row->in)), row->says);
	arena_free(a);
}

static const char three_paths[] = "interface i { device d }\npath a { interface i }\npath b { interface i }\n"
				  "path c { interface i }\n";

static const struct row weights[] = {
	{ "balance o { in i; path a weight 0; path b weight 0; path c weight 1 }", "" },
	{ "balance o { in i; path a weight 0; path b weight 0; path c weight 0 }", "balance 'o' has no member with weight\n" },
	{ "balance o { in i; path a backup; path b backup; path c backup }", "balance 'o' has no member with weight\n" },
	{ "balance o { in i; path a; path b weight 0 backup; path c backup }", "" },
	/* rounds: the common divisor counts, backups by themselves, chance has none */
	{ "balance o { in i; method per-packet; path a weight 999; path b weight 999; path c weight 999 }", "" },
	{ "balance o { in i; method per-packet; path a weight 1000; path b weight 999; path c weight 998 }", "" },
	/* shares within 1 % of themselves */
	{ "balance o { in i; path a; path b; path c }", "" },
	{ "balance o { in i; slots 128; path a; path b; path c }",
	  "path 'c' gets 32.81 % instead of 33.33 %; slots 256\n" },
	{ "balance o { in i; slots 16; path a; path b }\npath d { interface i }\nbalance p { to 10.0.0.0/8; scope local; path c; path d }",
	  "" },
	{ "balance o { in i; method random; slots 16; path a weight 3; path b weight 0; path c weight 13 }", "" },
	{ "balance o { in i; method hash; slots 16; path a weight 3; path b weight 0; path c weight 14 }",
	  "path 'a' gets 18.75 % instead of 17.65 %; slots 256\n" },
	{ "balance o { in i; slots 16; path a; path b backup; path c weight 2 backup }",
	  "path 'b' gets 31.25 % instead of 33.33 %; slots 128\n" },
	{ "balance o { in i; slots 4096; path a weight 1; path b weight 1000; path c weight 1000 }",
	  "path 'a' gets 0.049 % instead of 0.050 %\n" },
	{ "balance o { in i; method per-flow pick turn; slots 16; path a; path b; path c }", "" },
};

START_TEST(weights_must_fit_rounds_and_slots)
{
	check_row(&weights[_i], three_paths);
}
END_TEST

static const struct row listeners[] = {
	{ "proxy a { listen 127.0.0.1:80; server s { address 127.0.0.1:1 } }\nweb { listen 127.0.0.2:80 }", "" },
	{ "proxy a { listen 127.0.0.1:80; server s { address 127.0.0.1:1 } }\nweb { listen 127.0.0.1:81 }", "" },
	{ "proxy a { listen 127.0.0.1:80; server s { address 127.0.0.1:1 } }\nweb { listen 127.0.0.1:80 }",
	  "'127.0.0.1:80' is already taken by proxy 'a'\n" },
	/* sockets of IPv6 take IPv6 only */
	{ "proxy a { listen [::]:80; server s { address 127.0.0.1:1 } }\nweb { listen 127.0.0.1:80 }", "" },
	{ "proxy a { listen [::]:80 0.0.0.0:80; server s { address 127.0.0.1:1 } }", "" },
	{ "proxy a { listen [::]:80; server s { address 127.0.0.1:1 } }\nweb { listen [::1]:80 }",
	  "'[::1]:80' is already taken by proxy 'a'\n" },
	/* the later one is told, also where the wildcard comes last */
	{ "web { listen 127.0.0.1:80 127.0.0.2:80 }\nproxy a { listen 0.0.0.0:80; server s { address 127.0.0.1:1 } }",
	  "'0.0.0.0:80' is already taken by web\n'0.0.0.0:80' is already taken by web\n" },
	{ "proxy a { listen 0.0.0.0:80 127.0.0.1:80; server s { address 127.0.0.1:1 } }",
	  "'127.0.0.1:80' is already taken by proxy 'a'\n" },
	{ "onion o { identity /i }\nonion p { identity /i }", "'127.0.0.1:12345' is already taken by onion 'o'\n" },
	/* roles are different machines */
	{ "role r { web { listen 127.0.0.1:80 } }\nrole s { web { listen 127.0.0.1:80 } }", "" },
	/* servers */
	{ "proxy a { listen 0.0.0.0:80; server s { address 192.0.2.1:80 } }", "" },
	{ "proxy a { listen 0.0.0.0:80; server s { address 127.0.0.9:80 } }",
	  "'127.0.0.9:80' is already taken by proxy 'a'\n" },
	{ "proxy a { listen 127.0.0.1:80; server s { address 127.0.0.2:80 }; server t { address 127.0.0.1:81 } }", "" },
	{ "proxy a { listen 192.0.2.1:80; server s { address 192.0.2.1:80 } }",
	  "'192.0.2.1:80' is already taken by proxy 'a'\n" },
	{ "proxy a { listen 127.0.0.1:80; server s { address 127.0.0.1:81 } }\n"
	  "proxy b { listen 127.0.0.1:81; server s { address 127.0.0.1:82 } }", "" },
};

START_TEST(nobody_listens_where_another_does)
{
	check_row(&listeners[_i], "");
}
END_TEST

static const struct row others[] = {
	/* all shares of a mask of two bits but nobody's and the refused packets' */
	{ "kernel { mark-mask 0x3 }\ninterface i { device d }\npath a { interface i }\npath b { interface i }\n"
	  "balance o { in i; path a; path b }", "" },
	{ "kernel { mark-mask 0xffffffff }\ninterface i { device d }\npath a { interface i; mark 0xffffffff }\n"
	  "balance o { in i; path a }", "'0xffffffff' is out of range for 'mark'; in the mask, not 0, not all ones\n" },
	{ "interface i { device d }\npath a { interface i; mark 0x7e000000 }\nbalance o { in i; path a }", "" },
	{ "interface i { device d }\npath a { interface i; mark 0x7e000001 }\nbalance o { in i; path a }",
	  "mark 0x7e000001 is outside mark-mask 0x7f000000\n" },
	/* one main path serves many balances; two may serve different destinations or families */
	{ "interface i { device d }\npath a { interface i; table main }\nbalance o { in i; to 10.0.0.0/8; path a }\n"
	  "balance p { in i; to 10.0.0.0/8; protocol tcp; path a }", "" },
	{ "interface i { device d }\npath a { interface i; table main }\npath b { interface i; table main }\n"
	  "balance o { to 10.1.0.0/16; path a }\nbalance p { to 10.2.0.0/16; path b }", "" },
	{ "interface i { device d }\npath a { interface i; table main }\npath b { interface i; table main }\n"
	  "balance o { to 10.1.0.0/16; protocol tcp; path a }\nbalance p { to 10.1.0.0/16; protocol udp; path b }",
	  "'10.1.0.0/16' would get two routes in the main table\n" },
	{ "interface i { device d }\npath a { interface i; via 192.0.2.1; table main }\n"
	  "path b { interface i; via 2001:db8::1; table main }\nbalance o { in i; path a; path b }", "" },
	/* an object with an error of its own is not compared */
	{ "interface i { device d }\npath a { interface i }\nbalance o { from 10.0.0.0/8; slots 17; path a }\n"
	  "balance p { to 10.0.0.0/8; path a }", "'17' is out of range for 'slots'; 16, 32, … 4096\n" },
	{ "interface i { device d }\npath a { interfac i }\nbalance o { in i; path a }",
	  "unknown keyword 'interfac'; did you mean 'interface'?\n" },
	{ "interface i { device d; shapr s }\nshaper s { rate 1mbit }\nshaper t { }",
	  "unknown keyword 'shapr'; did you mean 'shaper'?\nshaper 't' does nothing\n" },
	/* told once for all roles, also where only some of them lack the name */
	{ "path a { interface i }\nrole r { interface i { device d } }\nrole s { }\nrole t { }", "no interface 'i'\n" },
	{ "interface i { device d }\npath a { interface i; mark 1 }\nrole r { }\nrole s { }",
	  "mark 1 is outside mark-mask 0x7f000000\n" },
	{ "interface i { device d }\npath a { interface i }\nbalance o { from 10.0.0.0/8; path a }\n"
	  "balance p { to 10.0.0.0/8; path a }\nrole r { }\nrole s { }",
	  "balances 'o' and 'p' both match packets from 10.0.0.0/8 to 10.0.0.0/8\n" },
};

START_TEST(checks_say_what_is_wrong_and_no_more)
{
	check_row(&others[_i], "");
}
END_TEST

/* Everything at the limits of section 10: at most a second, also on a busy machine with sanitizers. */
START_TEST(many_members_take_little_time)
{
	struct arena *a = arena_new();
	auto_text struct text t = { 0 };
	const clock_t start = clock();

	text_puts(&t, "kernel { mark-mask 0x00fff000 }\ninterface i { device d }\n");
	for (unsigned i = 0; i < 4094; i++)
		text_printf(&t, "path p%u { interface i }\n", i);
	for (unsigned j = 0; j < 9; j++) {
		text_printf(&t, "balance b%u { to 10.%u.0.0/16; slots 4096", j, j);
		for (unsigned i = 0; i < 4094; i++)
			text_printf(&t, "\npath p%u", i);
		text_puts(&t, "\n}\n");
	}
	ck_assert_str_ne(say(a, text_get(&t)), "");
	ck_assert_uint_lt((unsigned)((clock() - start) / CLOCKS_PER_SEC), 2);
	arena_free(a);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, weights_must_fit_rounds_and_slots, 0, (int)ARRAY_LEN(weights));
	tcase_add_loop_test(tc, nobody_listens_where_another_does, 0, (int)ARRAY_LEN(listeners));
	tcase_add_loop_test(tc, checks_say_what_is_wrong_and_no_more, 0, (int)ARRAY_LEN(others));
	tcase_add_test(tc, many_members_take_little_time);
}
