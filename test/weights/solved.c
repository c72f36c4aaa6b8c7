/* SPDX-License-Identifier: MIT */
/* Files of memory, so that tests leave nothing behind. */
#include "base/base.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "solved.h"
#include "weights/inputs.h"

static void solve_max(struct solved *s)
{
	const struct problem *p = s->p;
	int64_t *limit = arena_array(s->arena, int64_t, p->n_groups);

	for (size_t i = 0; i < p->n_groups; i++)
		limit[i] = MIN(p->groups[i].capacity, p->groups[i].bound);
	s->load = arena_array(s->arena, int64_t, p->n_groups);
	minmax_solve(p->n_groups, p->vuln, limit, p->supply, &s->max, s->load);
}

static void solve(struct solved *s, const struct problem_wish *w)
{
	const struct transport_wish wish = { .threads = w->threads ? w->threads : 1 };

	s->p = s->in ? problem_new(s->in, w, s->arena, &s->diags) : NULL;
	if (s->p && w->objective != OBJECTIVE_TOTAL)
		solve_max(s);
	if (!s->p || w->objective == OBJECTIVE_MAX_ONLY)
		return;
	problem_transport(s->p, s->load, s->arena, &s->t);
	if (transport_solve(&s->t, &wish, &s->answer))
		BUG("a run that nobody ends has ended");
}

static void begin(struct solved *s)
{
	*s = (struct solved){ .arena = arena_new() };
	diags_init(&s->diags, s->arena);
}

static void read_file_of(struct solved *s, int fd, const struct problem_wish *w)
{
	struct inputs_wish files = { .needs_matrix = true };
	char path[32];

	begin(s);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	files.problem = path;
	s->in = inputs_read(&files, s->arena, &s->diags);
	solve(s, w);
}

void solved_inputs(struct solved *s, const struct inputs *in, const struct problem_wish *w)
{
	begin(s);
	s->in = in;
	solve(s, w);
}

void solved_bytes(struct solved *s, const void *bytes, size_t n, const struct problem_wish *w)
{
	auto_close int fd = memfd_create("problem", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		BUG("no file of %zu bytes in memory", n);
	read_file_of(s, fd, w);
}

void solved_made(struct solved *s, const struct made_wish *made, const struct problem_wish *w)
{
	auto_close int fd = memfd_create("problem", MFD_CLOEXEC);
	struct made *d = made_new(made);
	FILE *f = fd < 0 ? NULL : fdopen(dup(fd), "w");

	if (!f || made_write(d, f) || fclose(f))
		BUG("no problem file in memory");
	made_free(d);
	read_file_of(s, fd, w);
}

const struct result *solved_result(struct solved *s)
{
	return result_new(s->p, s->p->objective == OBJECTIVE_MAX_ONLY ? NULL : &s->answer, s->load, s->max, s->arena);
}

void solved_release(struct solved *s)
{
	transport_release(&s->answer);
	arena_free(s->arena);
}
