/* SPDX-License-Identifier: MIT */
/* Where addresses are: each counted once at its most specific prefix, what does not count, several origins, counted hosts,
 * and what is wrong with files. */
#include "base/base.h"

#include "fixture.h"
#include "unit.h"
#include "weights/places.h"

static const struct places *read_all(const char *prefixes, const char *geoip, const char *hosts, const char *location)
{
	const struct places_files f = {
		.prefixes = prefixes ? text_file(prefixes) : NULL,
		.geoip = geoip ? text_file(geoip) : NULL,
		.hosts = hosts ? text_file(hosts) : NULL,
		.location = location ? text_file(location) : NULL,
	};

	return places_read(&f, arena, &diags);
}

/* "cc AS count, …" */
static const char *count_all(const struct places *p, enum origin_rule rule)
{
	const char *all = "";
	struct holdings h;
	uint64_t total = 0;

	ck_assert_ptr_nonnull(p);
	places_count(p, rule, arena, &h);
	for (size_t i = 0; i < h.n; i++) {
		const struct holding *one = &h.list[i];
		all = arena_printf(arena, "%s%s%.2s %u %llu", all, i ? ", " : "", one->country, one->as,
				   (unsigned long long)one->count);
		total += one->count;
	}
	ck_assert_uint_eq(h.total, total);
	return all;
}

#define LAND "0,4294967295,aa\n"

static const struct {
	const char *prefixes, *geoip, *hosts;
	enum origin_rule rule;
	const char *all;
} counts[] = {
	/* The most specific prefix alone, whatever the order of the lines. */
	{ "1.0.1.0\t24\t2\n1.0.0.0\t22\t1\n1.0.1.128\t25\t3\n", LAND, NULL, ORIGIN_SPLIT, "aa 1 768, aa 2 128, aa 3 128" },
	{ "1.0.0.0\t23\t1\n1.0.0.0\t24\t2\n1.0.1.0\t24\t2\n", LAND, NULL, ORIGIN_SPLIT, "aa 2 512" },
	{ "255.255.255.255\t32\t1\n0.0.0.0\t0\tAS7\n8.0.0.0\t8\t8\n", LAND, NULL, ORIGIN_SPLIT, "aa 7 3685481472, aa 8 16777216" },
	/* Countries by ranges in any order; ?? is none. */
	{ "1.0.0.0\t24\t1\n", "16777300,16777310,CC\n16777216,16777226,bb\n16777227,16777230,??\n", NULL, ORIGIN_SPLIT,
	  "bb 1 11, cc 1 11" },
	/* Reserved addresses and ASes. */
	{ "10.0.0.0\t7\t1\n192.0.0.0\t22\t2\n198.16.0.0\t14\t3\n", LAND, NULL, ORIGIN_SPLIT,
	  "aa 1 16777216, aa 2 512, aa 3 131072" },
	{ "1.0.0.0\t24\t0\n2.0.0.0\t24\t23456\n3.0.0.0\t24\t64495\n4.0.0.0\t24\t64496\n5.0.0.0\t24\t131071\n"
	  "6.0.0.0\t24\t131072\n7.0.0.0\t24\t4199999999\n8.0.0.0\t24\t4200000000\n9.0.0.0\t24\t4294967295\n",
	  LAND, NULL, ORIGIN_SPLIT, "aa 64495 256, aa 131072 256, aa 4199999999 256" },
	/* A reserved AS within another's prefix holds its addresses all the same. */
	{ "1.0.0.0\t23\t1\n1.0.0.0\t24\t64512\n", LAND, NULL, ORIGIN_SPLIT, "aa 1 256" },
	/* Several origins: the rest to the lowest; sets too; none twice; those that do not count struck out first. */
	{ "1.0.0.0\t30\t9_5,7\n", LAND, NULL, ORIGIN_SPLIT, "aa 5 2, aa 7 1, aa 9 1" },
	{ "1.0.0.0\t30\t9_5,7\n", LAND, NULL, ORIGIN_FIRST, "aa 9 4" },
	{ "1.0.0.0\t30\t9_5,7\n", LAND, NULL, ORIGIN_DROP, "" },
	{ "1.0.0.0\t30\t64512_5,5\n", LAND, NULL, ORIGIN_DROP, "aa 5 4" },
	{ "1.0.0.0\t30\t64512_7_5\n", LAND, NULL, ORIGIN_FIRST, "aa 7 4" },
	{ "1.0.0.0\t32\t6_7\n", LAND, NULL, ORIGIN_SPLIT, "aa 6 1" },
	/* All addresses of a prefix in a country are split at once, though another prefix lies between them. */
	{ "1.0.0.0\t29\t5_6\n1.0.0.1\t32\t7\n1.0.0.3\t32\t7\n", LAND, NULL, ORIGIN_SPLIT, "aa 5 3, aa 6 3, aa 7 2" },
	{ "1.0.0.0\t29\t5_6\n1.0.0.1\t32\t7\n", "16777216,16777218,aa\n16777219,16777223,bb\n", NULL, ORIGIN_SPLIT,
	  "aa 5 1, aa 6 1, aa 7 1, bb 5 3, bb 6 2" },
	/* Hosts in 1/65536, over the addresses that no more specific prefix of hosts holds. */
	{ "1.0.0.0\t24\t1\n1.0.1.0\t24\t2\n1.0.4.0\t24\t4\n", LAND, "prefix,hosts\n1.0.0.0/23,10\n1.0.1.0/25,3\n", ORIGIN_SPLIT,
	  "aa 1 436736, aa 2 414976" },
	{ "1.0.0.0\t24\t1\n", LAND, "hosts,prefix,x\n1,1.0.0.0/8,0\n", ORIGIN_SPLIT, "" },
};

