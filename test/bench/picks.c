/* SPDX-License-Identifier: MIT */
/* What a choice costs by each method: nanoseconds of processor time for choosing, beginning and ending an exchange with
 * its sample, eight of them open at a time. The least of several runs counts; with three members it is to be 50 at most. No
 * part of `make check`, as a busy machine has other times: make bench-picks. */
#include "base/base.h"

#include <time.h>

#include "base/arena.h"
#include "core/group.h"

enum { RUNS = 9, OPEN = 8, MOST_NS = 50 };

static const size_t sizes[] = { 3, 10, 32, 1000 };

static double now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static struct group *group_of(const struct policy *p, size_t n, struct arena *a)
{
	const struct group_conf c = { .policy = p, .window = 3, .alpha_ppm = 50000, .refresh_us = 5000000,
				      .decay_us = 5000000 };
	struct group_member_conf *m = arena_array(a, struct group_member_conf, n);

	for (size_t i = 0; i < n; i++)
		m[i] = (struct group_member_conf){ arena_printf(a, "s%zu", i), 1, false };
	return group_new(&c, m, n, 1, a);
}

/* One run of `picks` choices, 50 us apart, of clients in turn. */
static double run(struct group *g, int open[OPEN], uint64_t *now_us, int picks)
{
	struct addr client = { AF_INET, { 10, 0, 0, 0 } };
	struct group_outcome o = { .end = GROUP_SAMPLE };
	const double before = now_ns();

	for (int k = 0; k < picks; k++) {
		int *place = &open[k % OPEN];

		*now_us += 50;
		client.b[3] = (uint8_t)k;
		if (*place >= 0) {
			o.now_us = *now_us;
			o.first_us = o.whole_us = 400 + (uint64_t)(k * 31 % 97);
			group_done(g, (size_t)*place, &o);
		}
		*place = group_choose(g, &(struct group_wish){ .now_us = *now_us, .client = &client });
		group_begin(g, (size_t)*place, *now_us);
	}
	return (now_ns() - before) / picks;
}

static double cost(const struct policy *p, size_t n)
{
	struct arena *a = arena_new();
	struct group *g = group_of(p, n, a);
	int open[OPEN];
	uint64_t now_us = 0;
	double least = 1e18;

	for (int i = 0; i < OPEN; i++)
		open[i] = -1;
	for (int k = 0; k < RUNS; k++)
		least = MIN(least, run(g, open, &now_us, n > 100 ? 20000 : 200000));
	arena_free(a);
	return least;
}

int main(void)
{
	bool missed = false;

	printf("%-18s", "members");
	for (size_t k = 0; k < ARRAY_LEN(sizes); k++)
		printf("%8zu", sizes[k]);
	printf("\n");
	for (size_t i = 0; i < POLICY_KINDS; i++) {
		if (!policies[i]->choose)
			continue;
		printf("%-18s", policies[i]->name);
		for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
			const double ns = cost(policies[i], sizes[k]);

			missed |= k == 0 && ns > MOST_NS;
			printf("%8.1f", ns);
		}
		printf("\n");
	}
	printf("nanoseconds for each choice; with %zu at most %d: %s\n", sizes[0], MOST_NS, missed ? "MISSED" : "ok");
	return missed ? 2 : 0;
}
