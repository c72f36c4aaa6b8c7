/* SPDX-License-Identifier: MIT */
/* Which certificate goes with which name. */
#include "base/base.h"

#include "proxy/tls_names.h"
#include "unit.h"

static struct tls_names names;

static void begin(void)
{
	tls_names_add(&names, STR("example.org"), 0);
	tls_names_add(&names, STR("*.Example.org"), 1);
	tls_names_add(&names, STR("shop.example.org"), 2);
	tls_names_add(&names, STR("twice.net"), 4);
	tls_names_add(&names, STR("TWICE.net"), 3);
	tls_names_add(&names, STR("with\0nul.net"), 5);
	tls_names_add(&names, STR(""), 5);
	tls_names_sort(&names);
}

static void end(void)
{
	tls_names_release(&names);
}

static const struct {
	const char *name;
	int certificate;
} asked[] = {
	{ "example.org", 0 },
	{ "EXAMPLE.ORG", 0 },
	{ "www.example.org", 1 },
	{ "WWW.Example.ORG", 1 },
	{ "shop.example.org", 2 },
	{ "a.b.example.org", -1 },
	{ ".example.org", -1 },
	{ "twice.net", 3 },
	{ "nothing.net", -1 },
	{ "org", -1 },
	{ "", -1 },
	{ "with", -1 },
	{ "zzz", -1 },
};

START_TEST(a_name_has_its_certificate)
{
	ck_assert_int_eq(tls_names_find(&names, asked[_i].name), asked[_i].certificate);
}
END_TEST

START_TEST(a_name_too_long_has_none)
{
	char name[TLS_NAME_BYTES + 2] = "";

	memset(name, 'a', sizeof(name) - 1);
	ck_assert_int_eq(tls_names_find(&names, name), -1);
	tls_names_add(&names, (struct str){ name, sizeof(name) - 1 }, 1);
	ck_assert_uint_eq(names.n, 5);
}
END_TEST

START_TEST(of_no_names_none_is_found)
{
	const struct tls_names none = { 0 };

	ck_assert_int_eq(tls_names_find(&none, "a.example"), -1);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_loop_test(tc, a_name_has_its_certificate, 0, (int)ARRAY_LEN(asked));
	tcase_add_test(tc, a_name_too_long_has_none);
	tcase_add_test(tc, of_no_names_none_is_found);
}
