/* SPDX-License-Identifier: MIT */
/* The estimate: users of a country go to its ASes in proportion to their addresses there, in whole numbers of 128 bits, and
 * the sum of each AS is brought to the wanted total by largest remainders. */
#include "base/base.h"

#include <math.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "weights/as_list.h"
#include "weights/clients.h"
#include "weights/users.h"

/* Users times 2^32 of an AS: at most 26 · 26 · 2^72. */
__extension__ typedef unsigned __int128 unsigned_wide;

struct share {
	uint32_t as;
	uint64_t addresses;      /* in all countries */
	unsigned_wide users;     /* t of the specification */
	unsigned_wide left;      /* of the division by all users */
	uint64_t weight;
};
struct shares {
	struct share *list;
	size_t n;
};

/* Whole users of each country; if they were not, in proportion, 2^40 of them in all. */
static void make_whole(const struct users *u, uint64_t whole[COUNTRIES])
{
	for (size_t c = 0; c < COUNTRIES; c++)
		whole[c] = u->is_whole ? u->whole[c] : u->sum > 0 ? (uint64_t)floor(u->real[c] * 0x1p40 / u->sum + 0.5) : 0;
}

static int compare_as(const void *x, const void *y)
{
	const struct share *a = x;
	const struct share *b = y;

	return a->as < b->as ? -1 : a->as > b->as;
}

static int compare_users(const void *x, const void *y)
{
	const struct share *a = x;
	const struct share *b = y;

	if (a->users != b->users)
		return a->users > b->users ? -1 : 1;
	return compare_as(x, y);
}

static int compare_left(const void *x, const void *y)
{
	const struct share *a = x;
	const struct share *b = y;

	if (a->left != b->left)
		return a->left > b->left ? -1 : 1;
	return compare_as(x, y);
}

static int compare_weight(const void *x, const void *y)
{
	const struct share *a = x;
	const struct share *b = y;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return compare_as(x, y);
}

static int country_of(const struct holding *h)
{
	return country_index(h->country, sizeof(h->country));
}

/* Addresses of each country. */
static void add_up(const struct holdings *h, uint64_t all[COUNTRIES])
{
	memset(all, 0, sizeof(*all) * COUNTRIES);
	for (size_t i = 0; i < h->n; i++)
		all[country_of(&h->list[i])] += h->list[i].count;
}

/* Each AS once, in the order of numbers. */
static struct shares share_out(const struct holdings *h, const uint64_t users[COUNTRIES], const uint64_t all[COUNTRIES],
			       struct arena *a)
{
	struct shares s = { arena_array(a, struct share, h->n), 0 };

	for (size_t i = 0; i < h->n; i++) {
		const struct holding *one = &h->list[i];
		const int c = country_of(one);
		s.list[i] = (struct share){ .as = one->as, .addresses = one->count,
					    .users = ((unsigned_wide)users[c] * one->count << 32) / all[c] };
	}
	qsort(s.list, h->n, sizeof(*s.list), compare_as);
	for (size_t i = 0; i < h->n; i++) {
		struct share *last = s.n > 0 ? &s.list[s.n - 1] : NULL;
		if (last && last->as == s.list[i].as) {
			last->addresses += s.list[i].addresses;
			last->users += s.list[i].users;
		} else {
			s.list[s.n++] = s.list[i];
		}
	}
	return s;
}

/* --skip, --min-addresses and --top. */
static void leave_out(struct shares *s, const struct clients_wish *w, const struct as_list *skip, unsigned unit)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct share *one = &s->list[i];
		if (one->users > 0 && one->addresses / unit >= w->min_addresses && as_list_find(skip, one->as) == SIZE_MAX)
			s->list[n++] = *one;
	}
	s->n = n;
	qsort(s->list, n, sizeof(*s->list), compare_users);
	if (w->top > 0)
		s->n = MIN(n, w->top);
}

