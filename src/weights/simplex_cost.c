/* SPDX-License-Identifier: MIT */
/* Costs, and the search for arcs whose reduced cost lies in a window, which is most of the work. It compares modulo 2^16 or
 * 2^32, many at a time: an arc in the window is always found, whatever the potentials; one that is found may be outside,
 * as its reduced cost was cut off, and whoever asks looks at the exact one. */
#include "base/base.h"

#include <endian.h>

#include "weights/crew.h"
#include "weights/simplex.h"

static int compare_values(const void *x, const void *y)
{
	const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

	return a < b ? -1 : a > b;
}

/* How often two pairs have the same penalty, of a sample: one in so many. */
static size_t one_in(const struct transport *t)
{
	enum { SAMPLE = 4096 };
	uint32_t sample[SAMPLE];
	const size_t pairs = t->m * t->n, n = MIN(pairs, (size_t)SAMPLE);
	size_t alike = 0;

	for (size_t k = 0; k < n; k++) {
		const size_t at = pairs / n * k + k % (pairs / n);

		sample[k] = t->penalty.p16 ? t->penalty.p16[at] : t->penalty.p32[at];
	}
	qsort(sample, n, sizeof(*sample), compare_values);
	for (size_t k = 0, run = 0; k < n; k++) {
		run = k > 0 && sample[k] == sample[k - 1] ? run + 1 : 1;
		alike += 2 * run - 1;                   /* sums up to run² */
	}
	return n * n / alike;
}

/* Ties make pivots that change nothing and searches that find too much, so they are always broken; but digits cost time
 * where lanes of 16 bits are cut off, and most are wanted only where many penalties are alike. Measured. */
struct ties cost_ties(const struct transport *t)
{
	enum { RARE = 256 };

	return one_in(t) > RARE ? (struct ties){ 6, 4 } : (struct ties){ 12, 10 };
}

/* By a rule, so that the same problem is solved in the same way everywhere. */
static uint32_t tie_digits(struct ties ties, uint32_t row, uint32_t column)
{
	uint32_t x = (row + 1) * 0x9e3779b1u ^ (column + 1) * 0x85ebca77u;

	x = (x ^ x >> 15) * 0x2c1b3c6du;
	return x >> (32 - ties.digits);
}

int64_t cost_of(const struct simplex *s, struct arc a)
{
	if (a.row == ARC_ROOT)
		return 0;
	const uint32_t row = s->rows[a.row];
	const int64_t penalty = values_at(&s->t->penalty, row, a.column);

	return s->ties.places ? penalty << s->ties.places | tie_digits(s->ties, row, a.column) : penalty;
}

void cost_keys(struct simplex *s, uint32_t row)
{
	const struct values penalty = s->t->penalty, lanes = s->by_row;         /* of which the lower places are digits */
	const unsigned places = s->ties.places, digits = (1U << places) - 1;
	const uint32_t from = s->rows[row];
	const int64_t *potential = s->potential + s->m;

	for (uint32_t i = 0; i < s->n; i++)
		s->keys[i] = potential[i] + ((int64_t)values_at(&penalty, from, i) << places | (values_at(&lanes, from, i) & digits));
}

int64_t reduced_cost(const struct simplex *s, struct arc a)
{
	const uint32_t from = a.row == ARC_ROOT ? simplex_root(s) : a.row;

	/* What a column has left costs nothing, and goes from the column to the root. */
	if (a.row == ARC_ROOT)
		return s->potential[simplex_column(s, a.column)] - s->potential[from];
	return cost_of(s, a) + s->potential[simplex_column(s, a.column)] - s->potential[from];
}

void cost_set_key(struct simplex *s, uint32_t node)
{
	const bool is_row = simplex_is_row(s, node);
	const struct lanes *key = is_row ? &s->row_key : &s->column_key;
	const size_t at = is_row ? node : node - s->m;
	const uint64_t potential = is_row ? -(uint64_t)s->potential[node] : (uint64_t)s->potential[node];

	if (node == simplex_root(s))
		return;
	if (key->l16)
		key->l16[at] = (uint16_t)potential;
	else
		key->l32[at] = (uint32_t)potential;
}

enum { PARTS = 16 };

struct making {
	const struct transport *t;
	struct ties ties;
	const struct lanes *out;
	struct simplex *s;
};

static void make_rows(void *arg, size_t part)
{
	const struct making *mk = arg;
	const size_t m = mk->t->m, n = mk->t->n;

	for (size_t l = m * part / PARTS; l < m * (part + 1) / PARTS; l++)
		for (size_t i = 0; i < n; i++) {
			const uint64_t cost = (uint64_t)values_at(&mk->t->penalty, l, i) << mk->ties.places |
					      tie_digits(mk->ties, (uint32_t)l, (uint32_t)i);

			if (mk->out->l16)
				mk->out->l16[l * n + i] = (uint16_t)cost;
			else
				mk->out->l32[l * n + i] = (uint32_t)cost;
		}
}

