/* SPDX-License-Identifier: MIT */
/* Bandwidth weights as dir-spec computes them: sums, one of eight cases, and its check. All products are 128 bits wide and
 * divisions truncate toward zero, as C's do, so that every authority comes to the same line. */
#include "base/base.h"

#include <errno.h>
#include <math.h>

#include "weights/bandwidth.h"
#include "weights/values.h"

enum { METHOD_BEGINS_AT_1 = 26, MARGIN = 10 };

/* The seven weights before they are known to fit 64 bits, and what they are made of. */
struct parts {
	wide g, m, e, d, t, s;
	wide wgg, wgd, wmg, wme, wmd, wee, wed;
};

static const char *const not_above_0[] = { "G is not above 0", "M is not above 0", "E is not above 0", "D is not above 0" };

static void add_relay(const struct relay *r, struct bandwidth_sums *sums)
{
	int64_t *const as_class[] = { [CLASS_GUARD] = &sums->g, [CLASS_GUARD_EXIT] = &sums->d, [CLASS_EXIT] = &sums->e,
				      [CLASS_MIDDLE] = &sums->m };
	const bool is_guard = r->class == CLASS_GUARD || r->class == CLASS_GUARD_EXIT;
	int64_t part = (int64_t)r->weight;

	if (is_guard && r->guard_fraction >= 0) {
		part = lround(r->guard_fraction / 100.0 * (double)r->weight);
		*(r->class == CLASS_GUARD ? &sums->m : &sums->e) += (int64_t)r->weight - part;
	}
	*as_class[r->class] += part;
	sums->t += part;
}

void bandwidth_add(const struct relay *relays, size_t n, unsigned method, struct bandwidth_sums *out)
{
	const int64_t start = method >= METHOD_BEGINS_AT_1;

	*out = (struct bandwidth_sums){ .g = start, .m = start, .e = start, .d = start, .t = 4 * start };
	for (size_t i = 0; i < n; i++)
		if (relays[i].is_weighted)
			add_relay(&relays[i], out);
}

/* ---- the check ------------------------------------------------------------------------------------------------- */
static bool is_near(wide a, wide b, wide margin)
{
	return a > b ? a - b <= margin : b - a <= margin;
}

static const char *check_sums(const struct parts *p)
{
	if (!is_near(p->wed + p->wmd + p->wgd, p->s, MARGIN))
		return "Wed + Wmd + Wgd is not the scale";
	if (!is_near(p->wmg + p->wgg, p->s, MARGIN))
		return "Wmg + Wgg is not the scale";
	if (!is_near(p->wme + p->wee, p->s, MARGIN))
		return "Wme + Wee is not the scale";
	return NULL;
}

static const char *check_ranges(const struct parts *p)
{
	const struct {
		wide weight;
		const char *reason;
	} all[] = {
		{ p->wgg, "Wgg is out of range" }, { p->wgd, "Wgd is out of range" }, { p->wmg, "Wmg is out of range" },
		{ p->wme, "Wme is out of range" }, { p->wmd, "Wmd is out of range" }, { p->wee, "Wee is out of range" },
		{ p->wed, "Wed is out of range" },
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].weight < 0 || all[i].weight > p->s)
			return all[i].reason;
	return NULL;
}

/* NULL: it holds. *only_middle: nothing but the last condition fails. */
static const char *check(const struct parts *p, bool *only_middle)
{
	const wide margin = MARGIN * p->t / 3;
	const wide guard = p->wgg * p->g + p->wgd * p->d;
	const char *reason = check_sums(p);

	*only_middle = false;
	if (!reason)
		reason = check_ranges(p);
	if (reason)
		return reason;
	if (!is_near(guard, p->wee * p->e + p->wed * p->d, margin))
		return "guard and exit bandwidth are not balanced";
	if (is_near(guard, p->s * p->m + p->wmd * p->d + p->wme * p->e + p->wmg * p->g, margin))
		return NULL;
	*only_middle = true;
	return "guard and middle bandwidth are not balanced";
}

/* ---- the cases; each returns its name --------------------------------------------------------------------------- */
static const char *case_1(struct parts *p)
{
	p->wgd = p->wed = p->wmd = p->s / 3;
	p->wee = p->s * (p->e + p->g + p->m) / (3 * p->e);
	p->wme = p->s - p->wee;
	p->wmg = p->s * (2 * p->g - p->e - p->m) / (3 * p->g);
	p->wgg = p->s - p->wmg;
	return "1";
}

static const char *case_2a(struct parts *p)
{
	const bool exit_scarce = p->e < p->g;

	p->wgg = p->wee = p->s;
	*(exit_scarce ? &p->wed : &p->wgd) = p->s;
	return exit_scarce ? "2a-E" : "2a-G";
}

static const char *case_2b1(struct parts *p)
{
	p->wee = p->s * (p->e - p->g + p->m) / p->e;
	p->wed = p->s * (p->d - 2 * p->e + 4 * p->g - 2 * p->m) / (3 * p->d);
	p->wme = p->s * (p->g - p->m) / p->e;
	p->wmg = 0;
	p->wgg = p->s;
	p->wgd = p->wmd = (p->s - p->wed) / 2;
	return "2b1";
}

