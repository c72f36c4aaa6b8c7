/* SPDX-License-Identifier: MIT */
/* One balance: members, conditions that let it stand beside the others, method and what is to happen when paths fail. */
#include "base/base.h"

#include <inttypes.h>

#include "compose.h"

/* What a balance has come to so far. */
struct sketch {
	unsigned i;             /* its place */
	bool v4, v6;            /* families of its members */
	bool whole;             /* the one that the others lie within */
	bool in, from, to, forwarded;
};

/* ---- members ------------------------------------------------------------------------------------------------------- */

static void put_members(struct composer *c, struct sketch *b)
{
	const bool seed = c->style == STYLE_SEED;
	const unsigned n = seed ? c->n_paths : 1 + (unsigned)draw(c, c->n_paths), first = seed ? 0 : (unsigned)draw(c, c->n_paths);
	const bool backups = !seed && n > 1 && chance(c, 25), weighted = !seed && chance(c, 60);

	for (unsigned k = 0; k < n; k++) {
		const struct compose_path *p = &c->paths[(first + k) % c->n_paths];

		text_printf(c->out, "%s\tpath %s", c->indent, p->name);
		if (seed || !k)
			text_printf(c->out, " weight %u", seed ? 1 : 1 + (unsigned)draw(c, 4));
		else if (weighted && chance(c, 70))
			text_printf(c->out, " weight %" PRIu64, draw(c, chance(c, 90) ? 8 : c->recipe->legacy ? 20 : 100));
		if (backups && k && chance(c, 50))
			text_puts(c->out, " backup");
		text_putc(c->out, '\n');
		b->v4 |= p->v4;
		b->v6 |= p->v6;
	}
}

/* ---- conditions ---------------------------------------------------------------------------------------------------- */

static void put_in(struct composer *c, struct sketch *b)
{
	b->in = true;
	text_printf(c->out, "%s\tin back", c->indent);
	if (c->back_twice && c->style != STYLE_NESTED && chance(c, 50))
		text_puts(c->out, ", back-again");
	else if (c->style == STYLE_APART && chance(c, 15))
		text_puts(c->out, " up2");
	text_putc(c->out, '\n');
}

static void put_from(struct composer *c, struct sketch *b)
{
	b->from = true;
	if (b->v4 && chance(c, 30))
		line(c, "\tfrom $clients");
	else if (b->v4)
		line(c, "\tfrom 10.10.1.%u/%u", chance(c, 10) ? 7U : 0U, 24 + 8 * (unsigned)chance(c, 10));
	if (b->v6)
		line(c, "\tfrom fd00:10:1::/%u", chance(c, 70) ? 64 : 49);
	if (b->v4 && chance(c, 15))
		line(c, "\tfrom 192.0.2.0/25, 172.16.0.0/%u", 9 + (unsigned)draw(c, 20));
}

/* Destinations of its own: the first balance has the hosts behind the line, where the traffic goes. */
static void put_to(struct composer *c, struct sketch *b)
{
	b->to = true;
	if (b->v4 && b->i == 0)
		line(c, "\tto 10.10.3.0/%u", 24 + 8 * (unsigned)(c->style == STYLE_NESTED && chance(c, 20)));
	else if (b->v4)
		line(c, "\tto 10.%u.%u.0/%u", 30 + b->i, 8 * (unsigned)draw(c, 4), 17 + (unsigned)draw(c, 5));
	if (b->v6)
		line(c, "\tto fd00:10:%u::/%u", b->i ? 30 + b->i : 3, b->i ? 48 + (unsigned)draw(c, 70) : 64);
	if (b->v4 && chance(c, 20))
		line(c, "\tto 10.%u.200.0/24 10.%u.204.%u", 30 + b->i, 30 + b->i, (unsigned)draw(c, 250));
}