START_TEST(each_address_counts_once_at_its_most_specific_prefix)
{
	const struct places *p = read_all(counts[_i].prefixes, counts[_i].geoip, counts[_i].hosts, NULL);

	ck_assert_uint_eq(diags.n, 0);
	ck_assert_str_eq(count_all(p, counts[_i].rule), counts[_i].all);
}
END_TEST

static const char dump[] = "# a: comment\n\naut-num: AS5\nname: Caf\xc3\xa9\n\n"
			   "net:      1.0.0.0/22\ncountry:  AA\naut-num:  5\n\n"
			   "net: 1.0.1.0/24\r\ncountry: bb\r\nis-anycast: yes\r\n \t\r\n"
			   "net: 1.0.2.0/24\naut-num: AS6\n\n"
			   "aut-num: 7\ncountry: CC\nnet: 1.0.3.0/25\n\n"
			   "net: 2001:db8::/32\ncountry: DD\naut-num: 9\n\n"
			   "country: x\naut-num: y\n\n"
			   "net: 1.0.3.128/26\ncountry: dd\naut-num: 8";

START_TEST(in_a_dump_the_most_specific_block_alone_counts)
{
	const struct places *p = read_all(NULL, NULL, NULL, dump);

	ck_assert_uint_eq(diags.n, 0);
	ck_assert_str_eq(count_all(p, ORIGIN_SPLIT), "aa 5 320, cc 7 128, dd 8 64");
	ck_assert_uint_eq(places_as(p, 0x01000001), 5);
	ck_assert_uint_eq(places_as(p, 0x010001ff), 0);
	ck_assert_uint_eq(places_as(p, 0x01000200), 6);
	ck_assert_uint_eq(places_as(p, 0x01000380), 8);
	ck_assert_uint_eq(places_as(p, 0x01000400), 0);
	ck_assert_uint_eq(places_as(p, 0), 0);
	ck_assert_uint_eq(places_as(p, UINT32_MAX), 0);
}
END_TEST

START_TEST(an_address_has_the_first_origin_of_its_prefix)
{
	const struct places *p = read_all("0.0.0.0\t0\t3\n1.0.0.0\t24\t9_5\n255.255.255.0\t24\t4", NULL, NULL, NULL);

	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(places_as(p, 0x01000000), 9);
	ck_assert_uint_eq(places_as(p, 0x01000100), 3);
	ck_assert_uint_eq(places_as(p, 0), 3);
	ck_assert_uint_eq(places_as(p, UINT32_MAX), 4);
}
END_TEST