/* Weights that add up to the total, in proportion to users: rounded down, and what is missing goes one each to those that
 * lost most. */
static void weigh(struct shares *s, uint64_t total)
{
	unsigned_wide all = 0;
	uint64_t given = 0;

	for (size_t i = 0; i < s->n; i++)
		all += s->list[i].users;
	for (size_t i = 0; i < s->n; i++) {
		const unsigned_wide product = s->list[i].users * total;
		s->list[i].weight = (uint64_t)(product / all);
		s->list[i].left = product % all;
		given += s->list[i].weight;
	}
	qsort(s->list, s->n, sizeof(*s->list), compare_left);
	for (size_t i = 0; given + i < total; i++)
		s->list[i].weight++;
	qsort(s->list, s->n, sizeof(*s->list), compare_weight);
	while (s->n > 0 && s->list[s->n - 1].weight == 0)
		s->n--;
}

static void summarise_users(const struct users *u, const uint64_t all[COUNTRIES], struct arena *a,
			    struct clients_estimate *e)
{
	auto_text struct text empty = { 0 };
	char code[3];

	e->sum.users = u->sum + u->elsewhere;
	e->sum.is_whole = u->is_whole;
	for (int c = 0; c < COUNTRIES; c++) {
		if (u->real[c] <= 0)
			continue;
		e->sum.countries++;
		if (all[c] > 0) {
			e->sum.users_placed += u->real[c];
			continue;
		}
		e->sum.users_empty += u->real[c];
		country_print(c, code);
		text_printf(&empty, "%s%s", e->sum.countries_empty++ ? " " : "", code);
	}
	e->sum.empty = arena_strdup(a, text_get(&empty));
}

static void summarise_shares(uint64_t total, struct clients_estimate *e)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < e->n; i++) {
		sum += e->list[i].weight;
		const double share = (double)sum / (double)total;
		if (i < 10)
			e->sum.share_10 = share;
		if (i < 100)
			e->sum.share_100 = share;
		if (i < 1000)
			e->sum.share_1000 = share;
	}
}

static const struct clients_estimate *estimate(const struct clients_wish *w, const struct users *u, const struct places *p,
					       const struct as_list *skip, struct arena *a, struct diags *d)
{
	struct clients_estimate *e = arena_one(a, struct clients_estimate);
	struct holdings h;
	uint64_t users[COUNTRIES];
	uint64_t all[COUNTRIES];

	places_count(p, w->origin, a, &h);
	make_whole(u, users);
	add_up(&h, all);
	struct shares s = share_out(&h, users, all, a);
	leave_out(&s, w, skip, h.unit);
	if (s.n == 0) {
		struct diag *g = diag_error(d, NULL, "input", "no clients");
		diag_hint(d, g, "no AS is left that has addresses in a country with users");
		return NULL;
	}
	weigh(&s, w->total);
	e->n = s.n;
	e->list = arena_array(a, struct client_share, s.n);
	for (size_t i = 0; i < s.n; i++)
		e->list[i] = (struct client_share){ s.list[i].as, s.list[i].weight };
	e->sum.pairs = h.n;
	e->sum.n_as = h.n_as;
	e->sum.addresses = h.total / h.unit;
	summarise_users(u, all, a, e);
	summarise_shares(w->total, e);
	return e;
}

const struct clients_estimate *clients_estimate(const struct clients_wish *w, struct arena *a, struct diags *d)
{
	struct places_files files = w->places;
	struct users *u = arena_one(a, struct users);
	struct as_list skip = { 0 };

	files.lenient |= w->lenient;
	if (users_read(w->users, w->lenient, a, d, u))
		return NULL;
	if (w->skip && as_list_read(w->skip, NULL, w->lenient, a, d, &skip))
		return NULL;
	const struct places *p = places_read(&files, a, d);
	return p ? estimate(w, u, p, &skip, a, d) : NULL;
}
