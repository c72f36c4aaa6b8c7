/* SPDX-License-Identifier: MIT */
/* Bad certificates and keys are told by the exact messages of proxy.md 15.1; such as end soon, by warnings. */
#include "base/base.h"

#include <sys/stat.h>
#include <time.h>

#include "base/out.h"
#include "fixture.h"
#include "profile/profile.h"
#include "proxy/tls.h"
#include "tls_files.h"
#include "unit.h"

static void begin(void)
{
	setup();
	tls_files_begin();
	tls_files_make("good", "DNS:a.example", 30, NULL);
	tls_files_make("other", "DNS:b.example", 13, NULL);
}

static void end(void)
{
	tls_files_end();
	teardown();
}

static struct tls_listener *listener(const char *certificate, const char *key)
{
	static struct tls_conf tls;
	static struct proxy_conf c;

	tls = (struct tls_conf){ .certificate = certificate, .key = key };
	c = (struct proxy_conf){ .tls = &tls, .n_tls = 1 };
	return tls_listener_new(&c, NULL, &diags);
}

static void is_refused(const char *certificate, const char *key, int exit_code, const char *message)
{
	ck_assert_ptr_null(listener(certificate, key));
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, message);
	ck_assert_int_eq(failure_worst(&diags, NULL)->exit, exit_code);
}

static const char *format(const char *text, const char *a, const char *b)
{
	static char message[1000];

	(void)snprintf(message, sizeof(message), text, a, b);
	return message;
}

static void write_text(const char *name, const char *text)
{
	FILE *f = fopen(tls_file(name), "we");

	ck_assert_ptr_nonnull(f);
	(void)fputs(text, f);
	(void)fclose(f);
	(void)chmod(tls_file(name), 0600);
}

START_TEST(what_is_no_certificate_is_told)
{
	write_text("text.pem", "hello\n");
	is_refused(tls_file("text.pem"), tls_file("good.key"), 1,
		   format("'%s' holds no certificate", tls_file("text.pem"), ""));
}
END_TEST

START_TEST(a_key_is_no_certificate)
{
	is_refused(tls_file("good.key"), tls_file("good.key"), 1,
		   format("'%s' holds no certificate", tls_file("good.key"), ""));
}
END_TEST

START_TEST(a_certificate_is_no_key)
{
	(void)chmod(tls_file("good.pem"), 0600);
	is_refused(tls_file("good.pem"), tls_file("good.pem"), 1, format("'%s' holds no key", tls_file("good.pem"), ""));
}
END_TEST

START_TEST(a_key_with_a_passphrase_is_told_with_a_way_out)
{
	write_text("locked.key", "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
				 "DEK-Info: AES-128-CBC,000102030405060708090A0B0C0D0E0F\n\nAAAAAAAAAAAAAAAAAAAAAA==\n"
				 "-----END EC PRIVATE KEY-----\n");
	is_refused(tls_file("good.pem"), tls_file("locked.key"), 1,
		   format("'%s' holds no key", tls_file("locked.key"), ""));
	ck_assert_str_eq(diags.list[0]->hint, "a key with a passphrase cannot be used; openssl pkey takes it off");
}
END_TEST

START_TEST(the_key_of_another_certificate_is_told)
{
	is_refused(tls_file("good.pem"), tls_file("other.key"), 1,
		   format("key '%s' does not fit certificate '%s'", tls_file("other.key"), tls_file("good.pem")));
}
END_TEST

START_TEST(what_cannot_be_read_is_told)
{
	is_refused(tls_file("none.pem"), tls_file("good.key"), 4,
		   format("cannot read '%s': No such file or directory", tls_file("none.pem"), ""));
}
END_TEST

START_TEST(a_key_open_to_everybody_is_refused)
{
	(void)chmod(tls_file("good.key"), 0644);
	is_refused(tls_file("good.pem"), tls_file("good.key"), 4,
		   format("key '%s' can be read by everybody", tls_file("good.key"), ""));
}
END_TEST

START_TEST(an_authority_that_cannot_be_read_is_told)
{
	write_text("text.pem", "hello\n");
	const struct server_conf servers[] = {
		{ .name = "a", .tls = true, .tls_name = "a", .tls_verify = VERIFY_FILE, .tls_store = tls_file("none.pem") },
		{ .name = "b", .tls = true, .tls_name = "b", .tls_verify = VERIFY_FILE, .tls_store = tls_file("text.pem") },
	};
	const struct proxy_conf c = { .servers = servers, .n_servers = 2 };

	ck_assert_ptr_null(tls_servers_new(&c, &diags));
	ck_assert_uint_eq(diags.n, 2);
	ck_assert_str_eq(diags.list[0]->text,
			 format("cannot read '%s': No such file or directory", tls_file("none.pem"), ""));
	ck_assert_str_eq(diags.list[1]->text, format("'%s' holds no certificate", tls_file("text.pem"), ""));
}
END_TEST

START_TEST(a_certificate_near_its_end_is_a_warning)
{
	const int64_t now = time(NULL);
	struct tls_listener *good = listener(tls_file("good.pem"), tls_file("good.key"));

	ck_assert_ptr_nonnull(good);
	tls_listener_warn(good, now, &diags);
	ck_assert_uint_eq(diags.n, 0);
	tls_listener_free(good);

	struct tls_listener *near = listener(tls_file("other.pem"), tls_file("other.key"));
	ck_assert_ptr_nonnull(near);
	tls_listener_warn(near, now, &diags);
	tls_listener_warn(near, now + 14 * 86400, &diags);
	tls_listener_free(near);
	ck_assert_uint_eq(diags.n_warnings, 2);
	ck_assert_uint_eq(diags.n_errors, 0);
	const char *const ends = format("certificate '%s' ends on 20", tls_file("other.pem"), "");
	ck_assert_int_eq(strncmp(diags.list[0]->text, ends, strlen(ends)), 0);
	const char *const ended = format("certificate '%s' ended on 20", tls_file("other.pem"), "");
	ck_assert_int_eq(strncmp(diags.list[1]->text, ended, strlen(ended)), 0);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, what_is_no_certificate_is_told);
	tcase_add_test(tc, a_key_is_no_certificate);
	tcase_add_test(tc, a_certificate_is_no_key);
	tcase_add_test(tc, a_key_with_a_passphrase_is_told_with_a_way_out);
	tcase_add_test(tc, the_key_of_another_certificate_is_told);
	tcase_add_test(tc, what_cannot_be_read_is_told);
	tcase_add_test(tc, a_key_open_to_everybody_is_refused);
	tcase_add_test(tc, an_authority_that_cannot_be_read_is_told);
	tcase_add_test(tc, a_certificate_near_its_end_is_a_warning);
}
