/* SPDX-License-Identifier: MIT */
/* Addresses, prefixes and endpoints: every spelling that is read, that is refused, and that is written. */
#include "base/base.h"

#include <errno.h>

#include "base/addr.h"
#include "unit.h"

/* NULL: refused. */
static const struct {
	const char *in, *out;
} addresses[] = {
	{ "10.10.2.3", "10.10.2.3" },
	{ "0.0.0.0", "0.0.0.0" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "::", "::" },
	{ "::1", "::1" },
	{ "2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
	{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
	{ "fe80::1", "fe80::1" },
	{ "::ffff:10.0.0.1", "::ffff:10.0.0.1" },
	{ "0000:0000:0000:0000:0000:ffff:255.255.255.255", "::ffff:255.255.255.255" },
	{ "", NULL },
	{ "10.10.2.300", NULL },
	{ "10.10.2", NULL },
	{ "10.10.2.3.4", NULL },
	{ "10.10.02.3", NULL },
	{ "010.10.2.3", NULL },
	{ "0x0a.1.1.1", NULL },
	{ " 10.10.2.3", NULL },
	{ "10.10.2.3 ", NULL },
	{ "10.10.2.3/24", NULL },
	{ "localhost", NULL },
	{ ":::", NULL },
	{ "1:2:3:4:5:6:7:8:9", NULL },
	{ "fe80::1%eth0", NULL },
	{ "[::1]", NULL },
	{ "00000000000000000000000000000000000000000000000000000000000000000001::", NULL },
};

START_TEST(an_address_is_read_and_written_in_one_spelling)
{
	struct addr a = { 0 };
	char buf[ADDR_TEXT];
	const int err = addr_parse(str_of(addresses[_i].in), &a);

	ck_assert_int_eq(err, addresses[_i].out ? 0 : -EINVAL);
	if (addresses[_i].out)
		ck_assert_str_eq(addr_print(&a, buf), addresses[_i].out);
	else
		ck_assert_int_eq(a.family, 0);
}
END_TEST

START_TEST(an_address_with_a_zero_byte_is_refused)
{
	struct addr a;

	ck_assert_int_eq(addr_parse((struct str){ "10.0.0.1\0", 9 }, &a), -EINVAL);
	ck_assert_int_eq(addr_parse((struct str){ "10.0.0.123", 9 }, &a), 0);
	ck_assert_int_eq(a.b[3], 12);
}
END_TEST

static const struct {
	const char *in, *out, *raw;
} prefixes[] = {
	{ "10.10.3.0/24", "10.10.3.0/24", "10.10.3.0/24" },
	{ "10.10.3.7", "10.10.3.7/32", "10.10.3.7/32" },
	{ "10.10.1.1/1", "0.0.0.0/1", "10.10.1.1/1" },
	{ "10.10.1.255/25", "10.10.1.128/25", "10.10.1.255/25" },
	{ "0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0" },
	{ "255.255.255.255/31", "255.255.255.254/31", "255.255.255.255/31" },
	{ "2001:db8::1/48", "2001:db8::/48", "2001:db8::1/48" },
	{ "2001:db8::1", "2001:db8::1/128", "2001:db8::1/128" },
	{ "ffff::/9", "ff80::/9", "ffff::/9" },
	{ "::/0", "::/0", "::/0" },
	{ "10.0.0.0/33", NULL, NULL },
	{ "::/129", NULL, NULL },
	{ "10.0.0.0/", NULL, NULL },
	{ "/24", NULL, NULL },
	{ "10.0.0.0/024", NULL, NULL },
	{ "10.0.0.0/0x8", NULL, NULL },
	{ "10.0.0.0/24/8", NULL, NULL },
	{ "10.0.0.0/-1", NULL, NULL },
	{ "10.0.0.0/255.0.0.0", NULL, NULL },
	{ "", NULL, NULL },
};

START_TEST(a_prefix_is_read_with_and_without_its_host_bits)
{
	struct prefix p = { .len = 77 };
	struct prefix raw = { 0 };
	char buf[PREFIX_TEXT];
	const int err = prefix_parse(str_of(prefixes[_i].in), &p, &raw);

	ck_assert_int_eq(err, prefixes[_i].out ? 0 : -EINVAL);
	ck_assert_int_eq(prefix_parse(str_of(prefixes[_i].in), &p, NULL), err);
	if (!prefixes[_i].out) {
		ck_assert_uint_eq(p.len, 77);
		return;
	}
	ck_assert_str_eq(prefix_print(&p, buf), prefixes[_i].out);
	ck_assert_str_eq(prefix_print(&raw, buf), prefixes[_i].raw);
}
END_TEST

static const struct {
	const char *in, *out;
} endpoints[] = {
	{ "127.0.0.1:9090", "127.0.0.1:9090" },
	{ "0.0.0.0:1", "0.0.0.0:1" },
	{ "[::1]:65535", "[::1]:65535" },
	{ "[2001:DB8::0:1]:80", "[2001:db8::1]:80" },
	{ "localhost:80", NULL },
	{ "127.0.0.1", NULL },
	{ "127.0.0.1:", NULL },
	{ "127.0.0.1:0", NULL },
	{ "127.0.0.1:65536", NULL },
	{ "127.0.0.1:080", NULL },
	{ "127.0.0.1:0x50", NULL },
	{ "127.0.0.1:99999999999999999999", NULL },
	{ "[127.0.0.1]:80", NULL },
	{ "::1:80", NULL },
	{ "[::1]", NULL },
	{ "[]:80", NULL },
	{ "[::1:80", NULL },
	{ "::1]:80", NULL },
	{ ":80", NULL },
	{ ":", NULL },
	{ "", NULL },
};

START_TEST(an_endpoint_is_an_address_and_a_port)
{
	struct endpoint e = { .port = 77 };
	char buf[ENDPOINT_TEXT];
	const int err = endpoint_parse(str_of(endpoints[_i].in), &e);

	ck_assert_int_eq(err, endpoints[_i].out ? 0 : -EINVAL);
	if (endpoints[_i].out)
		ck_assert_str_eq(endpoint_print(&e, buf), endpoints[_i].out);
	else
		ck_assert_uint_eq(e.port, 77);
}
END_TEST

static struct prefix prefix_of(const char *s)
{
	struct prefix p;

	ck_assert_int_eq(prefix_parse(str_of(s), &p, NULL), 0);
	return p;
}

static const struct {
	const char *inner, *outer;
	bool within;
} nests[] = {
	{ "10.10.3.7", "10.10.3.0/24", true },	  { "10.10.3.0/24", "10.10.3.0/24", true },
	{ "10.10.3.0/23", "10.10.3.0/24", false }, { "10.10.4.1", "10.10.3.0/24", false },
	{ "10.10.3.7", "0.0.0.0/0", true },	  { "10.10.3.7", "::/0", false },
	{ "2001:db8::5", "2001:db8::/48", true }, { "2001:db9::5", "2001:db8::/32", false },
	{ "::/0", "0.0.0.0/0", false },		  { "10.10.3.128/26", "10.10.3.128/25", true },
};

START_TEST(a_prefix_lies_within_another_or_not)
{
	const struct prefix inner = prefix_of(nests[_i].inner);
	const struct prefix outer = prefix_of(nests[_i].outer);

	ck_assert_int_eq(prefix_within(&inner, &outer), nests[_i].within);
	if (inner.len == addr_bits(&inner.addr))
		ck_assert_int_eq(prefix_has(&outer, &inner.addr), nests[_i].within);
}
END_TEST

START_TEST(prefixes_sort_by_family_address_and_length)
{
	static const char *const sorted[] = {
		"0.0.0.0/0", "0.0.0.0/8", "10.0.0.0/8", "10.0.0.0/9", "10.10.3.0/24", "200.0.0.0/8", "::/0", "::1", "fe80::/10",
	};

	for (size_t i = 0; i < ARRAY_LEN(sorted); i++) {
		for (size_t j = 0; j < ARRAY_LEN(sorted); j++) {
			const struct prefix a = prefix_of(sorted[i]);
			const struct prefix b = prefix_of(sorted[j]);
			const int order = prefix_compare(&a, &b);
			ck_assert_int_eq((order > 0) - (order < 0), (i > j) - (i < j));
			ck_assert_int_eq(prefix_eq(&a, &b), i == j);
		}
	}
}
END_TEST

static const struct {
	const char *in;
	bool is_any, is_loopback;
} kinds[] = {
	{ "0.0.0.0", true, false },  { "::", true, false },	  { "0.0.0.1", false, false }, { "127.3.2.1", false, true },
	{ "::1", false, true },	     { "7f00::", false, false }, { "128.0.0.1", false, false },
};

START_TEST(wildcards_and_loopback_are_known)
{
	const struct prefix p = prefix_of(kinds[_i].in);

	ck_assert_int_eq(addr_is_any(&p.addr), kinds[_i].is_any);
	ck_assert_int_eq(addr_is_loopback(&p.addr), kinds[_i].is_loopback);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, an_address_is_read_and_written_in_one_spelling, 0, ARRAY_LEN(addresses));
	tcase_add_test(tc, an_address_with_a_zero_byte_is_refused);
	tcase_add_loop_test(tc, a_prefix_is_read_with_and_without_its_host_bits, 0, ARRAY_LEN(prefixes));
	tcase_add_loop_test(tc, an_endpoint_is_an_address_and_a_port, 0, ARRAY_LEN(endpoints));
	tcase_add_loop_test(tc, a_prefix_lies_within_another_or_not, 0, ARRAY_LEN(nests));
	tcase_add_test(tc, prefixes_sort_by_family_address_and_length);
	tcase_add_loop_test(tc, wildcards_and_loopback_are_known, 0, ARRAY_LEN(kinds));
}
