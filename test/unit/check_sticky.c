/* SPDX-License-Identifier: MIT */
/* What the cookie says, and whom it names. */
#include "base/base.h"

#include "profile/profile.h"
#include "proxy/sticky.h"
#include "unit.h"

static const struct server_conf servers[] = { { .name = "a" }, { .name = "b" } };
static const struct tls_conf tls;
/* printf %s shop/web/a | sha256sum, and b. */
static const char a[] = "355d097d331b3c3f", b[] = "3609ddc0ab6fc010";

static struct sticky *sticky(bool secure)
{
	const struct proxy_conf c = {
		.name = "web", .sticky = "SERVER", .servers = servers, .n_servers = 2, .tls = &tls, .n_tls = secure,
	};

	return sticky_new("shop", &c);
}

START_TEST(a_cookie_names_its_server_by_16_digits)
{
	struct sticky *s = sticky(false);

	ck_assert(str_is(sticky_cookie(s, 0), "SERVER=355d097d331b3c3f; Path=/; HttpOnly; SameSite=Lax"));
	ck_assert(str_is(sticky_cookie(s, 1), "SERVER=3609ddc0ab6fc010; Path=/; HttpOnly; SameSite=Lax"));
	sticky_free(s);
}
END_TEST

START_TEST(under_tls_a_cookie_goes_by_tls_only)
{
	struct sticky *s = sticky(true);

	ck_assert(str_is(sticky_cookie(s, 0), "SERVER=355d097d331b3c3f; Path=/; HttpOnly; SameSite=Lax; Secure"));
	sticky_free(s);
}
END_TEST

START_TEST(a_value_leads_to_its_server)
{
	struct sticky *s = sticky(false);
	char wrong[sizeof(a)];

	memcpy(wrong, a, sizeof(a));
	wrong[15] ^= 1;
	ck_assert_int_eq(sticky_find(s, str_of(a)), 0);
	ck_assert_int_eq(sticky_find(s, str_of(b)), 1);
	ck_assert_int_eq(sticky_find(s, str_of(wrong)), -1);
	ck_assert_int_eq(sticky_find(s, (struct str){ a, 15 }), -1);
	ck_assert_int_eq(sticky_find(s, STR("")), -1);
	ck_assert_int_eq(sticky_find(s, (struct str){ 0 }), -1);
	sticky_free(s);
}
END_TEST

START_TEST(without_the_word_clients_are_not_sticky)
{
	const struct proxy_conf c = { .name = "web", .servers = servers, .n_servers = 2 };

	ck_assert_ptr_null(sticky_new("shop", &c));
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, a_cookie_names_its_server_by_16_digits);
	tcase_add_test(tc, under_tls_a_cookie_goes_by_tls_only);
	tcase_add_test(tc, a_value_leads_to_its_server);
	tcase_add_test(tc, without_the_word_clients_are_not_sticky);
}
