/* SPDX-License-Identifier: MIT */
/* Threads that take parts: each part is done once, however many threads there are. */
#include "base/base.h"

#include "unit.h"
#include "weights/crew.h"

enum { PARTS = 50, RUNS = 200 };

static void count(void *arg, size_t part)
{
	((unsigned *)arg)[part]++;
}

START_TEST(every_part_is_done_once_a_run)
{
	static const unsigned threads[] = { 0, 1, 2, 3, 8 };
	struct crew *c = crew_new(threads[_i]);
	unsigned done[PARTS] = { 0 };

	for (size_t k = 0; k < RUNS; k++)
		crew_run(c, k % (PARTS + 1), count, done);
	for (size_t part = 0; part < PARTS; part++) {
		unsigned wanted = 0;

		for (size_t k = 0; k < RUNS; k++)
			wanted += k % (PARTS + 1) > part;
		ck_assert_uint_eq(done[part], wanted);
	}
	crew_free(c);
}
END_TEST

START_TEST(a_crew_without_work_ends)
{
	crew_free(crew_new(4));
	crew_free(NULL);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, every_part_is_done_once_a_run, 0, 5);
	tcase_add_test(tc, a_crew_without_work_ends);
}
