/* SPDX-License-Identifier: MIT */
/* Users of countries spread over ASes, to the last client; files of users and of clients, and what is wrong with them. */
#include "base/base.h"

#include "fixture.h"
#include "unit.h"
#include "weights/clients.h"
#include "weights/users.h"

/* 1.0.0.0/22 AS 100, in it 1.0.1.0/24 AS 200; the upper half in another country. */
static const char prefixes[] = "1.0.0.0\t22\t100\n1.0.1.0\t24\t200\n1.0.3.0\t24\t100_200\n";
static const char geoip[] = "16777216,16777727,AA\n16777728,16778239,BB\n";

static struct clients_wish wish_of(const char *users)
{
	return (struct clients_wish){
		.users = text_file(users),
		.places = { .prefixes = text_file(prefixes), .geoip = text_file(geoip) },
		.total = 4194304,
		.min_addresses = 1,
	};
}

/* "AS weight, …" */
static const char *list_of(const struct clients_estimate *e)
{
	const char *all = "";

	ck_assert_ptr_nonnull(e);
	for (size_t i = 0; i < e->n; i++)
		all = arena_printf(arena, "%s%s%u %llu", all, i ? ", " : "", e->list[i].as,
				   (unsigned long long)e->list[i].weight);
	return all;
}

static const struct {
	const char *users;
	uint64_t total, top, min_addresses;
	const char *skip;
	const char *list;
} estimates[] = {
	{ "country,users\naa,100\nbb,50\n", 4194304, 0, 1, NULL, "100 2446677, 200 1747627" },
	{ "{\"aa\":100,\"BB\":50}", 4194304, 0, 1, NULL, "100 2446677, 200 1747627" },
	{ " {\"n\":1,\"users\":{\"aa\":[100,7],\"bb\":[null,50]}}", 4194304, 0, 1, NULL, "100 2446677, 200 1747627" },
	{ "date,country,users,frac\n1,aa,60,9\n# c\n2,bb,50,9\n2,aa,40,9\n", 4194304, 0, 1, NULL, "100 2446677, 200 1747627" },
	/* Bytes that are no ASCII, where they are not used. */
	{ "# \xc3\xa4\ncountry,nom,users\naa,caf\xc3\xa9,100\nbb,,50\n", 4194304, 0, 1, NULL, "100 2446677, 200 1747627" },
	/* Shares alone count: the same with halves. */
	{ "country,users\naa,1\nbb,0.5\n", 4194304, 0, 1, NULL, "100 2446677, 200 1747627" },
	/* 7/12 and 5/12 of 10: 5.83 and 4.17. */
	{ "country,users\naa,100\nbb,50\n", 10, 0, 1, NULL, "100 6, 200 4" },
	/* One client goes to the greatest remainder; who gets none is not there. */
	{ "country,users\naa,100\nbb,50\n", 1, 0, 1, NULL, "100 1" },
	/* Equal remainders: the lower number first. */
	{ "country,users\naa,100\n", 3, 0, 1, NULL, "100 2, 200 1" },
	{ "country,users\naa,100\nbb,50\n", 1024, 1, 1, NULL, "100 1024" },
	{ "country,users\naa,100\nbb,50\n", 1024, 0, 385, NULL, "100 1024" },
	{ "country,users\naa,100\nbb,50\n", 1024, 0, 384, NULL, "100 597, 200 427" },
	{ "country,users\naa,100\nbb,50\n", 1024, 0, 1, "# x\nAS100\n7\n", "200 1024" },
	/* A country without addresses has no say. */
	{ "country,users\naa,100\nbb,50\ncc,1000\n", 4194304, 0, 1, NULL, "100 2446677, 200 1747627" },
	{ "country,users\naa,1099511627776\nbb,549755813888\n", UINT64_C(1) << 40, 0, 1, NULL, "100 641381782869, 200 458129844907" },
};

