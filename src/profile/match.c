/* SPDX-License-Identifier: MIT */
/* The packets of a balance as a set. In each address family it is a product: scope x interfaces x sources x destinations
 * x protocol. Two products share an element if every factor does, and a product that is not empty lies within another
 * if every factor does. Prefixes are kept as sorted ranges that neither touch nor overlap, so both questions are one
 * walk over two lists, and two halves count as the whole. */
#include "base/base.h"

#include <netinet/in.h>

#include "base/addr.h"
#include "profile/match.h"
#include "profile/profile.h"

enum { V4, V6, FAMILIES };
enum { SCOPE_BIT_FORWARDED = 1, SCOPE_BIT_LOCAL = 2 };
enum { PROTOCOL_ANY = -1, PROTOCOL_ICMP4 = 1, PROTOCOL_ICMP6 = 58 };

struct range {                  /* both ends included; network order */
	uint8_t low[16], high[16];
};

struct ranges {
	bool any;               /* no condition; then the list is one range, everything */
	struct range *list;
	size_t n;
};

struct match {
	unsigned scope;         /* of SCOPE_BIT_... */
	const char **in;        /* sorted names; n_in 0: any */
	size_t n_in;
	struct ranges from[FAMILIES], to[FAMILIES];
	int protocol[FAMILIES];
};

static unsigned family_size(unsigned family)
{
	return family == V4 ? 4 : 16;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return memcmp(x->low, y->low, sizeof(x->low));
}

/* The address after this one; false after the last. */
static bool next_address(uint8_t b[16], unsigned size)
{
	for (unsigned i = size; i-- > 0;)
		if (++b[i] != 0)
			return true;
	return false;
}

static void range_of_prefix(const struct prefix *p, struct range *r)
{
	memset(r, 0, sizeof(*r));
	memcpy(r->low, p->addr.b, addr_size(&p->addr));
	memcpy(r->high, p->addr.b, addr_size(&p->addr));
	for (unsigned bit = p->len; bit < addr_bits(&p->addr); bit++)
		r->high[bit / 8] |= 0x80 >> bit % 8;
}

/* Joins what overlaps or touches; the list is sorted by its low ends. */
static size_t join_ranges(struct range *list, size_t n, unsigned size)
{
	size_t last = 0;

	for (size_t i = 1; i < n; i++) {
		uint8_t after[16];

		memcpy(after, list[last].high, sizeof(after));
		const bool is_last = !next_address(after, size);

		if (is_last || memcmp(list[i].low, after, sizeof(after)) <= 0) {
			if (memcmp(list[i].high, list[last].high, sizeof(after)) > 0)
				memcpy(list[last].high, list[i].high, sizeof(after));
		} else {
			list[++last] = list[i];
		}
	}
	return n == 0 ? 0 : last + 1;
}

static struct ranges ranges_of(const struct prefix_value *values, size_t n, unsigned family, struct arena *a)
{
	struct ranges r = { .any = n == 0 };

	if (r.any) {
		r.list = arena_one(a, struct range);
		memset(r.list[0].high, 0xff, family_size(family));
		r.n = 1;
		return r;
	}
	r.list = arena_array(a, struct range, n);
	for (size_t i = 0; i < n; i++)
		if (addr_size(&values[i].prefix.addr) == family_size(family))
			range_of_prefix(&values[i].prefix, &r.list[r.n++]);
	qsort(r.list, r.n, sizeof(*r.list), compare_ranges);
	r.n = join_ranges(r.list, r.n, family_size(family));
	return r;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static unsigned scope_bits(enum scope scope)
{
	switch (scope) {
	case SCOPE_FORWARDED:
		return SCOPE_BIT_FORWARDED;
	case SCOPE_LOCAL:
		return SCOPE_BIT_LOCAL;
	case SCOPE_ALL:
		return SCOPE_BIT_FORWARDED | SCOPE_BIT_LOCAL;
	}
	BUG("scope %d", (int)scope);
}

static int protocol_in(const struct balance *b, unsigned family)
{
	if (!b->has_protocol)
		return PROTOCOL_ANY;
	if (b->protocol_icmp)
		return family == V4 ? PROTOCOL_ICMP4 : PROTOCOL_ICMP6;
	return b->protocol;
}

const struct match *match_new(const struct balance *b, struct arena *a)
{
	struct match *m = arena_one(a, struct match);

	m->scope = scope_bits(b->scope);
	m->in = arena_array(a, const char *, b->n_in);
	for (size_t i = 0; i < b->n_in; i++)
		m->in[m->n_in++] = b->in[i]->name;
	qsort(m->in, m->n_in, sizeof(*m->in), compare_names);
	for (unsigned f = 0; f < FAMILIES; f++) {
		m->from[f] = ranges_of(b->from, b->n_from, f, a);
		m->to[f] = ranges_of(b->to, b->n_to, f, a);
		m->protocol[f] = protocol_in(b, f);
	}
	return m;
}

/* The first part that both lists hold; false: none. */
static bool ranges_shared(const struct ranges *a, const struct ranges *b, struct range *shared)
{
	size_t i = 0, j = 0;

	while (i < a->n && j < b->n) {
		const struct range *x = &a->list[i], *y = &b->list[j];

		if (memcmp(x->high, y->low, sizeof(x->high)) < 0) {
			i++;
		} else if (memcmp(y->high, x->low, sizeof(x->high)) < 0) {
			j++;
		} else {
			const bool x_later = memcmp(x->low, y->low, sizeof(x->low)) > 0;
			const bool x_ends = memcmp(x->high, y->high, sizeof(x->high)) < 0;

			memcpy(shared->low, x_later ? x->low : y->low, sizeof(shared->low));
			memcpy(shared->high, x_ends ? x->high : y->high, sizeof(shared->high));
			return true;
		}
	}
	return false;
}

/* Ranges do not touch, so each inner one must lie in a single outer one. */
static bool ranges_within(const struct ranges *inner, const struct ranges *outer)
{
	size_t j = 0;

	for (size_t i = 0; i < inner->n; i++) {
		const struct range *x = &inner->list[i];

		while (j < outer->n && memcmp(outer->list[j].high, x->low, sizeof(x->low)) < 0)
			j++;
		if (j == outer->n || memcmp(outer->list[j].low, x->low, sizeof(x->low)) > 0 ||
		    memcmp(outer->list[j].high, x->high, sizeof(x->high)) < 0)
			return false;
	}
	return true;
}

/* The first interface of both; NULL: none, or none is asked for (then *any). */
static const char *in_shared(const struct match *a, const struct match *b, bool *any)
{
	*any = a->n_in == 0 && b->n_in == 0;
	if (a->n_in == 0 || b->n_in == 0)
		return *any ? NULL : a->n_in == 0 ? b->in[0] : a->in[0];
	for (size_t i = 0, j = 0; i < a->n_in && j < b->n_in;) {
		const int order = strcmp(a->in[i], b->in[j]);

		if (order == 0)
			return a->in[i];
		if (order < 0)
			i++;
		else
			j++;
	}
	return NULL;
}

static bool in_within(const struct match *inner, const struct match *outer)
{
	size_t j = 0;

	if (outer->n_in == 0)
		return true;
	for (size_t i = 0; i < inner->n_in; i++) {
		while (j < outer->n_in && strcmp(outer->in[j], inner->in[i]) < 0)
			j++;
		if (j == outer->n_in || strcmp(outer->in[j], inner->in[i]) != 0)
			return false;
	}
	return inner->n_in > 0;
}

/* What no interface, scope or protocol decides: the addresses. */
static bool family_shares(const struct match *a, const struct match *b, unsigned f, struct range *from,
			  struct range *to)
{
	const bool protocol = a->protocol[f] == PROTOCOL_ANY || b->protocol[f] == PROTOCOL_ANY ||
			      a->protocol[f] == b->protocol[f];

