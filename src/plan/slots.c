/* SPDX-License-Identifier: MIT */
/* Turn lists and slot lists. The smooth order is that of adding every member's weight to its score, taking the highest
 * and subtracting the sum from it. Members of equal weight take their turns in the order given, so that only one of each
 * weight has to be looked at in a step: a list of 4096 entries has at most 90 different weights. */
#include "base/base.h"

#include "base/arena.h"
#include "plan/slots.h"

struct ranked {
	uint64_t rank;          /* highest first */
	uint16_t member;        /* then in the order given */
};

static int compare_ranked(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;

	if (a->rank != b->rank)
		return a->rank > b->rank ? -1 : 1;
	return a->member < b->member ? -1 : 1;
}

static void sort_ranked(struct ranked *list, size_t n)
{
	size_t i = 1;

	while (i < n && list[i - 1].rank >= list[i].rank)      /* equal weights are the usual case */
		i++;
	if (i < n)
		qsort(list, n, sizeof(*list), compare_ranked);
}

/* The members of one weight; all of `members` before `next` have had their turn once more than the others. */
struct equals {
	int64_t score;          /* of the next one */
	int64_t weight;
	const struct ranked *members;
	size_t n, next;
};

static size_t group_equals(const struct ranked *members, size_t n, struct equals *groups)
{
	size_t n_groups = 0;

	for (size_t i = 0; i < n; i++) {
		if (i == 0 || members[i].rank != members[i - 1].rank)
			groups[n_groups++] = (struct equals){
				.weight = (int64_t)members[i].rank, .members = &members[i],
			};
		groups[n_groups - 1].n++;
	}
	return n_groups;
}

static bool goes_first(const struct equals *a, const struct equals *b)
{
	if (a->score != b->score)
		return a->score > b->score;
	return a->members[a->next].member < b->members[b->next].member;
}

/* One round in smooth order: as many entries as the weights' sum. Takes only the free entries of the list. */
static void smooth_order(const uint32_t *weights, size_t n, uint16_t *list, struct arena *a)
{
	struct ranked *members = arena_array(a, struct ranked, n);
	struct equals *groups = arena_array(a, struct equals, n);
	size_t used = 0;
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		if (weights[i] == 0)
			continue;
		members[used++] = (struct ranked){ weights[i], (uint16_t)i };
		sum += weights[i];
	}
	sort_ranked(members, used);
	const size_t n_groups = group_equals(members, used, groups);
	for (int64_t step = 0; step < sum; list++) {
		if (*list != SLOT_FREE)
			continue;
		struct equals *best = &groups[0];
		for (size_t g = 0; g < n_groups; g++) {
			groups[g].score += groups[g].weight;
			if (goes_first(&groups[g], best))
				best = &groups[g];
		}
		*list = best->members[best->next].member;
		if (++best->next == best->n) {
			best->next = 0;
			best->score -= sum;
		}
		step++;
	}
}

uint32_t slots_divisor(const uint32_t *weights, size_t n)
{
	uint32_t divisor = 0;

	for (size_t i = 0; i < n && divisor != 1; i++) {
		uint32_t x = weights[i];

		while (x != 0) {
			const uint32_t rest = divisor % x;
			divisor = x;
			x = rest;
		}
	}
	return divisor;
}

uint64_t slots_round(const uint32_t *weights, size_t n)
{
	const uint32_t divisor = slots_divisor(weights, n);
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += weights[i];
	return divisor ? sum / divisor : 0;
}

void slots_turn(const uint32_t *weights, size_t n, uint16_t *list, struct arena *a)
{
	const uint32_t divisor = slots_divisor(weights, n);
	uint32_t *reduced = arena_array(a, uint32_t, n);

	if (divisor == 0)
		return;
	for (size_t i = 0; i < n; i++)
		reduced[i] = weights[i] / divisor;
	memset(list, 0xff, slots_round(weights, n) * sizeof(*list));
	smooth_order(reduced, n, list, a);
}

void slots_quotas(const uint32_t *weights, size_t n, uint32_t size, uint32_t *quotas, struct arena *a)
{
	struct ranked *rests = arena_array(a, struct ranked, n);
	uint64_t sum = 0;
	uint32_t left = size;

	memset(quotas, 0, n * sizeof(*quotas));
	for (size_t i = 0; i < n; i++)
		sum += weights[i];
	if (sum == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		const uint64_t due = (uint64_t)size * weights[i];

		quotas[i] = (uint32_t)(due / sum);
		left -= quotas[i];
		rests[i] = (struct ranked){ due % sum, (uint16_t)i };
	}
	if (left == 0)
		return;
	sort_ranked(rests, n);
	for (size_t i = 0; i < left; i++)      /* at least `left` of the rests, each below sum, are not 0 */
		quotas[rests[i].member]++;
}

void slots_fill(const uint32_t *quotas, size_t n, uint16_t *list, uint32_t size, struct arena *a)
{
	uint32_t *missing = arena_array(a, uint32_t, n);

	memcpy(missing, quotas, n * sizeof(*missing));
	for (uint32_t i = 0; i < size; i++) {
		const uint16_t owner = list[i];

		if (owner != SLOT_FREE && missing[owner] > 0)
			missing[owner]--;
		else
			list[i] = SLOT_FREE;
	}
	smooth_order(missing, n, list, a);
}
