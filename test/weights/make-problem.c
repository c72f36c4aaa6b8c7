/* SPDX-License-Identifier: MIT */
/* make-problem KIND M N [--wgg UNITS] [--theta THOUSANDTHS] [--cut N | --constant N | --levels N]: a problem of weights.md
 * section 9 as a problem file on standard output. KIND: tiers, steps, relays, plain; --wgg 5833 and --theta 5000 are the
 * defaults; the last three change penalties as the table there does. `make-problem --list` prints the table. */
#include "base/base.h"

#include "base/text.h"
#include "made.h"

static bool read_number(const char *word, uint32_t least, uint32_t *out)
{
	uint64_t v;

	if (!word || parse_uint(str_of(word), &v) || v < least || v > UINT32_MAX)
		return false;
	*out = (uint32_t)v;
	return true;
}

static bool read_kind(const char *word, enum made_kind *out)
{
	for (enum made_kind k = 0; k < MADE_KINDS; k++)
		if (!strcmp(word, made_kind_names[k])) {
			*out = k;
			return true;
		}
	return false;
}

static bool read_words(int n, char **word, struct made_wish *w)
{
	const struct option {
		const char *name;
		uint32_t *value;
	} options[] = {
		{ "--wgg", &w->wgg }, { "--theta", &w->theta }, { "--cut", &w->cut }, { "--constant", &w->constant },
		{ "--levels", &w->levels },
	};

	if (n < 4 || n % 2 != 0 || !read_kind(word[1], &w->kind) || !read_number(word[2], 1, &w->m) ||
	    !read_number(word[3], 1, &w->n) || w->m > 1000000 || w->n > 65535)
		return false;
	for (int k = 4; k < n; k += 2) {
		size_t o = 0;

		while (o < ARRAY_LEN(options) && strcmp(options[o].name, word[k]) != 0)
			o++;
		if (o == ARRAY_LEN(options) || !read_number(word[k + 1], 1, options[o].value))
			return false;
	}
	return w->constant <= UINT16_MAX;
}

/* One a line: its words for make-problem, a tab, the digest, Z, and Z when merged. */
static void list(void)
{
	for (size_t k = 0; k < made_n_rows; k++) {
		const struct made_row *r = &made_rows[k];

		(void)printf("%s %u %u", made_kind_names[r->wish.kind], r->wish.m, r->wish.n);
		if (r->wish.wgg)
			(void)printf(" --wgg %u", r->wish.wgg);
		if (r->wish.theta)
			(void)printf(" --theta %u", r->wish.theta);
		if (r->wish.cut)
			(void)printf(" --cut %u", r->wish.cut);
		if (r->wish.constant)
			(void)printf(" --constant %u", r->wish.constant);
		(void)printf("\t%s\t%s\t%s\n", r->digest, r->value, r->merged ? r->merged : r->value);
	}
}

int main(int argc, char **argv)
{
	struct made_wish w = { 0 };
	int result;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		list();
		return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	if (!read_words(argc, argv, &w)) {
		(void)fprintf(stderr, "usage: make-problem tiers|steps|relays|plain M N [--wgg UNITS] [--theta THOUSANDTHS]"
				      " [--cut N | --constant N | --levels N]\n");
		return 2;
	}
	struct made *d = made_new(&w);
	result = made_write(d, stdout);
	made_free(d);
	if (result)
		(void)fprintf(stderr, "make-problem: %s\n", strerror(-result));
	return result ? EXIT_FAILURE : EXIT_SUCCESS;
}