static const char *case_2b2(struct parts *p)
{
	p->wgg = p->wee = p->s;
	p->wed = p->s * (p->d - 2 * p->e + p->g + p->m) / (3 * p->d);
	p->wmd = p->s * (p->d - 2 * p->m + p->g + p->e) / (3 * p->d);
	p->wmg = p->wme = 0;
	const bool is_2b3 = p->wmd < 0;
	if (is_2b3)
		p->wmd = 0;
	p->wgd = p->s - p->wed - p->wmd;
	return is_2b3 ? "2b3" : "2b2";
}

static const char *case_3a(struct parts *p)
{
	if (p->g < p->e) {
		p->wgg = p->wgd = p->s;
		p->wme = p->e < p->m ? 0 : p->s * (p->e - p->m) / (2 * p->e);
		p->wee = p->s - p->wme;
		return "3a-G";
	}
	p->wee = p->wed = p->s;
	p->wmg = p->g < p->m ? 0 : p->s * (p->g - p->m) / (2 * p->g);
	p->wgg = p->s - p->wmg;
	return "3a-E";
}

static const char *case_3b(struct parts *p)
{
	if (p->g < p->e) {
		p->wgg = p->s;
		p->wgd = p->s * (p->d - 2 * p->g + p->e + p->m) / (3 * p->d);
		p->wee = p->s * (p->e + p->m) / (2 * p->e);
		p->wme = p->s - p->wee;
		p->wmd = p->wed = (p->s - p->wgd) / 2;
		return "3b-G";
	}
	p->wee = p->s;
	p->wed = p->s * (p->d - 2 * p->e + p->g + p->m) / (3 * p->d);
	p->wgg = p->s * (p->g + p->m) / (2 * p->g);
	p->wmg = p->s - p->wgg;
	p->wgd = p->wmd = (p->s - p->wed) / 2;
	return "3b-E";
}

static bool fits(const struct parts *p)
{
	const wide all[] = { p->wgg, p->wgd, p->wmg, p->wme, p->wmd, p->wee, p->wed };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i] < INT64_MIN || all[i] > INT64_MAX)
			return false;
	return true;
}

/* The case's weights; *reason: why they do not count. */
static const char *choose_case(struct parts *p, const char **reason)
{
	const wide least = MIN(p->g, p->e);
	const wide most = MAX(p->g, p->e);
	const bool exit_scarce = 3 * p->e < p->t;
	const bool guard_scarce = 3 * p->g < p->t;
	bool only_middle;
	const char *which;

	if (exit_scarce && guard_scarce) {
		if (least + p->d < most)
			return case_2a(p);
		which = case_2b1(p);
		if (!fits(p) || !check(p, &only_middle))
			return which;
		which = case_2b2(p);
		*reason = check(p, &only_middle);
		if (only_middle)
			*reason = NULL;
		return which;
	}
	if ((exit_scarce || guard_scarce) && 3 * (least + p->d) < p->t)
		return case_3a(p);
	which = exit_scarce || guard_scarce ? case_3b(p) : case_1(p);
	*reason = check(p, &only_middle);
	return which;
}

int bandwidth_compute(const struct bandwidth_sums *s, int64_t scale, struct bandwidth_weights *out, const char **reason)
{
	const int64_t sums[] = { s->g, s->m, s->e, s->d };
	struct parts p = { .g = s->g, .m = s->m, .e = s->e, .d = s->d, .t = s->t, .s = scale };

	*out = (struct bandwidth_weights){ 0 };
	*reason = NULL;
	for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
		if (sums[i] <= 0) {
			*reason = not_above_0[i];
			return -EDOM;
		}
	}
	const char *which = choose_case(&p, reason);
	if (!fits(&p)) {
		*reason = "weights of this consensus overflow";
		return -EOVERFLOW;
	}
	if (*reason)
		return -EDOM;
	*out = (struct bandwidth_weights){ .which = which, .wgg = (int64_t)p.wgg, .wgd = (int64_t)p.wgd, .wmg = (int64_t)p.wmg,
					   .wme = (int64_t)p.wme, .wmd = (int64_t)p.wmd, .wee = (int64_t)p.wee,
					   .wed = (int64_t)p.wed };
	return 0;
}

void bandwidth_line(const struct bandwidth_weights *w, int64_t scale, int64_t line[PUBLISHED_WEIGHTS])
{
	const int64_t all[PUBLISHED_WEIGHTS] = {
		[WBD] = w->wmd, [WBE] = w->wme, [WBG] = w->wmg, [WBM] = scale, [WDB] = scale, [WEB] = scale, [WED] = w->wed,
		[WEE] = w->wee, [WEG] = w->wed, [WEM] = w->wee, [WGB] = scale, [WGD] = w->wgd, [WGG] = w->wgg, [WGM] = w->wgg,
		[WMB] = scale, [WMD] = w->wmd, [WME] = w->wme, [WMG] = w->wmg, [WMM] = scale,
	};

	memcpy(line, all, sizeof(all));
}
