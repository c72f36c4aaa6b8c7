/* SPDX-License-Identifier: MIT */
/* Results: what is read is the same when written and read again, can be exported, lends its tree, and is proved only if it is
 * the optimum of the problem, whose value is known. */
#include "base/base.h"

#include "base/arena.h"
#include "files.h"
#include "fuzz.h"
#include "tiny.h"
#include "weights/certify.h"
#include "weights/export.h"

static const wide optimum = 24400000;

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* A result as text, malloc'd. */
static char *text_of(const struct result *r, size_t *n)
{
	char *text;
	FILE *f = open_memstream(&text, n);

	require(f && result_write(r, f) == 0 && fclose(f) == 0);
	return text;
}

static void write_again(const struct result *r, struct arena *a, struct diags *d)
{
	char path[FUZZ_PATH];
	size_t n, n_again;
	auto_free char *text = text_of(r, &n);

	fuzz_file(1, (const uint8_t *)text, n, path);
	const struct result *again = result_read(path, a, d);

	require(again != NULL);
	auto_free char *text_again = text_of(again, &n_again);

	require(n == n_again && memcmp(text, text_again, n) == 0);
}

static void export_all(const struct result *r, struct diags *d)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	const size_t told = d->n_errors;

	require(f && export_relays(r, f) == 0 && export_locations(r, f) == 0 && export_svg(&r, 1, f) == 0);
	require(export_shadow(r, f, NULL, d) == 0 || d->n_errors > told);
	(void)fclose(f);
	free(text);
}

static void prove(const struct result *r, struct tiny *tiny, struct arena *a)
{
	struct certificate c;

	require(certify(r, &tiny->in, NULL, a, &c) == 0);
	require(c.is_feasible == (c.n_broken == 0));
	if (c.is_feasible && c.has_bound && c.gap == 0 && r->objective == OBJECTIVE_TOTAL)
		require(c.value == optimum && r->value == optimum);
	require(!c.is_feasible || !c.has_bound || c.gap >= 0);
}

static void lend_tree(const struct result *r, struct tiny *tiny, struct arena *a, struct diags *d)
{
	const struct problem_wish wish = { .threads = 1 };
	struct transport_tree tree;

	result_warm_tree(r, problem_new(&tiny->in, &wish, a, d), a, &tree);
	for (size_t l = 0; l < TINY_ROWS; l++)
		require(tree.row[l] >= TREE_NONE && tree.row[l] < TINY_GROUPS);
	for (size_t i = 0; i < TINY_GROUPS; i++)
		require(tree.column[i] >= TREE_NONE && tree.column[i] < TINY_ROWS);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	char path[FUZZ_PATH];
	struct tiny tiny;
	struct diags d;

	diags_init(&d, a);
	tiny_init(&tiny);
	fuzz_file(0, bytes, n, path);
	const struct result *r = result_read(path, a, &d);

	require(r != NULL || d.n_errors > 0);
	if (r) {
		write_again(r, a, &d);
		export_all(r, &d);
		prove(r, &tiny, a);
		lend_tree(r, &tiny, a, &d);
	}
	arena_free(a);
	return 0;
}
