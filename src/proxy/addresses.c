/* SPDX-License-Identifier: MIT */
/* Addresses in chains by their number: seeded, so that a chain has more than a few only by chance. */
#include "base/base.h"

#include "proxy/addresses.h"

struct address {
	struct addr addr;
	uint32_t connections;
	uint32_t next;                  /* of its chain, or of the unused ones */
};

struct addresses {
	struct addresses_shown shown;
	uint64_t seed;
	uint32_t unused, n_used;        /* places given back; places ever used */
	uint32_t mask;                  /* of chains */
	uint32_t *chains;
	struct address list[];
};

struct addresses *addresses_new(struct addresses_shown shown, uint64_t seed)
{
	struct addresses *t = malloc(sizeof(*t) + shown.room * sizeof(t->list[0]));
	uint32_t n = 64;

	while (n < shown.room && n < UINT32_C(1) << 31)
		n *= 2;

	uint32_t *chains = malloc(n * sizeof(*chains));

	if (!t || !chains)
		out_of_memory();
	memset(chains, 0xff, n * sizeof(*chains));      /* ADDRESSES_NONE */
	*t = (struct addresses){ .shown = shown, .seed = seed, .unused = ADDRESSES_NONE, .mask = n - 1, .chains = chains };
	return t;
}

void addresses_free(struct addresses *t)
{
	if (t)
		free(t->chains);
	free(t);
}

/* splitmix64's finisher. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* Never 0. */
static uint64_t number_of(const struct addresses *t, const struct addr *a)
{
	uint64_t halves[2];

	memcpy(halves, a->b, sizeof(halves));
	const uint64_t x = mix(mix(mix(t->seed ^ halves[0]) ^ t->seed ^ halves[1]) + a->family);
	return x ? x : 1;
}

static void show(const struct addresses *t, uint32_t place, uint64_t number)
{
	atomic_store_explicit(&t->shown.places[place], number, memory_order_relaxed);
}

static uint32_t take_place(struct addresses *t)
{
	const uint32_t place = t->unused;

	if (place != ADDRESSES_NONE) {
		t->unused = t->list[place].next;
		return place;
	}
	if (t->n_used == t->shown.room)
		return ADDRESSES_NONE;
	atomic_store_explicit(t->shown.n_places, t->n_used + 1, memory_order_relaxed);
	return t->n_used++;
}

uint32_t addresses_add(struct addresses *t, const struct addr *a)
{
	const uint64_t number = number_of(t, a);
	uint32_t *chain = &t->chains[number & t->mask];

	for (uint32_t i = *chain; i != ADDRESSES_NONE; i = t->list[i].next) {
		if (!addr_eq(&t->list[i].addr, a))
			continue;
		t->list[i].connections++;
		return i;
	}

	const uint32_t place = take_place(t);

	if (place == ADDRESSES_NONE)
		return place;
	t->list[place] = (struct address){ .addr = *a, .connections = 1, .next = *chain };
	*chain = place;
	show(t, place, number);
	return place;
}

void addresses_remove(struct addresses *t, uint32_t place)
{
	if (place == ADDRESSES_NONE || --t->list[place].connections > 0)
		return;

	uint32_t *link = &t->chains[number_of(t, &t->list[place].addr) & t->mask];

	while (*link != place)
		link = &t->list[*link].next;
	*link = t->list[place].next;
	t->list[place].next = t->unused;
	t->unused = place;
	show(t, place, 0);
}

/* ---- in the master --------------------------------------------------------------------------------------------------- */

static int compare(const void *x, const void *y)
{
	const uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return a < b ? -1 : a > b;
}

size_t addresses_count(const struct addresses_shown *workers, size_t n)
{
	size_t room = 0, found = 0, different = 0;

	for (size_t i = 0; i < n; i++)
		room += MIN(atomic_load_explicit(workers[i].n_places, memory_order_relaxed), workers[i].room);

	auto_free uint64_t *all = malloc(room * sizeof(*all) + 1);

	if (!all)
		out_of_memory();
	for (size_t i = 0; i < n; i++) {
		for (uint32_t place = 0; place < workers[i].room && found < room; place++) {
			if (place >= atomic_load_explicit(workers[i].n_places, memory_order_relaxed))
				break;
			all[found] = atomic_load_explicit(&workers[i].places[place], memory_order_relaxed);
			found += all[found] != 0;
		}
	}
	qsort(all, found, sizeof(*all), compare);
	for (size_t i = 0; i < found; i++)
		different += i == 0 || all[i] != all[i - 1];
	return different;
}