	return protocol && ranges_shared(&a->from[f], &b->from[f], from) && ranges_shared(&a->to[f], &b->to[f], to);
}

bool match_shares(const struct match *a, const struct match *b)
{
	struct range from, to;
	bool any;

	if (!(a->scope & b->scope) || (!in_shared(a, b, &any) && !any))
		return false;
	return family_shares(a, b, V4, &from, &to) || family_shares(a, b, V6, &from, &to);
}

bool match_within(const struct match *inner, const struct match *outer)
{
	if ((inner->scope & ~outer->scope) != 0 || !in_within(inner, outer))
		return false;
	for (unsigned f = 0; f < FAMILIES; f++) {
		if (inner->from[f].n == 0 || inner->to[f].n == 0)
			continue;
		if (outer->protocol[f] != PROTOCOL_ANY && outer->protocol[f] != inner->protocol[f])
			return false;
		if (!ranges_within(&inner->from[f], &outer->from[f]) || !ranges_within(&inner->to[f], &outer->to[f]))
			return false;
	}
	return true;
}

/* The widest prefix that begins where the range begins and lies in it. */
static void print_range(const struct range *r, unsigned f, struct text *out)
{
	struct prefix p = { .addr = { .family = f == V4 ? AF_INET : AF_INET6 }, .len = 0 };
	char buf[PREFIX_TEXT];
	struct range of;

	memcpy(p.addr.b, r->low, family_size(f));
	for (; p.len < addr_bits(&p.addr); p.len++) {
		struct addr cleared = p.addr;

		for (unsigned bit = p.len; bit < addr_bits(&p.addr); bit++)
			cleared.b[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
		range_of_prefix(&p, &of);
		if (addr_eq(&cleared, &p.addr) && memcmp(of.high, r->high, sizeof(of.high)) <= 0)
			break;
	}
	text_puts(out, prefix_print(&p, buf));
}

/* One condition after a blank, but for the first. */
static void print_word(const char *word, struct text *out)
{
	text_printf(out, "%s%s ", out->n ? " " : "", word);
}

static void print_protocol(int protocol, unsigned f, struct text *out)
{
	if (protocol == (f == V4 ? PROTOCOL_ICMP4 : PROTOCOL_ICMP6))
		text_puts(out, "icmp");
	else if (protocol == IPPROTO_TCP)
		text_puts(out, "tcp");
	else if (protocol == IPPROTO_UDP)
		text_puts(out, "udp");
	else if (protocol == IPPROTO_SCTP)
		text_puts(out, "sctp");
	else
		text_printf(out, "%d", protocol);
}

void match_print_shared(const struct match *a, const struct match *b, struct text *out)
{
	struct range from, to;
	const unsigned f = family_shares(a, b, V4, &from, &to) ? V4 : V6;
	bool any;
	const char *in = in_shared(a, b, &any);
	const int protocol = a->protocol[f] == PROTOCOL_ANY ? b->protocol[f] : a->protocol[f];

	if (f == V6 && !family_shares(a, b, V6, &from, &to))
		BUG("balances that share nothing");
	text_clear(out);
	if (in) {
		print_word("in", out);
		text_puts(out, in);
	}
	if (!a->from[f].any || !b->from[f].any) {
		print_word("from", out);
		print_range(&from, f, out);
	}
	if (!a->to[f].any || !b->to[f].any) {
		print_word("to", out);
		print_range(&to, f, out);
	}
	if (protocol != PROTOCOL_ANY) {
		print_word("protocol", out);
		print_protocol(protocol, f, out);
	}
}
