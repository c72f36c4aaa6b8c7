/* SPDX-License-Identifier: MIT */
/* The log keeps its promise: one event, one line. */
#include "base/base.h"

#include "base/log.h"
#include "unit.h"

static FILE *saved;
static char *logged;
static size_t n_logged;

static void begin(void)
{
	saved = stderr;
	stderr = open_memstream(&logged, &n_logged);
}

static void end(void)
{
	(void)fclose(stderr);
	stderr = saved;
	free(logged);
}

START_TEST(an_event_is_one_line_whatever_it_says)
{
	log_set_level(LOG_LEVEL_INFO);
	log_event(LOG_LEVEL_INFO, "applied", "generation=%d profile=\"%s\"", 18, "a\nb");
	log_event(LOG_LEVEL_ERROR, "lost", "%s", "");
	(void)fflush(stderr);
	ck_assert_str_eq(logged, "level=info event=applied generation=18 profile=\"a?b\"\nlevel=error event=lost\n");
}
END_TEST

START_TEST(the_level_decides)
{
	log_event(LOG_LEVEL_INFO, "x", "y=1");
	log_set_level(LOG_LEVEL_DEBUG);
	log_event(LOG_LEVEL_DEBUG, "x", "y=2");
	log_set_level(LOG_LEVEL_ERROR);
	log_event(LOG_LEVEL_WARNING, "x", "y=3");
	ck_assert(log_wants(LOG_LEVEL_ERROR));
	ck_assert(!log_wants(LOG_LEVEL_WARNING));
	(void)fflush(stderr);
	ck_assert_str_eq(logged, "level=debug event=x y=2\n");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, an_event_is_one_line_whatever_it_says);
	tcase_add_test(tc, the_level_decides);
}
