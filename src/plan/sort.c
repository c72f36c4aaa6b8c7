/* SPDX-License-Identifier: MIT */
/* Comparing whole texts would read their common beginnings again and again: the list is parted by one character at a
 * time (multikey quicksort, Bentley and Sedgewick). */
#include "base/base.h"

#include "base/arena.h"
#include "plan/sort.h"

enum { FEW = 8 };

static void swap(struct keyed *a, struct keyed *b)
{
	const struct keyed t = *a;

	*a = *b;
	*b = t;
}

static void sort_few(struct keyed *list, size_t n, size_t depth)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && strcmp(list[k - 1].key + depth, list[k].key + depth) > 0; k--)
			swap(&list[k - 1], &list[k]);
}

/* All keys are the same before `depth`. */
static void sort_from(struct keyed *list, size_t n, size_t depth)
{
	while (n > FEW) {
		const unsigned char pivot = (unsigned char)list[n / 2].key[depth];
		size_t below = 0, above = n;

		for (size_t i = 0; i < above;) {
			const unsigned char c = (unsigned char)list[i].key[depth];

			if (c < pivot)
				swap(&list[below++], &list[i++]);
			else if (c > pivot)
				swap(&list[i], &list[--above]);
			else
				i++;
		}
		sort_from(list, below, depth);
		sort_from(list + above, n - above, depth);
		if (pivot == '\0')
			return;
		list += below;
		n = above - below;
		depth++;
	}
	sort_few(list, n, depth);
}

void keyed_sort(struct keyed *list, size_t n)
{
	sort_from(list, n, 0);
}

static const char *key_at(const void *list, size_t i, size_t size)
{
	const char *key;

	memcpy(&key, (const char *)list + i * size, sizeof(key));
	return key;
}

void *sort_by_first(void *list, size_t n, size_t size, struct arena *a)
{
	size_t sorted = 1;

	while (sorted < n && strcmp(key_at(list, sorted - 1, size), key_at(list, sorted, size)) <= 0)
		sorted++;
	if (sorted >= n)
		return list;
	struct keyed *order = arena_array(a, struct keyed, n);
	char *result = arena_alloc(a, n * size);
	for (size_t i = 0; i < n; i++)
		order[i] = (struct keyed){ key_at(list, i, size), (const char *)list + i * size };
	keyed_sort(order, n);
	for (size_t i = 0; i < n; i++)
		memcpy(result + i * size, order[i].item, size);
	return result;
}
