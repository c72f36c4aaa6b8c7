/* SPDX-License-Identifier: MIT */
/* Conditions of balances. Lists of prefixes are kept sorted with none inside another, so that one search tells whether
 * a prefix lies within any of them. */
#include "base/base.h"

#include <netinet/in.h>

#include "base/arena.h"
#include "plan/area.h"
#include "plan/facts.h"
#include "profile/match.h"

const uint8_t af_of[FAMILIES] = { [IP4] = AF_INET, [IP6] = AF_INET6 };

int compare_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

size_t texts_sort(const char **list, size_t n)
{
	size_t sorted = 1, kept = 0;

	while (sorted < n && strcmp(list[sorted - 1], list[sorted]) <= 0)
		sorted++;
	if (sorted < n)
		qsort(list, n, sizeof(*list), compare_text);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || strcmp(list[kept - 1], list[i]) != 0)
			list[kept++] = list[i];
	return kept;
}

static int compare_prefix(const void *x, const void *y)
{
	return prefix_compare(x, y);
}

struct prefix_list prefixes_reduce(const struct prefix_value *values, size_t n, uint8_t af, struct arena *a)
{
	struct prefix_list l = { .list = arena_array(a, struct prefix, n) };
	size_t all = 0;

	for (size_t i = 0; i < n; i++)
		if (values[i].prefix.addr.family == af)
			l.list[all++] = values[i].prefix;
	if (all > 1)
		qsort(l.list, all, sizeof(*l.list), compare_prefix);
	for (size_t i = 0; i < all; i++)      /* an outer prefix stands before those within it */
		if (l.n == 0 || !prefix_within(&l.list[i], &l.list[l.n - 1]))
			l.list[l.n++] = l.list[i];
	return l;
}

bool prefixes_cover(const struct prefix_list *l, const struct prefix *p)
{
	size_t low = 0, high = l->n;

	while (low < high) {                   /* the last one that does not stand behind p */
		const size_t middle = (low + high) / 2;

		if (prefix_compare(&l->list[middle], p) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && prefix_within(p, &l->list[low - 1]);
}

struct area area_of(const struct balance *b, const struct machine *m, const char *const *devices, struct arena *a)
{
	struct area x = { .conf = b, .match = match_new(b, a) };
	const char **in = arena_array(a, const char *, b->n_in);

	for (size_t i = 0; i < b->n_in; i++)
		in[i] = devices[facts_index(m, b->in[i])];
	x.in = in;
	x.n_in = texts_sort(in, b->n_in);
	for (unsigned f = 0; f < FAMILIES; f++) {
		x.from[f] = prefixes_reduce(b->from, b->n_from, af_of[f], a);
		x.to[f] = prefixes_reduce(b->to, b->n_to, af_of[f], a);
	}
	return x;
}

bool area_has_family(const struct area *x, unsigned family)
{
	return (x->conf->n_from == 0 || x->from[family].n > 0) && (x->conf->n_to == 0 || x->to[family].n > 0);
}

bool area_within(const struct area *inner, const struct area *outer)
{
	return match_within(inner->match, outer->match);
}

static bool is_icmp(const struct balance *b)
{
	return b->protocol_icmp || b->protocol == IPPROTO_ICMP || b->protocol == IPPROTO_ICMPV6;
}

/* In some family; `icmp` is another number in each. */
static bool protocols_meet(const struct balance *x, const struct balance *y)
{
	if (!x->has_protocol || !y->has_protocol)
		return true;
	if (x->protocol_icmp || y->protocol_icmp)
		return is_icmp(x) && is_icmp(y);
	return x->protocol == y->protocol;
}

static bool lists_meet(const struct prefix_list *x, const struct prefix_list *y)
{
	for (size_t i = 0; i < x->n; i++)
		if (prefixes_cover(y, &x->list[i]))
			return true;
	for (size_t i = 0; i < y->n; i++)
		if (prefixes_cover(x, &y->list[i]))
			return true;
	return false;
}

static bool prefixes_meet(const struct prefix_list *x, size_t n_x, const struct prefix_list *y, size_t n_y)
{
	if (n_x == 0 || n_y == 0)
		return true;
	return lists_meet(&x[IP4], &y[IP4]) || lists_meet(&x[IP6], &y[IP6]);
}

bool area_answers(const struct area *x, const struct area *y)
{
	const struct balance *b = x->conf, *c = y->conf;

	return protocols_meet(b, c) && prefixes_meet(x->from, b->n_from, y->to, c->n_to) &&
	       prefixes_meet(x->to, b->n_to, y->from, c->n_from);
}
