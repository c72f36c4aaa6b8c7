/* SPDX-License-Identifier: MIT */
/* Writing reports; each kind has its keys in the order of proxy.md section 3. */
#include "base/base.h"

#include <inttypes.h>

#include "base/line.h"
#include "proxy/child.h"
#include "proxy/edition.h"
#include "proxy/page.h"
#include "proxy/report.h"
#include "proxy/service.h"

enum { BUCKETS_A_LINE = 200 };          /* of 17 bytes at most */

static void begin(const struct report *r, const char *kind, const char *name, uint64_t seq)
{
	line_begin(r->out, "report");
	line_word(r->out, "kind", kind);
	line_word(r->out, "name", name);
	line_word_number(r->out, "seq", seq);
	line_word_number(r->out, "mono_us", r->mono_us);
}

static void put_maybe(const struct report *r, const char *key, int64_t value)
{
	if (value < 0)
		line_word(r->out, key, NULL);
	else
		line_word_number(r->out, key, (uint64_t)value);
}

static void put_times(const struct report *r, const struct recent *recent)
{
	put_maybe(r, "mean_us", recent->mean_us);
	put_maybe(r, "p50_us", recent->p50_us);
	put_maybe(r, "p95_us", recent->p95_us);
	put_maybe(r, "p99_us", recent->p99_us);
}

static void put_listen(const struct report *r, const struct proxy_conf *c)
{
	auto_text struct text list = { 0 };
	char at[ENDPOINT_TEXT];

	for (size_t i = 0; i < c->n_listen; i++)
		text_printf(&list, "%s%s", i ? "," : "", endpoint_print(&c->listen[i].endpoint, at));
	line_word(r->out, "listen", text_get(&list));
}

static void report_proxy(const struct report *r, const struct service *s)
{
	const struct count *now = &s->tally->now;
	const struct recent recent = tally_recent(s->tally);
	char key[8];

	begin(r, "proxy", s->conf->name, ++*r->seq);
	line_word(r->out, "mode", s->conf->tcp ? "tcp" : "http");
	line_word(r->out, "method", s->conf->method->name);
	line_word_number(r->out, "workers", s->n_children);
	put_listen(r, s->conf);
	line_word_number(r->out, "pid", (uint64_t)getpid());
	line_word_number(r->out, "connections", now->connections);
	line_word_number(r->out, "queued", now->queued);
	line_word_number(r->out, "requests", now->requests);
	line_word_number(r->out, "errors", now->errors);
	line_word_number(r->out, "retries", now->retries);
	for (unsigned i = 1; i < ARRAY_LEN(now->responses); i++) {
		(void)snprintf(key, sizeof(key), "r%uxx", i);
		line_word_number(r->out, key, now->responses[i]);
	}
	line_word_number(r->out, "rate", recent.rate);
	put_times(r, &recent);
	line_word_number(r->out, "bytes_in", now->bytes_in);
	line_word_number(r->out, "bytes_out", now->bytes_out);
	line_word_number(r->out, "idle_servers", now->idle_servers);
	line_word_number(r->out, "cpu_us", now->cpu_us);
	if (s->conf->proxy_protocol)
		line_word_number(r->out, "clients", now->clients);
	line_end(r->out);
}

/* The mean of the workers that have an estimate, weighted by requests; -1: none has. */
static int64_t estimate_us(const struct service *s, size_t server)
{
	double sum = 0, weights = 0;

	for (size_t w = 0; w < s->n_children; w++) {
		const struct page_share *share = page_share(s->page, w, server);
		const int64_t own_us = share->estimate_us;
		const double weight = (double)share->requests + 1e-6;   /* all may be without */

		if (own_us < 0)
			continue;
		sum += (double)own_us * weight;
		weights += weight;
	}
	return weights > 0 ? (int64_t)(sum / weights + 0.5) : -1;
}

