/* SPDX-License-Identifier: MIT */
/* Lines of the log. One is written for every request, so digits are written by hand and the second is kept as text. */
#include "base/base.h"

#include <time.h>

#include "core/policy.h"
#include "profile/profile.h"
#include "proxy/account.h"
#include "proxy/log_line.h"

enum { FIXED_BYTES = 640 };     /* of all columns but method and target: names of 63, numbers of 20 */

size_t log_line_bound(const struct exchange *e)
{
	return FIXED_BYTES + 2 * (e->method.n + e->target.n);
}

/* ---- pieces: each writes at p and returns where it ended --------------------------------------------------------- */

static char *put(char *p, const char *s, size_t n)
{
	memcpy(p, s, n);
	return p + n;
}

static char *put_text(char *p, const char *s)
{
	return put(p, s, strlen(s));
}

static char *put_number(char *p, uint64_t v)
{
	char digits[20];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	while (n)
		*p++ = digits[--n];
	return p;
}

static char *put_micros(char *p, uint64_t us)
{
	for (unsigned i = 6; i--; us /= 10)
		p[i] = (char)('0' + us % 10);
	return p + 6;
}

/* As it is, or in quotes with quotes doubled, where a comma or a quote is in it. */
static char *put_quoted(char *p, struct str s)
{
	if (s.n == 0)
		return p;
	if (!memchr(s.p, ',', s.n) && !memchr(s.p, '"', s.n))
		return put(p, s.p, s.n);
	*p++ = '"';
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			*p++ = '"';
		*p++ = s.p[i];
	}
	*p++ = '"';
	return p;
}

static char *put_endpoint(char *p, const struct endpoint *e)
{
	char text[ENDPOINT_TEXT];

	if (e->addr.family != AF_INET)
		return put_text(p, endpoint_print(e, text));
	for (unsigned i = 0; i < 4; i++) {
		p = put_number(p, e->addr.b[i]);
		*p++ = i < 3 ? '.' : ':';
	}
	return put_number(p, e->port);
}

/* 2026-01-05T10:11:12; the fraction is the caller's. */
static char *put_second(char *p, struct log_clock *c, int64_t second, bool local)
{
	if (!c->text[0] || c->second != second || c->local != local) {
		const time_t t = (time_t)second;
		struct tm tm;

		if (local)
			(void)localtime_r(&t, &tm);
		else
			(void)gmtime_r(&t, &tm);
		(void)strftime(c->text, sizeof(c->text), "%Y-%m-%dT%H:%M:%S", &tm);
		c->second = second;
		c->local = local;
	}
	return put(p, c->text, sizeof(c->text) - 1);
}

/* The time between two moments and a comma; nothing but the comma where one was not reached. */
static char *put_between(char *p, uint64_t from_us, uint64_t to_us)
{
	if (from_us && to_us)
		p = put_number(p, to_us - from_us);
	*p++ = ',';
	return p;
}

/* ---- lines ----------------------------------------------------------------------------------------------------- */

static char *put_full(char *p, const struct log_line *l, uint64_t end_us, struct log_clock *clock)
{
	const struct exchange *e = l->exchange;

	p = put_second(p, clock, (int64_t)(end_us / 1000000), false);
	*p++ = '.';
	p = put_micros(p, end_us % 1000000);
	p = put(p, "Z,", 2);
	p = put_text(p, l->conf->name);
	*p++ = ',';
	p = put_number(p, l->worker);
	*p++ = ',';
	p = put_endpoint(p, &e->client);
	*p++ = ',';
	p = put_quoted(p, e->method);
	*p++ = ',';
	p = put_quoted(p, e->target);
	*p++ = ',';
	p = put_number(p, e->status);
	*p++ = ',';
	if (e->server >= 0)
		p = put_text(p, l->conf->servers[e->server].name);
	*p++ = ',';
	p = put_number(p, e->attempts);
	p = put(p, e->reused ? ",1," : ",0,", 3);
	p = put_between(p, e->t1, e->t2);
	p = put_between(p, e->t2, e->t3);
	p = put_between(p, e->t2, e->t4);
	p = put_between(p, e->t2, e->t5);
	p = put_between(p, e->t1, e->t6);
	p = put_number(p, e->request_bytes);
	*p++ = ',';
	p = put_number(p, e->response_bytes);
	*p++ = ',';
	if (e->server >= 0)
		p = put_number(p, e->open);
	*p++ = ',';
	if (e->server >= 0 && e->estimate_us >= 0)
		p = put_number(p, (uint64_t)e->estimate_us);
	*p++ = ',';
	return put_text(p, exchange_end_name(e->end));
}

static const char *seed_mode(const struct policy *method)
{
	switch (method->kind) {
	case POLICY_SMA:
		return "adaptive_sma";
	case POLICY_EWMA:
		return "adaptive_ewma";
	default:
		return method->name;
	}
}

/* Whole milliseconds, halves to even. */
static uint64_t whole_ms(uint64_t us)
{
	const uint64_t ms = us / 1000, rest = us % 1000;

	return ms + (rest > 500 || (rest == 500 && ms % 2 == 1));
}

static char *put_seed(char *p, const struct log_line *l, uint64_t end_us, struct log_clock *clock)
{
	const struct exchange *e = l->exchange;
	const uint64_t answered_us = e->t5 ? e->t5 : e->t6;

	p = put_second(p, clock, (int64_t)(end_us / 1000000), true);
	if (end_us % 1000000) {
		*p++ = '.';
		p = put_micros(p, end_us % 1000000);
	}
	p = put_text(p, ",http://");
	p = put_endpoint(p, &l->conf->servers[e->server].address.endpoint);
	*p++ = ',';
	p = put_number(p, whole_ms(answered_us - e->t2));
	*p++ = ',';
	p = put_number(p, e->status);
	*p++ = ',';
	return put_text(p, seed_mode(l->conf->method));
}

size_t log_line_write(const struct log_line *l, struct log_clock *clock, char *out)
{
	const uint64_t end_us = l->exchange->t6 + clock->offset_us;
	char *p = l->conf->log_seed ? put_seed(out, l, end_us, clock) : put_full(out, l, end_us, clock);

	p = put(p, "\r\n", 2);
	return (size_t)(p - out);
}
