/* SPDX-License-Identifier: MIT */
/* Weights of a balance: somebody has one, the round of turns is not too long, and the slots hold the shares. Backups form
 * a group by themselves, since they get traffic only while no other member is up. */
#include "base/base.h"

#include "base/arena.h"
#include "profile/check.h"

enum {
	ROUND_MOST = 4096,
	SLOTS_LEAST = 16, SLOTS_MOST = 4096,
	NEXTHOP_WEIGHT_MOST = 255,
};

struct group {
	const struct balance_member **members;          /* those with weight */
	uint64_t *weights;                              /* divided by their common divisor */
	size_t n;
	uint64_t sum;
};

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	while (b != 0) {
		const uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static struct group group_of(const struct balance *b, bool backup, struct arena *a)
{
	struct group g = { 0 };
	uint64_t divisor = 0;

	g.members = arena_array(a, const struct balance_member *, b->n_members);
	g.weights = arena_array(a, uint64_t, b->n_members);
	for (size_t i = 0; i < b->n_members; i++) {
		if (b->members[i].backup != backup || b->members[i].weight == 0)
			continue;
		g.members[g.n++] = &b->members[i];
		divisor = common_divisor(divisor, b->members[i].weight);
	}
	for (size_t i = 0; i < g.n; i++) {
		g.weights[i] = g.members[i]->weight / divisor;
		g.sum += g.weights[i];
	}
	return g;
}

/* ---- slots ----------------------------------------------------------------------------------------------------- */

struct quota {
	uint64_t slots, rest;
	size_t at;
};

static int compare_rests(const void *a, const void *b)
{
	const struct quota *x = a, *y = b;

	if (x->rest != y->rest)
		return x->rest > y->rest ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* Whole slots for each member, what is left to the largest remainders, the first written first (packet.md section 4). */
static void share_slots(const struct group *g, uint64_t slots, struct quota *out)
{
	uint64_t left = slots;

	for (size_t i = 0; i < g->n; i++) {
		out[i] = (struct quota){ slots * g->weights[i] / g->sum, slots * g->weights[i] % g->sum, i };
		left -= out[i].slots;
	}
	qsort(out, g->n, sizeof(*out), compare_rests);
	for (size_t i = 0; i < left; i++)
		out[i].slots++;
}

/* How far a member's share is off, as a fraction of the share itself. */
struct deviation {
	uint64_t off, of;
	size_t at;
	uint64_t slots;
};

/* The worst one, the first written of equals. */
static struct deviation worst_share(const struct group *g, uint64_t slots, struct quota *quotas)
{
	struct deviation worst = { .off = 0, .of = 1 };

	share_slots(g, slots, quotas);
	for (size_t i = 0; i < g->n; i++) {
		const uint64_t got = quotas[i].slots * g->sum, want = g->weights[quotas[i].at] * slots;
		const struct deviation d = { got > want ? got - want : want - got, want, quotas[i].at, quotas[i].slots };
		const uint64_t left = d.off * worst.of, right = worst.off * d.of;

		if (left > right || (left == right && d.off > 0 && d.at < worst.at))
			worst = d;
	}
	return worst;
}

static bool is_good(const struct deviation *d)
{
	return d->off * 100 <= d->of;
}

/* The fewest slots that hold all shares, else those that hold them best; 0: no better number than this. */
static uint64_t better_slots(const struct group *g, const struct deviation *now, struct quota *quotas)
{
	struct deviation best = *now;
	uint64_t answer = 0;

	for (uint64_t slots = SLOTS_LEAST; slots <= SLOTS_MOST; slots *= 2) {
		if (slots < g->n)
			continue;       /* somebody gets none */
		const struct deviation d = worst_share(g, slots, quotas);

		if (is_good(&d))
			return slots;
		if (d.off * best.of < best.off * d.of) {
			best = d;
			answer = slots;
		}
	}
	return answer;
}

/* part of whole in percent with so many digits after the point, to the nearest. */
static const char *percent(uint64_t part, uint64_t whole, int digits, struct arena *a)
{
	uint64_t unit = 1;

	for (int i = 0; i < digits; i++)
		unit *= 10;
	const unsigned long long n = (part * 100 * unit + whole / 2) / whole;

	return arena_printf(a, "%llu.%0*llu %%", n / unit, digits, n % unit);
}

static void check_slots(struct check *c, const struct balance *b, const struct group *g)
{
	struct quota *quotas = arena_array(c->arena, struct quota, g->n);
	const struct deviation worst = worst_share(g, b->slots, quotas);

	if (is_good(&worst))
		return;
	const struct balance_member *member = g->members[worst.at];
	const struct check_message m = { &member->place, NULL, "weights", NULL };
	const char *got, *want;
	int digits = 2;

	do {                            /* small shares differ further behind the point */
		got = percent(worst.slots, b->slots, digits, c->arena);
		want = percent(g->weights[worst.at], g->sum, digits, c->arena);
	} while (strcmp(got, want) == 0 && ++digits < 6);
	struct diag *diag = check_warning(c, &m, "path '%s' gets %s instead of %s", member->path->name, got, want);
	const uint64_t slots = diag ? better_slots(g, &worst, quotas) : 0;

	if (slots != 0)
		diag_hint(c->diags, diag, "slots %u", (unsigned)slots);
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

static bool takes_turns(const struct balance *b)
{
	return b->method->kind == POLICY_PER_PACKET || (b->method->kind == POLICY_PER_FLOW && b->pick == HOW_TURN);
}

static void check_group(struct check *c, const struct balance *b, const struct group *g)
{
	const struct check_message round = { &b->place, NULL, "weights", NULL };

	if (takes_turns(b)) {
		if (g->sum > ROUND_MOST)
			check_error(c, &round, "the round of '%s' has %u steps, at most %u", b->name, (unsigned)g->sum,
				    (unsigned)ROUND_MOST);
		return;
	}
	for (size_t i = 0; b->engine_nexthop && i < g->n; i++) {
		const struct check_message m = { &g->members[i]->weight_place, NULL, "policy", NULL };

		if (g->weights[i] > NEXTHOP_WEIGHT_MOST)
			check_error(c, &m, "engine nexthop takes weights up to %u", (unsigned)NEXTHOP_WEIGHT_MOST);
	}
	if (g->n > 0)
		check_slots(c, b, g);
}

/* The seed's round counts packets only: it knows no weights. */
static void check_equal(struct check *c, const struct balance *b, const struct stmt *s)
{
	for (size_t i = 1; i < b->n_members; i++) {
		const struct check_message m = { &stmt_field(stmt_child(s, "method"), "compat")->place, NULL, "policy",
						 NULL };

		if (b->members[i].weight == b->members[0].weight)
			continue;
		check_error(c, &m, "compat seed needs equal weights");
		return;
	}
}

void check_weights(struct check *c, const struct balance *b, const struct stmt *s)
{
	const struct check_message none = { &b->place, NULL, "weights", NULL };
	const struct group members = group_of(b, false, c->arena), backups = group_of(b, true, c->arena);

	if (b->compat_seed && b->method->kind == POLICY_PER_PACKET)
		check_equal(c, b, s);
	if (members.n == 0) {
		check_error(c, &none, "balance '%s' has no member with weight", b->name);
		return;
	}
	if (b->compat_seed)
		return;
	check_group(c, b, &members);
	check_group(c, b, &backups);
}
