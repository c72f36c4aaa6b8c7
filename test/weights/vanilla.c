/* SPDX-License-Identifier: MIT */
/* Vanilla in the place of the solver: programs that are linked with this file solve nothing. */
#include "base/base.h"

#include "weights/transport.h"

/* In the solver's place: every row as Tor has it, prices of 0, and the claim that this is the least. */
int transport_solve(const struct transport *t, const struct transport_wish *w, struct transport_answer *out)
{
	const size_t words = (t->n + 63) / 64;
	int64_t all = 0;

	(void)w;
	for (size_t i = 0; i < t->n; i++)
		all += t->bound[i];
	*out = (struct transport_answer){
		.price = calloc(t->n, sizeof(*out->price)), .full_words = words, .full = calloc(t->m * words, sizeof(*out->full)),
		.part_from = calloc(t->m + 1, sizeof(*out->part_from)), .part = calloc(t->m * t->n, sizeof(*out->part)),
		.tree = { calloc(t->m, sizeof(int32_t)), calloc(t->n, sizeof(int32_t)) },
	};
	for (size_t l = 0; l < t->m; l++) {
		for (uint32_t i = 0; i < t->n; i++) {
			/* Caps are theta times vanilla: shares are in the ratio of the caps. */
			const int64_t amount = t->weight[l] * (int64_t)((wide)t->supply * t->bound[i] / all);

			if (amount > 0)
				out->part[out->part_from[l + 1]++] = (struct transport_part){ i, amount };
			out->value += (wide)amount * values_at(&t->penalty, l, i);
		}
		if (l + 1 < t->m)
			out->part_from[l + 2] = out->part_from[l + 1];
	}
	return 0;
}

void transport_release(struct transport_answer *a)
{
	free(a->price);
	free(a->full);
	free(a->part_from);
	free(a->part);
	free(a->tree.row);
	free(a->tree.column);
}

uint64_t transport_memory(size_t m, size_t n, uint32_t largest_penalty, unsigned threads)
{
	return m * n + largest_penalty + threads;
}