START_TEST(an_empty_file_holds_no_address)
{
	const struct places *p = read_all("", "", NULL, NULL);

	ck_assert_str_eq(count_all(p, ORIGIN_SPLIT), "");
	ck_assert_uint_eq(places_as(p, 0x01000000), 0);
}
END_TEST

static const struct {
	const char *prefixes, *geoip, *hosts, *location;
	const char *text, *hint;
	unsigned line, column, noted;
} wrongs[] = {
	{ "1.2.3\t8\t1\n", NULL, NULL, NULL, "'1.2.3' is not an IPv4 address", NULL, 1, 1, 0 },
	{ "2001::\t32\t1\n", NULL, NULL, NULL, "'2001::' is not an IPv4 address", NULL, 1, 1, 0 },
	{ "# c\n1.2.3.0\t33\t1\n", NULL, NULL, NULL, "prefix length '33'", "0 to 32", 2, 9, 0 },
	{ "1.2.3.0\t\t1\n", NULL, NULL, NULL, "prefix length ''", "0 to 32", 1, 9, 0 },
	{ "1.2.3.0\t24\tx\n", NULL, NULL, NULL, "'x' is not an AS number", NULL, 1, 12, 0 },
	{ "1.2.3.0\t24\t1_\n", NULL, NULL, NULL, "'' is not an AS number", NULL, 1, 14, 0 },
	{ "1.2.3.0\t24\t1,4294967296\n", NULL, NULL, NULL, "'4294967296' is not an AS number", NULL, 1, 14, 0 },
	{ "1.2.3.0\t24\n", NULL, NULL, NULL, "line has 2 fields, 3 expected", NULL, 1, 1, 0 },
	{ "1.2.3.4\t24\t1\n", NULL, NULL, NULL, "prefix has host bits set", "the prefix is 1.2.3.0/24", 1, 1, 0 },
	{ "1.2.3.0\t24\t1\n2.0.0.0\t8\t1\n1.2.3.0\t24\t1", NULL, NULL, NULL, "prefix given twice", NULL, 3, 1, 1 },
	{ NULL, "5,4,aa\n", NULL, NULL, "range ends before it begins", NULL, 1, 1, 0 },
	{ NULL, "8,9,aa\n1,8,aa\n", NULL, NULL, "ranges overlap", NULL, 2, 1, 1 },
	{ NULL, "1,80,aa\n5,6,aa\n", NULL, NULL, "ranges overlap", NULL, 2, 1, 1 },
	{ NULL, "1,4294967296,aa\n", NULL, NULL, "'4294967296' is not an IPv4 address in decimal", NULL, 1, 3, 0 },
	{ NULL, "1,2,a1\n", NULL, NULL, "'a1' is not a country", NULL, 1, 5, 0 },
	{ NULL, "1,2,aa,x\n", NULL, NULL, "line has 4 fields, 3 expected", NULL, 1, 1, 0 },
	{ NULL, NULL, "prefix\n", NULL, "column 'hosts' is missing", "the first line names the columns: prefix,hosts", 1, 1, 0 },
	{ NULL, NULL, "prefix,hosts\n1.0.0.0/8,x\n", NULL, "'x' is not a number of hosts", NULL, 2, 11, 0 },
	{ NULL, NULL, "prefix,hosts\n1.0.0.0/8,4294967296\n", NULL, "'4294967296' is out of range",
	  "0 to 4294967295, all together at most 68719476736", 2, 11, 0 },
	{ NULL, NULL, "prefix,hosts\n1.0.0.0,1\n", NULL, "prefix length ''", "0 to 32", 2, 8, 0 },
	{ NULL, NULL, "prefix,hosts\n1.0.0.0/8,1\n1.0.0.0/8,1\n", NULL, "prefix given twice", NULL, 3, 1, 2 },
	{ NULL, NULL, NULL, "net: 1.0.0/8\n", "'1.0.0' is not an IPv4 address", NULL, 1, 6, 0 },
	{ NULL, NULL, NULL, "net: 1.0.0.0/8\ncountry: AAA\n", "'AAA' is not a country", NULL, 2, 10, 0 },
	{ NULL, NULL, NULL, "net: 1.0.0.0/8\naut-num: x\n", "'x' is not an AS number", NULL, 2, 10, 0 },
	{ NULL, NULL, NULL, "net: 1.0.0.0/8\n\nnet:  1.0.0.0/8\n", "prefix given twice", NULL, 3, 7, 1 },
};

