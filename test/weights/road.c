/* SPDX-License-Identifier: MIT */
/* Files live in memory: nothing is left behind. */
#include "base/base.h"

#include <sys/mman.h>

#include "base/arena.h"
#include "road.h"
#include "weights/transport.h"

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "road: %s\n", what);
	abort();
}

/* A file without a name, and one for it. */
static int file_new(char path[32])
{
	const int fd = memfd_create("road", MFD_CLOEXEC);

	require(fd >= 0, "memfd_create");
	(void)snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

void road_open(struct road *road, const struct made *made)
{
	char path[32];
	const int fd = file_new(path);
	auto_fclose FILE *f = fdopen(fd, "w");
	const struct inputs_wish wish = { .problem = path, .needs_matrix = true };

	require(f && made_write(made, f) == 0 && fflush(f) == 0, "made_write");
	*road = (struct road){ .arena = arena_new() };
	diags_init(&road->diags, road->arena);
	road->in = inputs_read(&wish, road->arena, &road->diags);
	require(road->in != NULL, road->diags.n ? road->diags.list[0]->text : "inputs_read");
}

void road_close(struct road *road)
{
	arena_free(road->arena);
}

/* 6.3: its loads are the capacities of the second stage. */
static int64_t *solve_max(struct road *road, wide *max)
{
	const struct problem *p = road->p;
	int64_t *limit = arena_array(road->arena, int64_t, p->n_groups);
	int64_t *load = arena_array(road->arena, int64_t, p->n_groups);

	for (size_t i = 0; i < p->n_groups; i++)
		limit[i] = MIN(p->groups[i].capacity, p->groups[i].bound);
	minmax_solve(p->n_groups, p->vuln, limit, p->supply, max, load);
	return load;
}

static void solve_total(struct road *road, const int64_t *load, struct transport_answer *answer)
{
	const struct problem *p = road->p;
	int64_t *capacity = arena_array(road->arena, int64_t, p->n_groups);
	int64_t *bound = arena_array(road->arena, int64_t, p->n_groups);
	const struct transport_wish wish = { .threads = 1 };
	const struct transport t = {
		.m = p->n_rows, .n = p->n_groups, .weight = p->row_weight, .capacity = capacity, .bound = bound,
		.supply = p->supply, .penalty = p->penalty,
	};

	for (size_t i = 0; i < p->n_groups; i++) {
		capacity[i] = load ? load[i] : p->groups[i].capacity;
		bound[i] = p->groups[i].bound;
	}
	require(transport_solve(&t, &wish, answer) == 0, "transport_solve");
}

void road_solve(struct road *road, enum objective objective, bool no_merge)
{
	const struct problem_wish wish = { .objective = objective, .no_merge = no_merge, .threads = 1 };
	struct transport_answer answer = { 0 };
	int64_t *load = NULL;
	wide max = 0;

	road->p = problem_new(road->in, &wish, road->arena, &road->diags);
	require(road->p != NULL, road->diags.n ? road->diags.list[0]->text : "problem_new");
	if (objective != OBJECTIVE_TOTAL)
		load = solve_max(road, &max);
	if (objective != OBJECTIVE_MAX_ONLY)
		solve_total(road, load, &answer);
	road->r = result_new(road->p, objective == OBJECTIVE_MAX_ONLY ? NULL : &answer, load, max, road->arena);
	transport_release(&answer);
}

char *road_text(const struct result *r)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	require(f && result_write(r, f) == 0 && fclose(f) == 0, "result_write");
	return text;
}

const struct result *road_read(const char *text, size_t n, struct arena *a, struct diags *d)
{
	char path[32];
	auto_close int fd = file_new(path);

	while (n > 0) {
		const ssize_t got = write(fd, text, n);

		require(got > 0, "write");
		text += got;
		n -= (size_t)got;
	}
	return result_read(path, a, d);
}
