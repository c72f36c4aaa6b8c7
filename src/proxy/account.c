/* SPDX-License-Identifier: MIT */
/* Accounts: what an exchange adds to the shared page, and when it is a sample. Its line in the log is log_line.c's.
 * Each count has one writer, this process, so it is added to without a lock. */
#include "base/base.h"

#include <errno.h>
#include <time.h>

#include "core/policy.h"
#include "profile/profile.h"
#include "proxy/account.h"
#include "proxy/log_line.h"
#include "proxy/page.h"

enum {
	LOG_BYTES = 64 << 10,
	SAMPLES_PER_SECOND = 200,
	FAILURES_PER_SECOND = 50,
	SECOND_US = 1000000,
};

struct account {
	const struct proxy_conf *conf;
	struct page *page;
	struct page_worker *mine;
	unsigned worker;
	/* log */
	int log;
	struct log_clock clock;
	size_t n, lines;                /* bytes and lines that wait */
	size_t begun;                   /* of those bytes: the rest of a line whose beginning is in the file */
	/* samples */
	uint64_t second_us, requests_then;      /* when this second began, all workers' requests then */
	uint64_t step, until_next;      /* every step-th exchange, and how many there are to the next */
	unsigned failures_left;         /* of this second */
	char bytes[LOG_BYTES];
};

static inline void add64(_Atomic uint64_t *count, uint64_t n)
{
	atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + n, memory_order_relaxed);
}

const char *exchange_end_name(enum exchange_end e)
{
	static const char *const names[] = {
		[END_OK] = "ok", [END_BAD_REQUEST] = "bad-request", [END_BAD_HEAD] = "bad-head", [END_BAD_TLS] = "bad-tls",
		[END_CLIENT_TIMEOUT] = "client-timeout", [END_TOO_LARGE] = "too-large",
		[END_CONNECT_FAILED] = "connect-failed", [END_SERVER_CLOSED] = "server-closed",
		[END_SERVER_INVALID] = "server-invalid", [END_NO_SERVER] = "no-server", [END_QUEUE_FULL] = "queue-full",
		[END_QUEUE_TIMEOUT] = "queue-timeout", [END_CONNECT_TIMEOUT] = "connect-timeout",
		[END_RESPONSE_TIMEOUT] = "response-timeout", [END_CLIENT_GONE] = "client-gone",
		[END_SERVER_CUT] = "server-cut", [END_IDLE] = "idle", [END_DRAIN] = "drain", [END_RESET] = "reset",
	};

	return names[e];
}

const char *account_log_header(const struct proxy_conf *c)
{
	return c->log_seed ? LOG_HEADER_SEED : LOG_HEADER_FULL;
}

static uint64_t real_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);       /* cannot fail for this clock */
	return (uint64_t)t.tv_sec * SECOND_US + (uint64_t)t.tv_nsec / 1000;
}

static void read_clock(struct account *a)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	a->clock.offset_us = real_us() - ((uint64_t)t.tv_sec * SECOND_US + (uint64_t)t.tv_nsec / 1000);
}

struct account *account_new(const struct proxy_conf *c, unsigned worker, struct page *page, int log)
{
	struct account *a = calloc(1, sizeof(*a));

	if (!a)
		out_of_memory();
	a->conf = c;
	a->page = page;
	a->mine = page_worker(page, worker);
	a->worker = worker;
	a->log = log;
	a->step = a->until_next = 1;
	a->failures_left = FAILURES_PER_SECOND;
	read_clock(a);
	return a;
}

/* ---- log ------------------------------------------------------------------------------------------------------- */

/* What cannot be written is dropped and counted, but for the rest of a line that was begun. */
static void drop_lines(struct account *a, size_t written)
{
	size_t start = written, end = written;

	while (start > 0 && a->bytes[start - 1] != '\n')
		start--;
	if (start < written || (written == 0 && a->begun > 0))
		while (end < a->n && a->bytes[end++] != '\n')
			;
	for (size_t i = end; i < a->n; i++)
		if (a->bytes[i] == '\n')
			add64(&a->mine->log_lost, 1);
	a->begun = a->n = end - written;
	memmove(a->bytes, a->bytes + written, a->n);
}

void account_flush(struct account *a)
{
	size_t written = 0;

	while (written < a->n) {
		const ssize_t n = write(a->log, a->bytes + written, a->n - written);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			drop_lines(a, written);
			return;
		}
		written += (size_t)n;
	}
	a->n = a->begun = 0;
}

void account_reopen(struct account *a, int log)
{
	account_flush(a);
	a->n = a->begun = 0;
	if (a->log >= 0)
		(void)close(a->log);
	a->log = log;
}

