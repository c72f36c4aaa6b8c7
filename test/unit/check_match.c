/* SPDX-License-Identifier: MIT */
/* The packets of balances as sets: which share some, which lies within which, and what is said of those they share. */
#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "profile/match.h"
#include "profile/profile.h"
#include "unit.h"

enum { ANY = -1, ICMP = -2 };
enum relation { APART, INNER, OUTER, SAME, CROSSED };   /* the first to the second */

struct conditions {
	const char *in, *from, *to;     /* words; NULL: any */
	int protocol;
	enum scope scope;
};

struct row {
	struct conditions a, b;
	enum relation relation;
	const char *shared;             /* as printed; NULL: nothing is shared */
};

#define TO(words) { .to = (words), .protocol = ANY }
#define FROM(words) { .from = (words), .protocol = ANY }
#define IN(words) { .in = (words), .protocol = ANY }

static const struct row rows[] = {
	/* prefixes */
	{ TO("10.0.0.0/8"), TO("10.0.0.0/8"), SAME, "to 10.0.0.0/8" },
	{ TO("10.1.0.0/16"), TO("10.0.0.0/8"), INNER, "to 10.1.0.0/16" },
	{ TO("10.0.0.0/8"), TO("10.255.255.255"), OUTER, "to 10.255.255.255/32" },
	{ TO("10.0.0.0/9"), TO("10.128.0.0/9"), APART, NULL },
	{ TO("10.0.0.0/9 10.128.0.0/9"), TO("10.0.0.0/8"), SAME, "to 10.0.0.0/8" },
	{ TO("10.128.0.0/9 10.0.0.0/9 10.3.0.0/16"), TO("10.64.0.0/10 10.127.255.255"), OUTER, "to 10.64.0.0/10" },
	{ TO("10.0.0.0/9 11.0.0.0/9"), TO("10.0.0.0/8"), CROSSED, "to 10.0.0.0/9" },
	{ TO("10.0.0.1 10.0.0.3"), TO("10.0.0.2 10.0.0.4"), APART, NULL },
	{ TO("10.0.0.1 10.0.0.2"), TO("10.0.0.2 10.0.0.3"), CROSSED, "to 10.0.0.2/32" },
	{ TO("0.0.0.0/0"), TO("255.255.255.255"), OUTER, "to 255.255.255.255/32" },
	{ TO("0.0.0.0/1 128.0.0.0/1"), TO("0.0.0.0/0"), SAME, "to 0.0.0.0/0" },
	/* families */
	{ TO("0.0.0.0/0"), TO("::/0"), APART, NULL },
	{ TO("10.0.0.0/8 2001:db8::/32"), TO("2001:db8:1::/48"), OUTER, "to 2001:db8:1::/48" },
	{ TO("10.0.0.0/8 2001:db8:1::/48"), TO("10.1.0.0/16 2001:db8::/32"), CROSSED, "to 10.1.0.0/16" },
	{ TO("2001:db8::/33 2001:db8:8000::/33"), TO("2001:db8::/32"), SAME, "to 2001:db8::/32" },
	{ TO("::/1 8000::/1"), TO("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), OUTER,
	  "to ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128" },
	{ { .from = "10.0.0.0/8", .to = "::/0", .protocol = ANY }, TO("::/0"), APART, NULL },
	/* two factors */
	{ FROM("10.0.0.0/8"), TO("10.10.3.0/24"), CROSSED, "from 10.0.0.0/8 to 10.10.3.0/24" },
	{ { .from = "10.1.0.0/16", .to = "10.10.3.0/24", .protocol = ANY }, FROM("10.0.0.0/8"), INNER,
	  "from 10.1.0.0/16 to 10.10.3.0/24" },
	{ { .from = "10.1.0.0/16", .to = "10.10.0.0/16", .protocol = ANY },
	  { .from = "10.0.0.0/8", .to = "10.10.3.0/24", .protocol = ANY }, CROSSED, "from 10.1.0.0/16 to 10.10.3.0/24" },
	/* interfaces */
	{ IN("lan"), IN("lan"), SAME, "in lan" },
	{ IN("lan"), IN("guest"), APART, NULL },
	{ IN("lan guest"), IN("wan lan"), CROSSED, "in lan" },
	{ IN("lan"), IN("guest lan"), INNER, "in lan" },
	{ IN("lan"), TO("10.0.0.0/8"), CROSSED, "in lan to 10.0.0.0/8" },
	{ { .in = "lan", .to = "10.1.0.0/16", .protocol = ANY }, TO("10.0.0.0/8"), INNER, "in lan to 10.1.0.0/16" },
	{ { .in = "lan", .to = "10.1.0.0/16", .protocol = ANY }, IN("guest"), APART, NULL },
	/* protocol */
	{ { .to = "10.0.0.0/8", .protocol = 6 }, { .to = "10.0.0.0/8", .protocol = 17 }, APART, NULL },
	{ { .to = "10.0.0.0/8", .protocol = 6 }, TO("10.0.0.0/8"), INNER, "to 10.0.0.0/8 protocol tcp" },
	{ { .to = "10.0.0.0/8", .protocol = 17 }, TO("10.1.0.0/16"), CROSSED, "to 10.1.0.0/16 protocol udp" },
	{ { .to = "10.0.0.0/8", .protocol = ICMP }, { .to = "10.0.0.0/8", .protocol = 1 }, SAME, "to 10.0.0.0/8 protocol icmp" },
	{ { .to = "10.0.0.0/8", .protocol = ICMP }, { .to = "10.0.0.0/8", .protocol = 58 }, APART, NULL },
	{ { .to = "fd00::/8", .protocol = ICMP }, { .to = "fd00::/8", .protocol = 58 }, SAME, "to fd00::/8 protocol icmp" },
	{ { .to = "fd00::/8", .protocol = 132 }, { .to = "fd00::/8", .protocol = 132 }, SAME, "to fd00::/8 protocol sctp" },
	{ { .to = "fd00::/8", .protocol = 47 }, TO("fd00::/8"), INNER, "to fd00::/8 protocol 47" },
	{ { .in = "lan", .protocol = ICMP }, { .in = "lan", .protocol = 1 }, CROSSED, "in lan protocol icmp" },
	/* scope */
	{ { .to = "10.0.0.0/8", .protocol = ANY, .scope = SCOPE_LOCAL }, TO("10.0.0.0/8"), APART, NULL },
	{ { .to = "10.0.0.0/8", .protocol = ANY, .scope = SCOPE_ALL }, TO("10.0.0.0/8"), OUTER, "to 10.0.0.0/8" },
	{ { .to = "10.0.0.0/8", .protocol = ANY, .scope = SCOPE_ALL },
	  { .to = "10.0.0.0/8", .protocol = ANY, .scope = SCOPE_LOCAL }, OUTER, "to 10.0.0.0/8" },
	{ { .to = "10.1.0.0/16", .protocol = ANY, .scope = SCOPE_ALL }, TO("10.0.0.0/8"), CROSSED, "to 10.1.0.0/16" },
	{ { .to = "10.0.0.0/8", .protocol = ANY, .scope = SCOPE_LOCAL }, IN("lan"), APART, NULL },
};

static size_t count_words(const char *words)
{
	size_t n = words ? 1 : 0;

	for (; words && *words; words++)
		n += *words == ' ';
	return n;
}

static struct str next_word(const char **words)
{
	const struct str word = { *words, strcspn(*words, " ") };

	*words += word.n + ((*words)[word.n] == ' ');
	return word;
}

static const struct prefix_value *prefixes(struct arena *a, const char *words, size_t *n)
{
	struct prefix_value *list = arena_array(a, struct prefix_value, count_words(words));

	*n = count_words(words);
	for (size_t i = 0; i < *n; i++)
		ck_assert_int_eq(prefix_parse(next_word(&words), &list[i].prefix, &list[i].raw), 0);
	return list;
}

static const struct match *match_of(struct arena *a, const struct conditions *c)
{
	struct balance *b = arena_one(a, struct balance);
	const char *words = c->in;

	b->from = prefixes(a, c->from, &b->n_from);
	b->to = prefixes(a, c->to, &b->n_to);
	b->scope = c->scope;
	b->has_protocol = c->protocol != ANY;
	b->protocol_icmp = c->protocol == ICMP;
	b->protocol = c->protocol < 0 ? 0 : (uint8_t)c->protocol;
	b->in = arena_array(a, const struct interface *, count_words(words));
	for (size_t n = count_words(words); b->n_in < n;) {
		struct interface *i = arena_one(a, struct interface);

		i->name = arena_str(a, next_word(&words));
		b->in[b->n_in++] = i;
	}
	return match_new(b, a);
}

static void check_pair(const struct match *a, const struct match *b, enum relation relation, const char *shared)
{
	auto_text struct text t = { 0 };

	ck_assert_int_eq(match_shares(a, b), shared != NULL);
	if (!shared)
		return;
	ck_assert_int_eq(match_within(a, b), relation == INNER || relation == SAME);
	ck_assert_int_eq(match_within(b, a), relation == OUTER || relation == SAME);
	match_print_shared(a, b, &t);
	ck_assert_str_eq(text_get(&t), shared);
}

START_TEST(balances_stand_to_each_other_as_their_packets_do)
{
	static const enum relation turned[] = { APART, OUTER, INNER, SAME, CROSSED };
	struct arena *arena = arena_new();
	const struct row *row = &rows[_i];
	const struct match *a = match_of(arena, &row->a), *b = match_of(arena, &row->b);

	check_pair(a, b, row->relation, row->shared);
	check_pair(b, a, turned[row->relation], row->shared);
	arena_free(arena);
}
END_TEST

START_TEST(many_prefixes_are_compared_in_one_walk)
{
	struct arena *arena = arena_new();
	auto_text struct text even = { 0 };
	auto_text struct text odd = { 0 };

	for (unsigned i = 0; i < 50000; i++)
		text_printf(i % 2 ? &odd : &even, "%s10.%u.%u.0/24", i < 2 ? "" : " ", i / 256, i % 256);
	const struct conditions c = TO(text_get(&even)), d = TO(text_get(&odd));
	const struct match *a = match_of(arena, &c), *b = match_of(arena, &d);

	for (unsigned i = 0; i < 2000; i++)
		ck_assert(!match_shares(a, b));
	arena_free(arena);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, balances_stand_to_each_other_as_their_packets_do, 0, (int)ARRAY_LEN(rows));
	tcase_add_test(tc, many_prefixes_are_compared_in_one_walk);
}
