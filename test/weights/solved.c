/* SPDX-License-Identifier: MIT */
/* Files of memory, so that tests leave nothing behind. */
#include "base/base.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "solved.h"
#include "weights/inputs.h"

static void solve(struct solved *s, int fd, const struct problem_wish *w)
{
	const struct transport_wish wish = { .threads = 1 };
	struct inputs_wish files = { .needs_matrix = true };
	char path[32];

	*s = (struct solved){ .arena = arena_new() };
	diags_init(&s->diags, s->arena);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	files.problem = path;
	s->in = inputs_read(&files, s->arena, &s->diags);
	s->p = s->in ? problem_new(s->in, w, s->arena, &s->diags) : NULL;
	if (!s->p)
		return;
	problem_transport(s->p, NULL, s->arena, &s->t);
	if (transport_solve(&s->t, &wish, &s->answer))
		BUG("a run that nobody ends has ended");
}

void solved_bytes(struct solved *s, const void *bytes, size_t n, const struct problem_wish *w)
{
	auto_close int fd = memfd_create("problem", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		BUG("no file of %zu bytes in memory", n);
	solve(s, fd, w);
}

void solved_made(struct solved *s, const struct made_wish *made, const struct problem_wish *w)
{
	auto_close int fd = memfd_create("problem", MFD_CLOEXEC);
	struct made *d = made_new(made);
	FILE *f = fd < 0 ? NULL : fdopen(dup(fd), "w");

	if (!f || made_write(d, f) || fclose(f))
		BUG("no problem file in memory");
	made_free(d);
	solve(s, fd, w);
}

void solved_release(struct solved *s)
{
	transport_release(&s->answer);
	arena_free(s->arena);
}
