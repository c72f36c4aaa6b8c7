/* SPDX-License-Identifier: MIT */
/* Names go before ASes: a relay that has a column of its own does not look at that of its AS. */
#include "base/base.h"

#include "base/arena.h"
#include "weights/columns.h"
#include "weights/lines.h"
#include "weights/places.h"

static int compare_ases(const void *x, const void *y)
{
	const struct as_column *a = x, *b = y;

	if (a->as != b->as)
		return a->as < b->as ? -1 : 1;
	return a->relay < b->relay ? -1 : a->relay > b->relay;
}

static void find_ases(struct columns *c, const struct places *places, struct arena *a)
{
	const struct inputs *in = c->in;

	c->ases = arena_array(a, struct as_column, in->n_relays);
	for (size_t i = 0; i < in->n_relays; i++) {
		const struct relay *r = &in->relays[i];
		const uint32_t as = inputs_takes_part(in, r) && r->address ? places_as(places, r->address) : 0;
		if (as > 0)
			c->ases[c->n_ases++] = (struct as_column){ as, (uint32_t)i, NO_COLUMN };
	}
	if (c->n_ases > 1)
		qsort(c->ases, c->n_ases, sizeof(*c->ases), compare_ases);
}

/* Thousands of relays may share a nickname, and each location may name it: who takes part is looked at once. */
static void find_used(struct columns *c, struct arena *a)
{
	const struct names *names = &c->index->names;
	size_t first = 0;

	c->is_used = arena_array(a, bool, names->n);
	for (size_t k = 0; k < names->n; k++) {
		if (strcmp(names->list[k].key, names->list[first].key) != 0)
			first = k;
		c->is_used[first] |= inputs_takes_part(c->in, &c->in->relays[names->list[k].index]);
	}
}

void columns_init(struct columns *c, const struct inputs *in, const struct relay_index *index, const struct places *places,
		  struct arena *a)
{
	*c = (struct columns){ .in = in, .index = index };
	c->column = arena_array(a, uint32_t, in->n_relays);
	for (size_t i = 0; i < in->n_relays; i++)
		c->column[i] = NO_COLUMN;
	find_used(c, a);
	if (places)
		find_ases(c, places, a);
}

static enum columns_answer take(struct columns *c, uint32_t *kept, uint32_t *column)
{
	const bool is_new = *kept == NO_COLUMN;

	if (is_new)
		*kept = c->n++;
	*column = *kept;
	return is_new ? COLUMNS_NEW : COLUMNS_SAME;
}

/* All relays of the AS: the first of them holds its column until the end. */
static enum columns_answer add_as(struct columns *c, uint32_t as, uint32_t *column)
{
	size_t from = 0, to = c->n_ases;

	while (from < to) {
		const size_t middle = (from + to) / 2;
		if (c->ases[middle].as < as)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == c->n_ases || c->ases[from].as != as)
		return COLUMNS_UNUSED;
	return take(c, &c->ases[from].column, column);
}

enum columns_answer columns_add(struct columns *c, struct str id, uint32_t *column)
{
	const struct name *first = NULL;
	uint32_t as;
	const bool is_as = id.n > 2 && id.p[0] == 'A' && id.p[1] == 'S' && parse_as(id, &as) == 0;

	*column = NO_COLUMN;
	if (is_as && c->ases)
		return add_as(c, as, column);
	const size_t n = relay_index_find(c->index, id, &first);
	if (n == 0)
		return is_as ? COLUMNS_NO_AS : COLUMNS_UNUSED;
	if (n > 1)
		return c->is_used[first - c->index->names.list] ? COLUMNS_AMBIGUOUS : COLUMNS_UNUSED;
	return inputs_takes_part(c->in, &c->in->relays[first->index]) ? take(c, &c->column[first->index], column) : COLUMNS_UNUSED;
}

void columns_tell(enum columns_answer answer, struct str id, const struct place *place, struct diags *d)
{
	if (answer == COLUMNS_AMBIGUOUS)
		diag_hint(d, diag_error(d, place, "input", "several relays are called '%.*s'", (int)MIN(id.n, (size_t)64), id.p),
			  "write its fingerprint");
	else if (answer == COLUMNS_NO_AS)
		diag_hint(d, diag_error(d, place, "input", "which relays are in '%.*s' is not known", (int)MIN(id.n, (size_t)64), id.p),
			  "--prefixes or --location says so");
}

bool columns_end(struct columns *c, bool worst, struct place file, struct diags *d, size_t *n_missing)
{
	const struct relay *relays = c->in->relays;
	const uint32_t spare = c->n;
	size_t first = 0;

	for (size_t k = 0; k < c->n_ases; k++) {
		struct as_column *a = &c->ases[k];
		if (k > 0 && a[-1].as == a->as)
			a->column = a[-1].column;
		if (c->column[a->relay] == NO_COLUMN)
			c->column[a->relay] = a->column;
	}
	*n_missing = 0;
	for (size_t i = c->in->n_relays; i-- > 0;) {
		if (!inputs_takes_part(c->in, &relays[i]) || c->column[i] != NO_COLUMN)
			continue;
		c->column[i] = worst ? spare : NO_COLUMN;
		first = i;
		++*n_missing;
	}
	if (*n_missing == 0)
		return true;
	c->n += worst;
	if (!worst)
		diag_hint(d, diag_error(d, &file, "input", "no penalties for %zu relay%s, first %s", *n_missing,
					*n_missing == 1 ? "" : "s", relay_title(&relays[first], d->arena)),
			  "--missing worst takes the worst penalty of each location for them");
	return worst;
}