START_TEST(users_go_where_the_addresses_of_their_country_are)
{
	struct clients_wish w = wish_of(estimates[_i].users);

	w.total = estimates[_i].total;
	w.top = estimates[_i].top;
	w.min_addresses = estimates[_i].min_addresses;
	w.skip = estimates[_i].skip ? text_file(estimates[_i].skip) : NULL;
	ck_assert_str_eq(list_of(clients_estimate(&w, arena, &diags)), estimates[_i].list);
	ck_assert_uint_eq(diags.n, 0);
}
END_TEST

START_TEST(the_summary_tells_what_was_placed)
{
	struct clients_wish w = wish_of("country,users\naa,100\nbb,50\nzz,7\ncc,3\nyy,0\n\?\?,5\nEU,6\n");
	const struct clients_estimate *e = clients_estimate(&w, arena, &diags);

	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(e->sum.countries, 4);
	ck_assert_uint_eq(e->sum.countries_empty, 2);
	ck_assert_str_eq(e->sum.empty, "cc zz");
	ck_assert_double_eq(e->sum.users, 166);
	ck_assert_double_eq(e->sum.users_placed, 150);
	ck_assert_double_eq(e->sum.users_empty, 10);
	ck_assert(e->sum.is_whole);
	ck_assert_uint_eq(e->sum.pairs, 4);
	ck_assert_uint_eq(e->sum.n_as, 2);
	ck_assert_uint_eq(e->sum.addresses, 1024);
	ck_assert_double_eq(e->sum.share_10, 1);
	ck_assert_double_eq(e->sum.share_1000, 1);
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, "2 values in no country left out, first '\?\?'");
}
END_TEST

START_TEST(a_number_that_is_not_whole_counts_also_where_it_is_left_out)
{
	static const char *const files[] = { "country,users\naa,1\neu,0.5\n", "{\"aa\":1,\"total\":1.5}" };
	struct users u;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		ck_assert_int_eq(users_read(text_file(files[i]), false, arena, &diags, &u), 0);
		ck_assert(!u.is_whole);
	}
}
END_TEST

START_TEST(hosts_stand_for_addresses)
{
	struct clients_wish w = wish_of("country,users\naa,100\nbb,50\n");

	w.places.hosts = text_file("prefix,hosts\n1.0.1.0/24,30\n1.0.0.0/24,10\n1.0.2.0/23,4\n");
	w.total = 150;
	const struct clients_estimate *e = clients_estimate(&w, arena, &diags);
	ck_assert_str_eq(list_of(e), "200 87, 100 63");
	ck_assert_uint_eq(e->sum.addresses, 44);
	w.min_addresses = 31;
	ck_assert_str_eq(list_of(clients_estimate(&w, arena, &diags)), "200 150");
}
END_TEST

/* Nobody in a country that has addresses; nobody at all, by whole numbers; by others, in a country that is left out. */
START_TEST(without_clients_there_is_no_estimate)
{
	static const char *const users[] = { "country,users\nzz,100\n", "country,users\nzz,0\n", "country,users\n??,0.5\nzz,0\n" };
	const struct clients_wish w = wish_of(users[_i]);

	ck_assert_ptr_null(clients_estimate(&w, arena, &diags));
	ck_assert_uint_eq(diags.n_errors, 1);
	ck_assert_str_eq(diags.list[diags.n - 1]->text, "no clients");
}
END_TEST