/* Apart, each has destinations of its own; nested, all ask for `in back`, and the last for nothing else. */
static void put_conditions(struct composer *c, struct sketch *b)
{
	if (b->whole) {
		put_in(c, b);
		b->forwarded = true;
		return;
	}
	b->forwarded = c->style != STYLE_APART || chance(c, 65);
	if (!b->forwarded)
		line(c, "\tscope %s", chance(c, 50) ? "local" : "all");
	else if (chance(c, 10))
		line(c, "\tscope forwarded");
	if (c->style != STYLE_APART || (b->forwarded && chance(c, 60)))
		put_in(c, b);
	if (chance(c, 35))
		put_from(c, b);
	if (c->style != STYLE_SEED || chance(c, 50))
		put_to(c, b);
}

static void put_protocol(struct composer *c)
{
	static const char *const words[] = { "tcp", "udp", "sctp", "icmp", "47", "58", "0" };

	line(c, "\tprotocol %s", DRAW_WORD(c, words));
}

/* ---- method -------------------------------------------------------------------------------------------------------- */

static void put_key(struct composer *c, bool nexthop)
{
	static const char *const on[] = { "flow", "addresses", "source", "destination" };

	if (chance(c, 50))
		text_printf(c->out, " on %s", on[draw(c, nexthop ? 2 : ARRAY_LEN(on))]);
	if (!nexthop && chance(c, 30))
		text_printf(c->out, " seed %" PRIu64, draw(c, UINT64_C(4294967296)));
}

static void put_per_flow(struct composer *c)
{
	static const char *const picks[] = { "turn", "random", "hash" };
	const bool legacy = c->recipe->legacy, by_hash = !legacy && chance(c, 60);

	text_puts(c->out, "per-flow");
	if (legacy || !by_hash)
		text_printf(c->out, " pick %s", picks[draw(c, legacy ? 2 : 3)]);
	if (by_hash)
		put_key(c, false);
}

/* Says whether it remembers paths; *free_choice: it may be asked for a protocol and for refusing. */
static bool put_method(struct composer *c, const struct sketch *b, bool *free_choice)
{
	const unsigned how = (unsigned)draw(c, 100);
	const bool hash = how >= 60 && how < 85 && !c->recipe->legacy && c->style != STYLE_SEED;
	const bool nexthop = hash && b->forwarded && (b->in || b->from) && chance(c, 40);

	*free_choice = !nexthop;
	if (how < 35 && chance(c, 10) && !c->recipe->legacy)
		return true;            /* the default */
	text_printf(c->out, "%s\tmethod ", c->indent);
	if (c->style == STYLE_SEED && how < 50)
		text_puts(c->out, "per-packet compat seed");
	else if (c->style == STYLE_SEED)
		text_puts(c->out, "per-flow compat seed");
	else if (how < 35)
		put_per_flow(c);
	else if (how < 60)
		text_puts(c->out, "per-packet");
	else if (hash)
		text_puts(c->out, "hash"), put_key(c, nexthop);
	else
		text_puts(c->out, "random");
	if (nexthop)
		text_puts(c->out, " engine nexthop");
	else if (hash && chance(c, 10))
		text_puts(c->out, " engine slots");
	text_putc(c->out, '\n');
	return how < 35;
}

void compose_balance(struct composer *c, unsigned i, unsigned n)
{
	static const char *const names[] = { "forward", "b", "internet", "a-balance-with-a-name-as-long-as", "x1", "out", "z" };
	static const char *const all_down[] = { "main", "keep", "drop" };
	struct sketch b = { .i = i, .whole = c->style == STYLE_NESTED && i == n - 1 };
	bool free_choice;

	line(c, "balance %.31s {", names[i % ARRAY_LEN(names)]);
	put_members(c, &b);
	put_conditions(c, &b);
	const bool remembers = put_method(c, &b, &free_choice);

	if (free_choice && !b.whole && chance(c, 20))
		put_protocol(c);
	if (chance(c, 40))
		line(c, "\tslots %u", 16U << draw(c, chance(c, 80) ? 5 : 9));
	if (free_choice && chance(c, 25))
		line(c, "\twhen-down %s", chance(c, 70) ? "drop" : "redistribute");
	if (chance(c, 40))
		line(c, "\twhen-all-down %s", DRAW_WORD(c, all_down));
	if (remembers && c->style != STYLE_SEED && chance(c, 30))
		line(c, "\tinbound %s", chance(c, 70) ? "ignore" : "same-path");
	line(c, "}");
}
