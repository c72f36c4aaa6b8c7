/* SPDX-License-Identifier: MIT */
/* Sums of counters over workers and editions, and what the last 10 s added to them. */
#include "base/base.h"

#include "proxy/page.h"
#include "proxy/tally.h"

void count_add_worker(struct count *to, const struct page_worker *w)
{
	to->requests += w->requests;
	to->errors += w->errors;
	to->retries += w->retries;
	for (size_t i = 0; i < ARRAY_LEN(to->responses); i++)
		to->responses[i] += w->responses[i];
	to->bytes_in += w->bytes_in;
	to->bytes_out += w->bytes_out;
	to->log_lost += w->log_lost;
	to->connections += w->connections;
	to->queued += w->queued;
	to->idle_servers += w->idle_servers;
	histogram_sum(&to->times, &w->total);
}

void count_add_share(struct count *to, const struct page_share *s)
{
	to->requests += s->requests;
	to->errors += s->failures;
	to->open += s->open;
	to->pooled += s->pooled;
	if (s->answer.count > 0)
		histogram_sum(&to->times, &s->answer);
}

struct tally *tally_new(uint64_t now_us)
{
	struct tally *t = calloc(1, sizeof(*t));

	if (!t)
		out_of_memory();
	t->users = 1;
	t->n_sums = 1;
	t->sums[0].at_us = now_us;
	return t;
}

struct tally *tally_hold(struct tally *t)
{
	t->users++;
	return t;
}

void tally_drop(struct tally *t)
{
	if (t && --t->users == 0)
		free(t);
}

void tally_begin(struct tally *t)
{
	t->now = t->gone;
}

void tally_turn(struct tally *t, uint64_t now_us)
{
	const unsigned next = (t->last + 1) % TALLY_SUMS;

	t->sums[next].at_us = now_us;
	t->sums[next].requests = t->now.requests;
	if (t->now.times.count > 0)     /* else it is as it was: a server that is never used takes no memory for it */
		t->sums[next].times = t->now.times;
	t->last = next;
	t->n_sums = MIN(t->n_sums + 1, (unsigned)TALLY_SUMS);
}

void tally_restart(struct tally *t, uint64_t now_us)
{
	t->n_sums = 0;
	tally_turn(t, now_us);
	t->told_lost = t->now.log_lost;
}

struct recent tally_recent(const struct tally *t)
{
	const unsigned oldest = (t->last + TALLY_SUMS - (t->n_sums - 1)) % TALLY_SUMS;
	const uint64_t span_us = t->sums[t->last].at_us - t->sums[oldest].at_us;
	const uint64_t requests = t->sums[t->last].requests - t->sums[oldest].requests;
	struct histogram times = t->sums[t->last].times;

	histogram_minus(&times, &t->sums[oldest].times);
	return (struct recent){
		.rate = span_us > 0 ? (requests * 1000000 + span_us / 2) / span_us : 0,
		.mean_us = histogram_mean(&times),
		.p50_us = histogram_quantile(&times, 500000),
		.p95_us = histogram_quantile(&times, 950000),
		.p99_us = histogram_quantile(&times, 990000),
	};
}