static const struct {
	const char *users;
	const char *text;
	unsigned line, column;
	const char *pointer;
} wrong_users[] = {
	{ "country,users\naa,x\n", "'x' is not a number of clients", 2, 4, NULL },
	{ "country,users\naa,-1\n", "'-1' is not a number of clients", 2, 4, NULL },
	{ "country,users\naa,\n", "'' is not a number of clients", 2, 4, NULL },
	{ "country,users\naa,1e3\n", "'1e3' is not a number of clients", 2, 4, NULL },
	{ "country,users\naa,1099511627777\n", "'1099511627777' is out of range", 2, 4, NULL },
	{ "country,users\naa,1099511627776\nbb,9\naa,1\n", "'1' is out of range", 4, 4, NULL },
	{ "country,users\naa,1.0000000000000000001\n", "'1.0000000000000000001' is out of range", 2, 4, NULL },
	{ "country,clients\naa,1\n", "column 'users' is missing", 1, 1, NULL },
	{ "country,users\naa\n", "line has 1 fields, 2 expected", 2, 1, NULL },
	{ "{\"aa\":-1}", "'-1' is not a number of clients", 0, 0, "/aa" },
	{ "{\"aa\":\"7\"}", "'7' is not a number of clients", 0, 0, "/aa" },
	{ "{\"users\":{\"aa\":[]}}", "'[]' is not a number of clients", 0, 0, "/users/aa" },
	{ "{\"users\":{\"aa\":3e12}}", "'3000000000000.0' is out of range", 0, 0, "/users/aa" },
	{ "[1]", "users are not an object of countries", 0, 1, NULL },
};

START_TEST(wrong_users_are_told_with_their_place)
{
	struct users u;

	ck_assert_int_ne(users_read(text_file(wrong_users[_i].users), false, arena, &diags, &u), 0);
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, wrong_users[_i].text);
	ck_assert_uint_eq(diags.list[0]->place.line, wrong_users[_i].line);
	ck_assert_uint_eq(diags.list[0]->place.column, wrong_users[_i].column);
	ck_assert_pstr_eq(diags.list[0]->place.pointer, wrong_users[_i].pointer);
}
END_TEST

START_TEST(one_number_that_is_not_whole_makes_all_of_them_doubles)
{
	struct users u;

	ck_assert_int_eq(users_read(text_file("country,users\naa,1\nbb,2.5\naa,3\n"), false, arena, &diags, &u), 0);
	ck_assert(!u.is_whole);
	ck_assert_double_eq(u.real[country_index("aa", 2)], 4);
	ck_assert_double_eq(u.real[country_index("bb", 2)], 2.5);
	ck_assert_double_eq(u.sum, 6.5);
	ck_assert_int_eq(country_index("a1", 2), -1);
	ck_assert_int_eq(country_index("abc", 3), -1);
}
END_TEST

START_TEST(lenient_leaves_wrong_users_out)
{
	struct users u;

	ck_assert_int_eq(users_read(text_file("country,users\naa,1\naa,x\naa\nbb,7"), true, arena, &diags, &u), 0);
	ck_assert_uint_eq(u.whole[country_index("aa", 2)], 1);
	ck_assert_uint_eq(u.whole[country_index("bb", 2)], 7);
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, "2 malformed lines left out");
}
END_TEST

/* ---- files of clients ------------------------------------------------------------------------------------------ */
START_TEST(clients_are_read_in_their_order)
{
	const struct client_list *c = clients_read(text_file("weight,x,location\n3,,AS7\n0,,b\n2.0,,l_1-x:y.z\n"), false, arena, &diags);

	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(c->n, 2);
	ck_assert(c->is_whole);
	ck_assert_str_eq(c->list[0].name, "AS7");
	ck_assert_uint_eq(c->list[0].weight.whole, 3);
	ck_assert_str_eq(c->list[1].name, "l_1-x:y.z");
	ck_assert_uint_eq(c->list[1].weight.whole, 2);
	ck_assert_uint_eq(c->list[1].place.line, 4);
	c = clients_read(text_file("{\"b\":1,\"a\":0.5}"), false, arena, &diags);
	ck_assert_ptr_nonnull(c);
	ck_assert(!c->is_whole);
	ck_assert_str_eq(c->list[0].name, "b");
	ck_assert_double_eq(c->list[1].weight.real, 0.5);
}
END_TEST

START_TEST(as_in_front_of_a_number_does_not_count)
{
	ck_assert_str_eq(location_key("AS3320"), "3320");
	ck_assert_str_eq(location_key("3320"), "3320");
	ck_assert_str_eq(location_key("AS"), "AS");
	ck_assert_str_eq(location_key("AS33x"), "AS33x");
	ck_assert_str_eq(location_key("ASASIA"), "ASASIA");
}
END_TEST

