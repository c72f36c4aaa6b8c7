/* SPDX-License-Identifier: MIT */
/* Published, computed anew, as many as exits allow, or a number. */
#include "base/base.h"

#include "weights/wgg.h"

enum { UNIT = 10000 };

static void set(struct inputs *in, int64_t wgg)
{
	in->weights = (struct bandwidth_weights){ .wgg = wgg, .wmg = in->unit - wgg, .wee = in->unit, .wed = in->unit };
}

void wgg_set(struct inputs *in, uint64_t number)
{
	set(in, (int64_t)((wide)number * in->unit / WGG_ONE));
}

static void sums_of(const struct relays *relays, struct bandwidth_sums *out)
{
	bandwidth_add(relays->list, relays->n, relays->consensus ? relays->consensus->method : 1, out);
}

static bool take_published(const struct consensus *c, struct inputs *in, struct diags *d)
{
	const struct {
		enum published_weight which;
		int64_t *to;
	} wanted[] = {
		{ WGG, &in->weights.wgg }, { WGD, &in->weights.wgd }, { WMG, &in->weights.wmg }, { WME, &in->weights.wme },
		{ WMD, &in->weights.wmd }, { WEE, &in->weights.wee }, { WED, &in->weights.wed },
	};

	if (!c->has_weights) {
		diag_hint(d, diag_error(d, &c->weights_place, "input", "this consensus publishes no bandwidth-weights"), "--wgg computed");
		return false;
	}
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const enum published_weight k = wanted[i].which;
		const char *name = published_names[k];

		if (c->published[k] < 0 || c->published[k] > c->scale) {
			diag_hint(d, diag_error(d, &c->weights_place, "input", "'%s=%d' is out of range", name, (int)c->published[k]),
				  "0 to %d", (int)c->scale);
			return false;
		}
		*wanted[i].to = c->published[k];
	}
	return true;
}

static bool compute(const struct relays *relays, struct inputs *in, struct diags *d)
{
	struct bandwidth_sums sums;
	const char *reason = NULL;

	sums_of(relays, &sums);
	if (bandwidth_compute(&sums, in->unit, &in->weights, &reason) == 0)
		return true;
	diag_hint(d, diag_error(d, NULL, "input", "bandwidth weights cannot be computed: %s", reason), "--wgg exits, or a number");
	return false;
}

static int64_t part_of_exits(const struct relays *relays, int64_t unit)
{
	struct bandwidth_sums sums;

	sums_of(relays, &sums);
	const wide exits = (wide)sums.e + sums.d;
	return exits >= sums.g ? unit : (int64_t)(exits * unit / sums.g);
}

bool wgg_choose(const struct inputs_wish *w, const struct relays *relays, struct inputs *in, struct diags *d)
{
	in->unit = relays->consensus ? (unsigned)relays->consensus->scale : UNIT;
	switch (w->wgg) {
	case WGG_CONSENSUS:
		if (relays->consensus)
			return take_published(relays->consensus, in, d);
		diag_hint(d, diag_error(d, NULL, "usage", "--wgg consensus needs a consensus: '%s' is none", w->relays),
			  "--wgg computed, exits or a number");
		return false;
	case WGG_COMPUTED:
		return compute(relays, in, d);
	case WGG_EXITS:
		set(in, part_of_exits(relays, in->unit));
		return true;
	case WGG_NUMBER:
		wgg_set(in, w->wgg_number);
		return true;
	}
	return false;
}
