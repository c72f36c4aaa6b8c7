/* SPDX-License-Identifier: MIT */
/* Samples in, one number out. The build forbids fused multiplication (-ffp-contract=off): the compat form of ewma is the
 * seed's to the last bit. */
#include "base/base.h"

#include <math.h>

#include "core/estimate.h"
#include "core/group.h"

void estimate_clear(struct estimate *e)
{
	e->measured = e->stale = false;
	e->value = 0;
	e->ring_n = e->ring_at = 0;
	e->ring_sum = 0;
}

double estimate_fading(const struct estimate *e, const struct group_conf *c, uint64_t now_us)
{
	return now_us > e->sample_us ? exp(-(double)(now_us - e->sample_us) / (double)c->decay_us) : 1;
}

static void ring_push(struct estimate *e, uint32_t window, uint64_t x)
{
	if (e->ring_n == window)
		e->ring_sum -= e->ring[e->ring_at];
	else
		e->ring_n++;
	e->ring[e->ring_at] = x;
	e->ring_sum += x;
	e->ring_at = e->ring_at + 1 < window ? e->ring_at + 1 : 0;
	e->value = (double)e->ring_sum / e->ring_n;
}

/* Is this sample the first that counts? Then the method's step is left out, or begins from nothing. */
static bool begins(struct estimate *e, uint64_t now_us)
{
	const bool first = !e->measured || e->stale;

	if (e->stale)
		estimate_clear(e);
	e->measured = true;
	e->sample_us = now_us;
	return first;
}

void estimate_sma(struct estimate *e, const struct group_conf *c, uint64_t x_us, uint64_t now_us)
{
	(void)begins(e, now_us);
	ring_push(e, c->window, x_us);
}

void estimate_ewma(struct estimate *e, const struct group_conf *c, uint64_t x_us, uint64_t now_us)
{
	const double x = (double)x_us;

	if (begins(e, now_us))
		e->value = x;
	else
		e->value += c->alpha_ppm / 1e6 * (x - e->value);
}

void estimate_peak_ewma(struct estimate *e, const struct group_conf *c, uint64_t x_us, uint64_t now_us)
{
	const double x = (double)x_us;
	const double fading = estimate_fading(e, c, now_us);
	const double v = e->value * fading;

	if (begins(e, now_us) || x > v)
		e->value = x;
	else
		e->value = v + x * (1 - fading);
}

void estimate_adaptive(struct estimate *e, const struct group_conf *c, uint64_t x_us, uint64_t now_us)
{
	const double x = (double)x_us;
	const double fading = estimate_fading(e, c, now_us);
	const double alpha = c->alpha_ppm / 1e6;

	if (begins(e, now_us))
		e->value = x;
	else
		e->value += (1 - fading > alpha ? 1 - fading : alpha) * (x - e->value);
}

uint64_t estimate_seed_ms(uint64_t us)
{
	const uint64_t whole = us / 1000, rest = us % 1000;

	return whole + (rest > 500 || (rest == 500 && whole % 2));
}

void estimate_sma_seed(struct estimate *e, const struct group_conf *c, uint64_t x_us, uint64_t now_us)
{
	const uint64_t ms = estimate_seed_ms(x_us);

	if (!ms)
		return;
	(void)begins(e, now_us);
	ring_push(e, c->window, ms);
}

void estimate_ewma_seed(struct estimate *e, const struct group_conf *c, uint64_t x_us, uint64_t now_us)
{
	const double alpha = c->alpha_ppm / 1e6;
	const double ms = (double)estimate_seed_ms(x_us);

	if (ms == 0)
		return;
	e->value = begins(e, now_us) ? ms : alpha * ms + (1 - alpha) * e->value;
}
