/* SPDX-License-Identifier: MIT */
/* A small group, and exchanges with its members. */
#include "base/base.h"

#include "fixture.h"
#include "methods.h"
#include "unit.h"

static const struct policy *method(const char *name)
{
	const struct policy *p = policy_find(str_of(name));

	ck_assert_ptr_nonnull(p);
	return p;
}

/* A group of members a, b, c, ... with these weights. */
struct group *group_of(struct group_conf c, const uint32_t *weights, size_t n)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f" };
	struct group_member_conf *m = arena_array(arena, struct group_member_conf, n);

	for (size_t i = 0; i < n; i++)
		m[i] = (struct group_member_conf){ i < ARRAY_LEN(names) ? names[i] : arena_printf(arena, "m%zu", i),
						   weights ? weights[i] : 1, false };
	return group_new(&c, m, n, 1, arena);
}

struct group_conf conf(const char *name)
{
	return (struct group_conf){ .policy = method(name), .window = 3, .alpha_ppm = 200000, .refresh_us = 5000000,
				    .decay_us = 5000000 };
}

struct group_conf seed(const char *name)
{
	struct group_conf c = conf(name);

	c.compat_seed = true;
	return c;
}

int choose(struct group *g, uint64_t now_us)
{
	const struct group_wish w = { .now_us = now_us };

	return group_choose(g, &w);
}

/* The next n choices, each begun and left open, as letters. */
const char *letters(struct group *g, size_t n)
{
	char *s = arena_alloc(arena, n + 1);

	for (size_t k = 0; k < n; k++) {
		const int i = choose(g, 0);

		s[k] = i < 0 ? '-' : (char)('a' + i);
		if (i >= 0)
			group_begin(g, (size_t)i, 0);
	}
	return s;
}

void finish(struct group *g, int i, uint64_t now_us, uint64_t us)
{
	const struct group_outcome o = { .now_us = now_us, .end = GROUP_SAMPLE, .first_us = us, .whole_us = us };

	group_done(g, (size_t)i, &o);
}

void leave(struct group *g, int i)
{
	const struct group_outcome o = { .end = GROUP_UNKNOWN };

	group_done(g, (size_t)i, &o);
}