START_TEST(what_is_wrong_is_told_with_its_place)
{
	const struct places *p = read_all(wrongs[_i].prefixes, wrongs[_i].geoip, wrongs[_i].hosts, wrongs[_i].location);

	ck_assert_ptr_null(p);
	ck_assert_uint_eq(diags.n, 1);
	const struct diag *g = diags.list[0];
	ck_assert_str_eq(g->text, wrongs[_i].text);
	ck_assert_str_eq(g->code, "input");
	ck_assert_pstr_eq(g->hint, wrongs[_i].hint);
	ck_assert_uint_eq(g->place.line, wrongs[_i].line);
	ck_assert_uint_eq(g->place.column, wrongs[_i].column);
	ck_assert_uint_eq(g->note ? g->note_place.line : 0, wrongs[_i].noted);
}
END_TEST

START_TEST(a_compressed_file_says_how_to_read_it)
{
	const char *path = text_file("\x1f\x8b\x08");
	const struct places_files f = { .prefixes = path };

	ck_assert_ptr_null(places_read(&f, arena, &diags));
	ck_assert_str_eq(diags.list[0]->hint, arena_printf(arena, "gzip -dc %s | nlbc weights ... --prefixes -", path));
}
END_TEST

START_TEST(lenient_leaves_malformed_lines_out_and_counts_them)
{
	const struct places_files f = {
		.prefixes = text_file("1.0.0.0\t24\t1\n1.0.0.0\t24\t2\n1.0.0.0\t24\t3\n1.0.0.0\t99\t4\n2.0.0.0\t24\tx\n"),
		.geoip = text_file("0,4294967295,aa\n5,6,bb\n7,8,bb\nx,9,bb\n"),
		.lenient = true,
	};
	const struct places *p = places_read(&f, arena, &diags);

	ck_assert_str_eq(count_all(p, ORIGIN_SPLIT), "aa 1 256");
	ck_assert_uint_eq(diags.n, 2);
	ck_assert_str_eq(diags.list[0]->text, "4 malformed lines left out");
	ck_assert_str_eq(diags.list[1]->text, "3 malformed lines left out");
	ck_assert_uint_eq(diags.n_errors, 0);
}
END_TEST

START_TEST(a_prefix_has_a_thousand_origins_at_most)
{
	auto_text struct text line = { 0 };

	text_puts(&line, "1.0.0.0\t24\t1");
	for (unsigned as = 2; as <= 1000; as++)
		text_printf(&line, "_%u", as);
	ck_assert_ptr_nonnull(read_all(text_get(&line), NULL, NULL, NULL));
	text_puts(&line, "_7_1001");
	ck_assert_ptr_null(read_all(text_get(&line), NULL, NULL, NULL));
	ck_assert_str_eq(diags.list[0]->text, "more than 1000 origins");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, each_address_counts_once_at_its_most_specific_prefix, 0, ARRAY_LEN(counts));
	tcase_add_test(tc, in_a_dump_the_most_specific_block_alone_counts);
	tcase_add_test(tc, an_address_has_the_first_origin_of_its_prefix);
	tcase_add_test(tc, an_empty_file_holds_no_address);
	tcase_add_loop_test(tc, what_is_wrong_is_told_with_its_place, 0, ARRAY_LEN(wrongs));
	tcase_add_test(tc, a_compressed_file_says_how_to_read_it);
	tcase_add_test(tc, a_prefix_has_a_thousand_origins_at_most);
	tcase_add_test(tc, lenient_leaves_malformed_lines_out_and_counts_them);
}
