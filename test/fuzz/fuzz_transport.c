/* SPDX-License-Identifier: MIT */
/* Bytes as a small transportation problem: the solver's answer is allowed, proved by its prices, and has the value that
 * shortest augmenting paths find; and so it is from any tree that the bytes give. */
#include "base/base.h"

#include "../weights/slow.h"
#include "fuzz.h"

enum { ROWS = 6, COLUMNS = 8 };

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* What is left of the input; 0 when it has ended. */
struct bytes {
	const uint8_t *p;
	size_t n;
};

static uint32_t take(struct bytes *b, unsigned width)
{
	uint32_t v = 0;

	for (; width > 0 && b->n > 0; width--, b->n--)
		v = v << 8 | *b->p++;
	return v;
}

/* One byte says how large numbers are: few small ones make ties. */
static uint32_t take_number(struct bytes *b, unsigned width)
{
	return width == 0 ? take(b, 1) % 4 : take(b, width);
}

struct small {
	int64_t weight[ROWS], capacity[COLUMNS], bound[COLUMNS];
	uint16_t p16[ROWS * COLUMNS];
	uint32_t p32[ROWS * COLUMNS];
	struct transport t;
};

static bool make(struct bytes *b, struct small *p)
{
	const uint32_t form = take(b, 1);
	const unsigned weights = form & 3, amounts = form >> 2 & 3, penalties = form >> 4 & 3;
	wide room = 0;

	p->t = (struct transport){ .m = 1 + take(b, 1) % ROWS, .n = 1 + take(b, 1) % COLUMNS, .weight = p->weight,
				   .capacity = p->capacity, .bound = p->bound };
	p->t.supply = 1 + take_number(b, amounts);
	for (size_t l = 0; l < p->t.m; l++)
		p->weight[l] = 1 + take_number(b, weights);
	for (size_t i = 0; i < p->t.n; i++) {
		p->capacity[i] = take_number(b, amounts);
		p->bound[i] = MIN((int64_t)take_number(b, amounts), p->t.supply);
		room += MIN(p->capacity[i], p->bound[i]);
	}
	for (size_t k = 0; k < p->t.m * p->t.n; k++) {
		p->p32[k] = take_number(b, penalties);
		p->p16[k] = (uint16_t)p->p32[k];
	}
	p->t.penalty = (struct values){ p->t.m, p->t.n, p->p16, NULL };
	if (form & 0x40)
		p->t.penalty = (struct values){ p->t.m, p->t.n, NULL, p->p32 };
	return room >= p->t.supply;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct bytes b = { bytes, n };
	struct small p = { .weight = { 0 } };
	struct transport_answer a;
	int32_t row[ROWS], column[COLUMNS];
	wide value;

	if (n > 400 || !make(&b, &p))
		return 0;
	require(slow_solve(&p.t, &value));
	require(transport_solve(&p.t, &(struct transport_wish){ .threads = 1 }, &a) == 0);
	require(slow_fault(&p.t, &a) == NULL && a.value == value);
	transport_release(&a);
	for (size_t l = 0; l < p.t.m; l++)
		row[l] = (int32_t)(take(&b, 1) % (COLUMNS + 3)) - 2;
	for (size_t i = 0; i < p.t.n; i++)
		column[i] = (int32_t)(take(&b, 1) % (ROWS + 3)) - 2;
	const struct transport_tree tree = { row, column };
	require(transport_solve(&p.t, &(struct transport_wish){ .threads = 2, .warm = &tree }, &a) == 0);
	require(slow_fault(&p.t, &a) == NULL && a.value == value);
	transport_release(&a);
	return 0;
}
