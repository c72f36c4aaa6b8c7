/* SPDX-License-Identifier: MIT */
/* The cheapest way to spread a supply over slots of limited room: all slots cheaper than some key, and part of those that have
 * it. The key is found by selection, in linear time on average, since nobody needs the slots sorted. */
#include "base/base.h"

#include "weights/certify_parts.h"

static inline void swap(struct slot *a, struct slot *b)
{
	const struct slot t = *a;

	*a = *b;
	*b = t;
}

struct split {
	size_t less, equal;              /* slots below the pivot's key come first, then those that have it */
	wide less_room, less_cost, equal_room;
};

/* Costs of more room than `left` are not asked for, and might not fit. */
static struct split split_at(struct slot *s, size_t n, int64_t pivot, wide left)
{
	struct split split = { 0 };
	size_t end = n;

	for (size_t i = 0; i < end;) {
		if (s[i].key < pivot) {
			split.less_room += s[i].room;
			if (split.less_room < left)
				split.less_cost += (wide)s[i].key * s[i].room;
			swap(&s[split.less++], &s[i++]);
		} else if (s[i].key == pivot) {
			split.equal_room += s[i++].room;
		} else {
			swap(&s[i], &s[--end]);
		}
	}
	split.equal = end - split.less;
	return split;
}

wide fill_cost(struct slot *slots, size_t n, int64_t supply)
{
	wide cost = 0, left = supply;
	uint64_t draw = 1;                       /* pivots by chance: no input is slow but by chance */

	while (n > 0 && left > 0) {
		draw = draw * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		const int64_t pivot = slots[(draw >> 33) % n].key;
		const struct split split = split_at(slots, n, pivot, left);

		if (split.less_room >= left) {
			n = split.less;
			continue;
		}
		const wide taken = MIN(left - split.less_room, split.equal_room);

		cost += split.less_cost + taken * pivot;
		left -= split.less_room + taken;
		slots += split.less + split.equal;
		n -= split.less + split.equal;
	}
	return cost;
}