static const struct {
	const char *clients;
	const char *text;
	unsigned line, column, noted;
	const char *pointer;
} wrong_clients[] = {
	{ "location,weight\na,1\nAS5,1\n5,0\n", "location '5' is given twice", 4, 1, 3, NULL },
	{ "location,weight\na,x\n", "'x' is not a weight", 2, 3, 0, NULL },
	{ "location,weight\na,1000000000000000001\n", "'1000000000000000001' is out of range", 2, 3, 0, NULL },
	{ "location,weight\na b,1\n", "'a b' is not a location", 2, 1, 0, NULL },
	{ "location,weight\n,1\n", "'' is not a location", 2, 1, 0, NULL },
	{ "location,weight\na,0\n", "no clients", 0, 0, 0, NULL },
	{ "location,weight\n", "no clients", 0, 0, 0, NULL },
	{ "{}", "no clients", 0, 0, 0, NULL },
	{ "{\"a\":\"1\"}", "'1' is not a weight", 0, 0, 0, "/a" },
	{ "{\"a/b\":1}", "'a/b' is not a location", 0, 0, 0, "/a~1b" },
	{ "{\"AS5\":1,\"5\":1}", "location '5' is given twice", 0, 0, 0, "/5" },
	{ "[]", "clients are not an object of locations", 0, 1, 0, NULL },
};

START_TEST(wrong_clients_are_told_with_their_place)
{
	ck_assert_ptr_null(clients_read(text_file(wrong_clients[_i].clients), false, arena, &diags));
	ck_assert_uint_eq(diags.n, 1);
	const struct diag *g = diags.list[0];
	ck_assert_str_eq(g->text, wrong_clients[_i].text);
	ck_assert_str_eq(g->code, "input");
	ck_assert_uint_eq(g->place.line, wrong_clients[_i].line);
	ck_assert_uint_eq(g->place.column, wrong_clients[_i].column);
	ck_assert_uint_eq(g->note ? g->note_place.line : 0, wrong_clients[_i].noted);
	ck_assert_pstr_eq(g->place.pointer, wrong_clients[_i].pointer);
}
END_TEST

START_TEST(lenient_leaves_wrong_clients_out)
{
	const struct client_list *c = clients_read(text_file("location,weight\na,1\nb b,1\na,2\nc,x\n"), true, arena, &diags);

	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(c->n, 1);
	ck_assert_uint_eq(c->list[0].weight.whole, 1);
	ck_assert_str_eq(diags.list[0]->text, "3 malformed lines left out");
}
END_TEST

START_TEST(many_names_are_all_told_apart)
{
	const char *all = "location,weight\n";

	for (unsigned i = 0; i < 300; i++)
		all = arena_printf(arena, "%s%u,1\nx%u,2\n", all, i, i);
	const struct client_list *c = clients_read(text_file(all), false, arena, &diags);
	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(c->n, 600);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, users_go_where_the_addresses_of_their_country_are, 0, ARRAY_LEN(estimates));
	tcase_add_test(tc, the_summary_tells_what_was_placed);
	tcase_add_test(tc, a_number_that_is_not_whole_counts_also_where_it_is_left_out);
	tcase_add_test(tc, hosts_stand_for_addresses);
	tcase_add_loop_test(tc, without_clients_there_is_no_estimate, 0, 3);
	tcase_add_loop_test(tc, wrong_users_are_told_with_their_place, 0, ARRAY_LEN(wrong_users));
	tcase_add_test(tc, one_number_that_is_not_whole_makes_all_of_them_doubles);
	tcase_add_test(tc, lenient_leaves_wrong_users_out);
	tcase_add_test(tc, clients_are_read_in_their_order);
	tcase_add_test(tc, as_in_front_of_a_number_does_not_count);
	tcase_add_loop_test(tc, wrong_clients_are_told_with_their_place, 0, ARRAY_LEN(wrong_clients));
	tcase_add_test(tc, lenient_leaves_wrong_clients_out);
	tcase_add_test(tc, many_names_are_all_told_apart);
}
