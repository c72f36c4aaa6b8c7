/* SPDX-License-Identifier: MIT */
/* profiles [--legacy] [--netem] [--fq-codel] SEED FIRST COUNT [DIRECTORY]: random profiles FIRST … FIRST + COUNT - 1 of
 * this seed, to DIRECTORY/N.prof or standard output. What nlbc refuses is told and drawn again, so that each one written
 * is valid. With a directory prints which words of the language were used; exit 3: some never, or too many refused. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>

#include "base/arena.h"
#include "base/diag.h"
#include "compose.h"
#include "coverage.h"
#include "plan/plan.h"
#include "profile/profile.h"

enum { ATTEMPTS = 50, ENOUGH = 500 };

struct work {
	struct recipe recipe;
	const char *directory;
	struct coverage coverage;
	unsigned refused, written;
	uint64_t last;
};

/* Is it one that a machine with all its devices can carry out? */
static bool judge(struct work *w, const struct text *t)
{
	struct arena *a = arena_new();
	struct diags d;

	diags_init(&d, a);
	const struct profile *p = profile_read_text("soak.prof", (struct str){ text_get(t), t->n }, NULL, a, &d);
	const bool good = p && plan_compile(p->machines, NULL, NULL, NULL, a, &d) && !d.n_errors;

	if (good)
		coverage_count(&w->coverage, p->tree);
	for (size_t i = 0; !good && i < d.n; i++)
		if (d.list[i]->severity == DIAG_ERROR)
			fprintf(stderr, "%" PRIu64 ".%u refused: %s\n", w->recipe.number, w->recipe.attempt, d.list[i]->text);
	arena_free(a);
	return good;
}

static int write_one(const struct work *w, const struct text *t)
{
	char name[4096];
	auto_fclose FILE *f = NULL;

	if (!w->directory)
		return fwrite(text_get(t), t->n, 1, stdout) == 1 ? 0 : -EIO;
	(void)snprintf(name, sizeof(name), "%s/%" PRIu64 ".prof", w->directory, w->recipe.number);
	f = fopen(name, "w");
	return f && fwrite(text_get(t), t->n, 1, f) == 1 ? 0 : -errno;
}

static int compose_one(struct work *w)
{
	auto_text struct text t = { 0 };

	for (w->recipe.attempt = 0; w->recipe.attempt < ATTEMPTS; w->recipe.attempt++) {
		text_clear(&t);
		compose(&w->recipe, &t);
		if (judge(w, &t)) {
			w->written++;
			return write_one(w, &t);
		}
		w->refused++;
	}
	return -EINVAL;
}

static bool parse(struct work *w, int argc, char **argv)
{
	uint64_t numbers[3];
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		w->recipe.legacy |= strcmp(argv[i], "--legacy") == 0;
		w->recipe.netem |= strcmp(argv[i], "--netem") == 0;
		w->recipe.fq_codel |= strcmp(argv[i], "--fq-codel") == 0;
	}
	if (argc - i < 3)
		return false;
	for (size_t k = 0; k < ARRAY_LEN(numbers); k++)
		if (parse_uint(str_of(argv[i + (int)k]), &numbers[k]) != 0)
			return false;
	w->recipe.seed = numbers[0];
	w->recipe.number = numbers[1];
	w->written = 0;
	w->directory = argc - i > 3 ? argv[i + 3] : NULL;
	w->last = numbers[1] + numbers[2];
	return true;
}

int main(int argc, char **argv)
{
	struct work *w = calloc(1, sizeof(*w));

	if (!w || !parse(w, argc, argv)) {
		fputs("usage: profiles [--legacy] [--netem] [--fq-codel] SEED FIRST COUNT [DIRECTORY]\n", stderr);
		free(w);
		return 1;
	}
	int err = 0;

	for (; !err && w->recipe.number < w->last; w->recipe.number++)
		err = compose_one(w);
	if (err)
		fprintf(stderr, "profile %" PRIu64 ": %s\n", w->recipe.number - 1, strerror(-err));
	int code = err ? 1 : 0;

	if (!err && w->directory) {
		printf("%u profiles, %u refused and drawn again\n", w->written, w->refused);
		const unsigned missing = coverage_tell(&w->coverage, &w->recipe);

		if (w->written >= ENOUGH && (missing || w->refused * 20 > w->written))
			code = 3;
	}
	free(w);
	return code;
}