void cost_make_rows(const struct transport *t, struct ties ties, struct crew *crew, const struct lanes *out)
{
	crew_run(crew, PARTS, make_rows, &(struct making){ .t = t, .ties = ties, .out = out });
}

static void make_columns(void *arg, size_t part)
{
	enum { TILE = 128 };
	const struct simplex *s = ((const struct making *)arg)->s;
	const size_t m = s->m, n = s->n, end = m * (part + 1) / PARTS;
	const struct lanes to = s->by_column;
	size_t from[TILE];

	for (size_t l0 = m * part / PARTS; l0 < end; l0 += TILE) {
		const size_t rows = MIN((size_t)TILE, end - l0);

		for (size_t k = 0; k < rows; k++)
			from[k] = s->rows[l0 + k] * n;
		for (size_t i = 0; i < n; i++) {
			for (size_t k = 0; to.l16 && k < rows; k++)
				to.l16[i * m + l0 + k] = s->by_row.p16[from[k] + i];
			for (size_t k = 0; to.l32 && k < rows; k++)
				to.l32[i * m + l0 + k] = s->by_row.p32[from[k] + i];
		}
	}
}

void cost_make_columns(struct simplex *s)
{
	crew_run(s->crew, PARTS, make_columns, &(struct making){ .s = s });
}

/* One line of n costs and keys: where cost + key + base <= reach, modulo. A block's answers are bytes of 0 or 1, which
 * compilers make many at a time, and are then looked at as words. */
enum { BLOCK = 64 };

static size_t collect(const uint8_t flags[BLOCK], size_t from, uint32_t *hits)
{
	size_t found = 0;

	for (size_t j = 0; j < BLOCK; j += 8) {
		uint64_t word;

		memcpy(&word, flags + j, 8);
		for (word = le64toh(word); word; word &= word - 1)
			hits[found++] = (uint32_t)(from + j + (unsigned)__builtin_ctzll(word) / 8);
	}
	return found;
}

static size_t search16(const uint16_t *cost, const uint16_t *key, uint16_t base, uint16_t reach, size_t n, uint32_t *hits)
{
	uint8_t flags[BLOCK];
	size_t found = 0, k = 0;

	for (; k + BLOCK <= n; k += BLOCK) {
		for (size_t j = 0; j < BLOCK; j++)
			flags[j] = (uint16_t)(cost[k + j] + key[k + j] + base) <= reach;
		found += collect(flags, k, hits + found);
	}
	for (; k < n; k++) {
		hits[found] = (uint32_t)k;
		found += (uint16_t)(cost[k] + key[k] + base) <= reach;
	}
	return found;
}

static size_t search32(const uint32_t *cost, const uint32_t *key, uint32_t base, uint32_t reach, size_t n, uint32_t *hits)
{
	uint8_t flags[BLOCK];
	size_t found = 0, k = 0;

	for (; k + BLOCK <= n; k += BLOCK) {
		for (size_t j = 0; j < BLOCK; j++)
			flags[j] = cost[k + j] + key[k + j] + base <= reach;
		found += collect(flags, k, hits + found);
	}
	for (; k < n; k++) {
		hits[found] = (uint32_t)k;
		found += cost[k] + key[k] + base <= reach;
	}
	return found;
}

void cost_line(const struct simplex *s, bool is_row, uint32_t number, struct line *out)
{
	const size_t from = is_row ? (size_t)s->rows[number] * s->n : (size_t)number * s->m;

	*out = (struct line){ .length = is_row ? s->n : s->m };
	out->potential = is_row ? -(uint64_t)s->potential[number] : (uint64_t)s->potential[simplex_column(s, number)];
	if (s->by_column.l16) {
		out->cost16 = (is_row ? s->by_row.p16 : s->by_column.l16) + from;
		out->key16 = is_row ? s->column_key.l16 : s->row_key.l16;
	} else {
		out->cost32 = (is_row ? s->by_row.p32 : s->by_column.l32) + from;
		out->key32 = is_row ? s->column_key.l32 : s->row_key.l32;
	}
}

size_t cost_search(const struct line *l, size_t from, int64_t base, int64_t reach, uint32_t hits[LINE_PIECE])
{
	const uint64_t start = l->potential - (uint64_t)base;
	const size_t n = MIN(l->length - from, (size_t)LINE_PIECE);

	if (l->cost16)
		return search16(l->cost16 + from, l->key16 + from, (uint16_t)start,
				(uint16_t)MIN(reach, (int64_t)UINT16_MAX), n, hits);
	return search32(l->cost32 + from, l->key32 + from, (uint32_t)start, (uint32_t)MIN(reach, (int64_t)UINT32_MAX), n, hits);
}
