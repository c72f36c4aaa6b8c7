/* SPDX-License-Identifier: MIT */
/* The two ways to give up, and what cleans up by itself. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "unit.h"

static char *said;
static size_t n_said;

static void on_abort(int number)
{
	(void)number;
	(void)fflush(stderr);
	_exit(said && strstr(said, "check_base.c") && strstr(said, ": path 'p2' twice\n") ? 0 : 1);
}

START_TEST(a_bug_says_where_it_is_and_aborts)
{
	stderr = open_memstream(&said, &n_said);
	(void)signal(SIGABRT, on_abort);
	BUG("path '%s' twice", "p2");
}
END_TEST

START_TEST(out_of_memory_aborts)
{
	out_of_memory();
}
END_TEST

START_TEST(a_descriptor_closes_at_the_end_of_its_block)
{
	int fd = -1;
	{
		auto_close int opened = open("/dev/null", O_RDONLY);
		auto_close int none = -1;
		fd = opened;
		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(none, -1);
	}
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(views_are_equal_by_their_bytes)
{
	ck_assert(str_eq(STR(""), (struct str){ NULL, 0 }));
	ck_assert(str_is((struct str){ "path", 2 }, "pa"));
	ck_assert(!str_is(STR("path"), "pa"));
	ck_assert(!str_eq(STR("pa"), STR("pb")));
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_exit_test(tc, a_bug_says_where_it_is_and_aborts, 0);
	tcase_add_test_raise_signal(tc, out_of_memory_aborts, SIGABRT);
	tcase_add_test(tc, a_descriptor_closes_at_the_end_of_its_block);
	tcase_add_test(tc, views_are_equal_by_their_bytes);
}
