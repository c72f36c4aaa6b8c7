/* SPDX-License-Identifier: MIT */
/* Selection by weight: the part of a sort that a fill or a ratio test needs, in linear time. The order is total, so that
 * the answer does not depend on the order in which choices were found. */
#include "base/base.h"

#include "weights/simplex.h"

static bool goes_before(const struct choice *a, const struct choice *b)
{
	if (a->key != b->key)
		return a->key < b->key;
	if (a->weight != b->weight)
		return a->weight > b->weight;
	if (a->arc.row != b->arc.row)
		return a->arc.row < b->arc.row;
	return a->arc.column < b->arc.column;
}

static void swap(struct choice *a, struct choice *b)
{
	const struct choice c = *a;

	*a = *b;
	*b = c;
}

static void sort_three(struct choice *a, struct choice *b, struct choice *c)
{
	if (goes_before(b, a))
		swap(a, b);
	if (goes_before(c, b))
		swap(b, c);
	if (goes_before(b, a))
		swap(a, b);
}

/* Puts a middle one where it belongs in c[0..n), smaller ones before it; returns its place. */
static size_t divide(struct choice *c, size_t n)
{
	size_t i = 0, j = n - 1;

	if (n < 3) {
		if (n == 2 && goes_before(&c[1], &c[0]))
			swap(&c[0], &c[1]);
		return 0;
	}
	sort_three(&c[0], &c[n / 2], &c[n - 1]);
	swap(&c[0], &c[n / 2]);                         /* the middle one of the three stands first, c[n - 1] is not smaller */
	for (;;) {
		do
			i++;
		while (i < n && goes_before(&c[i], &c[0]));
		while (goes_before(&c[0], &c[j]))
			j--;
		if (i >= j)
			break;
		swap(&c[i], &c[j]);
		j--;
	}
	swap(&c[0], &c[j]);
	return j;
}

size_t choose_until(struct choice *c, size_t n, wide sum, size_t most)
{
	size_t from = 0, to = n;

	while (from < to) {
		const size_t middle = from + divide(c + from, to - from);
		wide before = 0;

		for (size_t k = from; k < middle; k++)
			before += c[k].weight;
		if (before >= sum || middle > most) {
			to = middle;
			continue;
		}
		if (before + c[middle].weight >= sum || middle == most)
			return middle;
		sum -= before + c[middle].weight;
		from = middle + 1;
	}
	return n;
}