static void log_exchange(struct account *a, const struct exchange *e)
{
	const struct log_line line = { .conf = a->conf, .worker = a->worker, .exchange = e };

	if (a->conf->log_seed && e->server < 0)
		return;
	if (LOG_BYTES - a->n < log_line_bound(e))
		account_flush(a);
	a->n += log_line_write(&line, &a->clock, a->bytes + a->n);
}

/* ---- samples --------------------------------------------------------------------------------------------------- */

static void write_sample(struct account *a, const struct exchange *e)
{
	const uint64_t seq = atomic_fetch_add_explicit(&a->page->samples_seq, 1, memory_order_relaxed) + 1;
	struct page_sample *s = &a->page->samples[seq % PAGE_SAMPLES];

	atomic_store_explicit(&s->seq, 0, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	s->t_us = e->t6 + a->clock.offset_us;
	s->total_us = e->t1 ? e->t6 - e->t1 : 0;
	s->answer_us = e->t5 && e->t2 ? e->t5 - e->t2 : 0;
	s->estimate_us = e->estimate_us;
	s->server = e->server < 0 ? UINT32_MAX : (uint32_t)e->server;
	s->status = e->status;
	(void)snprintf(s->end, sizeof(s->end), "%s", exchange_end_name(e->end));
	atomic_store_explicit(&s->seq, seq, memory_order_release);
}

/* In tcp no status says so. */
static bool is_unserved(enum exchange_end end)
{
	return end == END_CONNECT_FAILED || end == END_CONNECT_TIMEOUT || end == END_NO_SERVER || end == END_QUEUE_FULL ||
	       end == END_QUEUE_TIMEOUT;
}

static bool is_error(const struct exchange *e)
{
	const bool made_here = e->server_status == 0 && ((e->status >= 502 && e->status <= 504) || is_unserved(e->end));

	return made_here || e->end == END_SERVER_CUT || e->end == END_BAD_TLS;
}

static void draw_sample(struct account *a, const struct exchange *e)
{
	if (--a->until_next == 0) {
		a->until_next = a->step;
		write_sample(a, e);
	} else if (e->end != END_OK && a->failures_left > 0) {
		a->failures_left--;
		write_sample(a, e);
	}
}

/* Every m-th exchange from now on, m by the rate of all workers since the last second. */
static void set_step(struct account *a, uint64_t now_us)
{
	uint64_t requests = 0, rate = 0;

	for (size_t i = 0; i < a->page->n_workers; i++)
		requests += atomic_load_explicit(&page_worker(a->page, i)->requests, memory_order_relaxed);
	if (a->second_us)
		rate = (requests - a->requests_then) * SECOND_US / (now_us - a->second_us);
	a->second_us = now_us;
	a->requests_then = requests;
	a->step = MAX((rate + SAMPLES_PER_SECOND - 1) / SAMPLES_PER_SECOND, (uint64_t)1);
	a->until_next = MIN(a->until_next, a->step);
	a->failures_left = MAX(FAILURES_PER_SECOND / a->page->n_workers, 1U);
}

/* ---- counts ---------------------------------------------------------------------------------------------------- */

void account_failure(struct account *a, size_t server)
{
	add64(&page_share(a->page, a->worker, server)->failures, 1);
}

void account_retry(struct account *a)
{
	add64(&a->mine->retries, 1);
}

void account_bytes(struct account *a, uint64_t in, uint64_t out)
{
	add64(&a->mine->bytes_in, in);
	add64(&a->mine->bytes_out, out);
}

void account_done(struct account *a, const struct exchange *e)
{
	add64(&a->mine->requests, 1);
	if (e->status >= 100 && e->status < 600)
		add64(&a->mine->responses[e->status / 100], 1);
	if (is_error(e))
		add64(&a->mine->errors, 1);
	if (e->t1)
		histogram_add(&a->mine->total, e->t6 - e->t1);
	if (e->server >= 0) {
		struct page_share *s = page_share(a->page, a->worker, (size_t)e->server);

		add64(&s->requests, 1);
		if (e->t5 && e->t2)
			histogram_add(&s->answer, e->t5 - e->t2);
	}
	draw_sample(a, e);
	if (a->log >= 0)
		log_exchange(a, e);
}

void account_tick(struct account *a, uint64_t now_us)
{
	add64(&a->mine->heartbeat, 1);
	read_clock(a);
	if (a->log >= 0)
		account_flush(a);
	if (!a->second_us || now_us - a->second_us >= SECOND_US)
		set_step(a, now_us);
}
