/* SPDX-License-Identifier: MIT */
/* AS numbers, one a line, as a sorted list. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/diag.h"
#include "weights/as_list.h"
#include "weights/lines.h"

static int compare_numbers(const void *x, const void *y)
{
	const uint32_t a = *(const uint32_t *)x;
	const uint32_t b = *(const uint32_t *)y;

	return a < b ? -1 : a > b;
}

void as_list_sort(struct as_list *l)
{
	size_t n = 0;

	if (l->n > 0)
		qsort(l->list, l->n, sizeof(*l->list), compare_numbers);
	for (size_t i = 0; i < l->n; i++)
		if (n == 0 || l->list[n - 1] != l->list[i])
			l->list[n++] = l->list[i];
	l->n = n;
}

size_t as_list_find(const struct as_list *l, uint32_t as)
{
	const uint32_t *found = l->n ? bsearch(&as, l->list, l->n, sizeof(*l->list), compare_numbers) : NULL;

	return found ? (size_t)(found - l->list) : SIZE_MAX;
}

int as_list_read(const char *path, const char *none, bool lenient, struct arena *a, struct diags *d, struct as_list *out)
{
	const struct lines_wish wish = { .lenient = lenient };
	struct lines *l = lines_open(path, &wish, a, d);
	struct str line;
	size_t room = 0;
	int got = 1;

	*out = (struct as_list){ 0 };
	if (!l)
		return -EINVAL;
	while (!lines_hopeless(l) && (got = lines_next(l, &line)) > 0) {
		out->list = arena_grow(a, out->list, out->n, &room, sizeof(*out->list));
		if (parse_as(line, &out->list[out->n]))
			lines_wrong(l, line, "'%.*s' is not an AS number", (int)line.n, line.p);
		else
			out->n++;
	}
	bool failed = got < 0 || lines_failed(l);

	if (!failed && out->n == 0 && none) {
		const struct place place = lines_file(l);

		diag_error(d, &place, "input", "%s", none);
		failed = true;
	}
	lines_close(l);
	as_list_sort(out);
	return failed ? -EINVAL : 0;
}