static void report_server(const struct report *r, const struct service *s, size_t i)
{
	const struct server_conf *c = &s->conf->servers[i];
	const struct health_member *m = &s->health.members[i];
	const struct count *now = &s->servers[i].tally->now;
	const struct recent recent = tally_recent(s->servers[i].tally);
	char at[ENDPOINT_TEXT];

	begin(r, "server", c->name, ++*r->seq);
	line_word(r->out, "proxy", s->conf->name);
	line_word(r->out, "address", endpoint_print(&c->address.endpoint, at));
	line_word(r->out, "state", member_state_name(m->state));
	line_word(r->out, "reason", member_reason_name(m->reason));
	line_word_number(r->out, "held", m->held);
	line_word_number(r->out, "weight", service_weight(s, i));
	line_word_number(r->out, "backup", c->backup);
	line_word_number(r->out, "open", now->open);
	line_word_number(r->out, "pooled", now->pooled);
	line_word_number(r->out, "requests", now->requests);
	line_word_number(r->out, "failures", now->errors);
	put_maybe(r, "estimate_us", estimate_us(s, i));
	put_times(r, &recent);
	line_word_number(r->out, "since_us", m->since_us);
	line_end(r->out);
}

void report_histogram(const struct report *r, const char *proxy, const char *server, const struct histogram *h)
{
	auto_text struct text buckets = { 0 };
	size_t used = 0, part = 0, n = 0;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		used += h->buckets[i] > 0;
	const size_t of = used ? (used + BUCKETS_A_LINE - 1) / BUCKETS_A_LINE : 1;

	for (size_t i = 0; part < of; i++) {
		const bool last = i == HISTOGRAM_BUCKETS;

		if (last || n == BUCKETS_A_LINE) {
			begin(r, "histogram", proxy, ++*r->seq);
			line_word(r->out, "proxy", proxy);
			line_word(r->out, "server", server);
			line_word_number(r->out, "part", ++part);
			line_word_number(r->out, "of", of);
			line_word(r->out, "buckets", buckets.n ? text_get(&buckets) : NULL);
			line_end(r->out);
			text_clear(&buckets);
			n = 0;
		}
		if (last)
			break;
		if (h->buckets[i] > 0)
			text_printf(&buckets, "%s%zu:%" PRIu32, n++ ? "," : "", i, h->buckets[i]);
	}
}

void report_round(const struct report *r, const struct edition *e)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct service *s = e->services[i];

		report_proxy(r, s);
		for (size_t k = 0; k < s->conf->n_servers; k++)
			report_server(r, s, k);
		report_histogram(r, s->conf->name, NULL, &s->tally->now.times);
		for (size_t k = 0; k < s->conf->n_servers; k++)
			report_histogram(r, s->conf->name, s->conf->servers[k].name, &s->servers[k].tally->now.times);
	}
}

static void report_sample(const struct report *r, const struct service *s, const struct page_sample *sample, uint64_t seq)
{
	const bool known = sample->server < s->conf->n_servers;
	char end[sizeof(sample->end) + 1] = "";

	memcpy(end, sample->end, sizeof(sample->end));
	begin(r, "sample", s->conf->name, seq);
	line_word(r->out, "proxy", s->conf->name);
	line_word(r->out, "server", known ? s->conf->servers[sample->server].name : NULL);
	line_word_number(r->out, "t_us", sample->t_us);
	line_word_number(r->out, "total_us", sample->total_us);
	line_word_number(r->out, "answer_us", sample->answer_us);
	line_word_number(r->out, "status", sample->status);
	line_word(r->out, "end", end);
	put_maybe(r, "estimate_us", sample->estimate_us);
	line_end(r->out);
}

void report_samples(const struct report *r, struct service *s, uint64_t since)
{
	const uint64_t last = atomic_load(&s->page->samples_seq);
	const uint64_t oldest = last > PAGE_SAMPLES ? last - PAGE_SAMPLES : 0;

	for (uint64_t seq = MAX(since, oldest) + 1; seq <= last; seq++) {
		struct page_sample *in = &s->page->samples[seq % PAGE_SAMPLES];
		struct page_sample sample;

		if (atomic_load_explicit(&in->seq, memory_order_acquire) != seq)
			continue;               /* being written, or over-written already */
		memcpy(&sample, in, sizeof(sample));
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(&in->seq, memory_order_relaxed) == seq)
			report_sample(r, s, &sample, seq);
	}
}
