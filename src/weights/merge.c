/* SPDX-License-Identifier: MIT */
/* Rows are sorted by a hash, then compared with the first of their hash; ratios are compared by cross-multiplication, and
 * need no hash. Hash multipliers are fixed: the same input is always merged by the same steps. */
#include "base/base.h"

#include "weights/memory.h"
#include "weights/merge.h"

struct hashed {
	uint64_t hash;
	uint32_t index;
};

static int compare_hashed(const void *x, const void *y)
{
	const struct hashed *a = x, *b = y;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

/* An odd number for each column, by the finaliser of splitmix64. */
static uint64_t *multipliers_new(size_t n)
{
	uint64_t *list = allocate(n, sizeof(*list));

	for (size_t i = 0; i < n; i++) {
		uint64_t x = (i + 1) * 0x9e3779b97f4a7c15u;
		x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
		x = (x ^ x >> 27) * 0x94d049bb133111ebu;
		list[i] = (x ^ x >> 31) | 1;
	}
	return list;
}

static uint64_t hash_row(const struct values *v, size_t row, const uint64_t *multipliers)
{
	uint64_t hash = 0;

	if (v->p16) {
		const uint16_t *p = v->p16 + row * v->columns;
		for (size_t i = 0; i < v->columns; i++)
			hash += p[i] * multipliers[i];
	} else {
		const uint32_t *p = v->p32 + row * v->columns;
		for (size_t i = 0; i < v->columns; i++)
			hash += p[i] * multipliers[i];
	}
	return hash;
}

static bool is_equal(const struct values *v, size_t a, size_t b)
{
	if (v->columns == 0)
		return true;
	if (v->p16)
		return memcmp(v->p16 + a * v->columns, v->p16 + b * v->columns, v->columns * sizeof(*v->p16)) == 0;
	return memcmp(v->p32 + a * v->columns, v->p32 + b * v->columns, v->columns * sizeof(*v->p32)) == 0;
}

/* The rows of one hash, n of them: nearly always all alike, so that the second leader is looked at by chance alone. */
static void lead_equal_hashes(const struct values *v, const struct hashed *rows, size_t n, uint32_t *leader)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (leader[rows[k].index] != rows[k].index || (k < i && !is_equal(v, rows[k].index, rows[i].index)))
			k++;
		leader[rows[i].index] = rows[k].index;
	}
}

void merge_rows(const struct values *v, uint32_t *leader)
{
	auto_free uint64_t *multipliers = multipliers_new(v->columns);
	auto_free struct hashed *rows = allocate(v->rows, sizeof(*rows));

	for (size_t r = 0; r < v->rows; r++) {
		rows[r] = (struct hashed){ hash_row(v, r, multipliers), (uint32_t)r };
		leader[r] = (uint32_t)r;
	}
	qsort(rows, v->rows, sizeof(*rows), compare_hashed);
	for (size_t from = 0, to; from < v->rows; from = to) {
		for (to = from + 1; to < v->rows && rows[to].hash == rows[from].hash;)
			to++;
		lead_equal_hashes(v, rows + from, to - from, leader);
	}
}

/* Row by row, as they lie in memory: a column alone would be a cache line for each number. */
static void hash_columns(const struct values *v, const uint32_t *rows, size_t n_rows, struct hashed *columns)
{
	auto_free uint64_t *multipliers = multipliers_new(n_rows);
	auto_free uint64_t *sums = allocate(v->columns, sizeof(*sums));

	for (size_t r = 0; r < n_rows; r++) {
		const size_t at = rows[r] * v->columns;
		for (size_t c = 0; v->p16 && c < v->columns; c++)
			sums[c] += v->p16[at + c] * multipliers[r];
		for (size_t c = 0; v->p32 && c < v->columns; c++)
			sums[c] += v->p32[at + c] * multipliers[r];
	}
	for (size_t c = 0; c < v->columns; c++)
		columns[c] = (struct hashed){ sums[c], (uint32_t)c };
	qsort(columns, v->columns, sizeof(*columns), compare_hashed);
}

/* Columns that are held to equal their leaders; those that do not are marked. */
struct comparison {
	uint32_t column, leader;
	bool differs;
};

static bool compare_columns(const struct values *v, const uint32_t *rows, size_t n_rows, struct comparison *list, size_t n)
{
	bool any = false;

	for (size_t r = 0; r < n_rows; r++) {
		const size_t at = rows[r] * v->columns;
		for (size_t k = 0; v->p16 && k < n; k++)
			list[k].differs |= v->p16[at + list[k].column] != v->p16[at + list[k].leader];
		for (size_t k = 0; v->p32 && k < n; k++)
			list[k].differs |= v->p32[at + list[k].column] != v->p32[at + list[k].leader];
	}
	for (size_t k = 0; k < n; k++)
		any |= list[k].differs;
	return any;
}

/* Those of one hash that differ from their leader follow the first of them from now on; returns how many are to be compared. */
static size_t lead_different(struct comparison *list, size_t n, uint32_t *leader)
{
	size_t left = 0;
	uint32_t old = UINT32_MAX, next = 0;

	for (size_t k = 0; k < n; k++) {
		const struct comparison c = list[k];
		if (!c.differs)
			continue;
		if (c.leader != old)
			next = c.column;
		old = c.leader;
		leader[c.column] = next;
		if (next != c.column)
			list[left++] = (struct comparison){ c.column, next, false };
	}
	return left;
}

void merge_columns(const struct values *v, const uint32_t *rows, size_t n_rows, uint32_t *leader)
{
	auto_free struct hashed *columns = allocate(v->columns, sizeof(*columns));
	auto_free struct comparison *list = allocate(v->columns, sizeof(*list));
	size_t n = 0;

	hash_columns(v, rows, n_rows, columns);
	for (size_t k = 0; k < v->columns; k++) {
		const bool is_alike = k > 0 && columns[k - 1].hash == columns[k].hash;
		const uint32_t first = is_alike ? leader[columns[k - 1].index] : columns[k].index;
		leader[columns[k].index] = first;
		if (is_alike)
			list[n++] = (struct comparison){ columns[k].index, first, false };
	}
	/* Once, but for hashes that are equal by chance. */
	while (n > 0 && compare_columns(v, rows, n_rows, list, n))
		n = lead_different(list, n, leader);
}

static int compare_fractions(int64_t a, int64_t a_of, int64_t b, int64_t b_of)
{
	const wide left = (wide)a * b_of, right = (wide)b * a_of;

	return left < right ? -1 : left > right;
}

static int compare_ratios(const struct merge_relay *a, const struct merge_relay *b)
{
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	const int order = compare_fractions(a->capacity, a->share, b->capacity, b->share);
	return order ? order : compare_fractions(a->cost, a->share, b->cost, b->share);
}

static int compare_relays(const void *x, const void *y, void *relays)
{
	const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	const struct merge_relay *list = relays;
	const int order = compare_ratios(&list[a], &list[b]);

	return order ? order : a < b ? -1 : a > b;
}

void merge_relays(const struct merge_relay *relays, size_t n, uint32_t *leader)
{
	auto_free uint32_t *order = allocate(n, sizeof(*order));

	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, n, sizeof(*order), compare_relays, (void *)(uintptr_t)relays);
	for (size_t k = 0; k < n; k++) {
		const bool is_alike = k > 0 && compare_ratios(&relays[order[k - 1]], &relays[order[k]]) == 0;
		leader[order[k]] = is_alike ? leader[order[k - 1]] : order[k];
	}
}
