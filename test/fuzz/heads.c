/* SPDX-License-Identifier: MIT */
/* The oracles of proxy.md section 11, "Fuzz", for requests and answers. */
#include "base/base.h"

#include "heads.h"
#include "http/forward.h"

enum { HEAD_BYTES = 4096, ROOM = HEAD_BYTES + 2048 };

static const struct http_limits limits = { .head_bytes = HEAD_BYTES };
typedef int reader(struct http_head *h, const char *p, size_t n, const struct http_limits *limits);

#define REQUIRE(holds, bytes) require((holds), #holds, __LINE__, (bytes))
static void require(bool holds, const char *what, int line, struct str bytes)
{
	if (holds)
		return;
	fprintf(stderr, "heads.c:%d: not so: %s\n%.*s\n", line, what, (int)bytes.n, bytes.p);
	abort();
}

static struct str text(const char *p, struct http_span s)
{
	return (struct str){ p + s.at, s.n };
}

static bool spans_eq(struct http_span a, struct http_span b)
{
	return a.at == b.at && a.n == b.n;
}

/* Up to the fields all bytes are set by init; refusals are compared by their words. */
static bool heads_eq(const struct http_head *a, const struct http_head *b)
{
	if (memcmp(a, b, offsetof(struct http_head, fields)) != 0)
		return false;
	for (uint32_t i = 0; i < a->n_fields; i++) {
		const struct http_field *f = &a->fields[i];
		const struct http_field *g = &b->fields[i];
		if (!spans_eq(f->name, g->name) || !spans_eq(f->value, g->value) || f->id != g->id || f->hop != g->hop ||
		    f->plain != g->plain)
			return false;
	}
	return true;
}

static bool results_eq(int got, const struct http_head *a, int wanted, const struct http_head *b)
{
	if (wanted < 0)
		return got < 0 && a->refusal.status == b->refusal.status && a->refusal.rule && b->refusal.rule &&
		       strcmp(a->refusal.rule, b->refusal.rule) == 0;
	return got == wanted && (got == 0 || heads_eq(a, b));
}

static int read_once(reader *read, struct http_head *h, struct str s, size_t n)
{
	http_head_init(h);
	return read(h, s.p, n, &limits);
}

/* Byte by byte; *last is how many bytes the result took. Each piece is in a block of its own size. */
static int read_bytewise(reader *read, struct http_head *h, struct str s, size_t *last)
{
	int done = 0;

	http_head_init(h);
	for (*last = 0; *last < s.n && done == 0;)
		done = read(h, s.p, ++*last, &limits);
	return done;
}

static int read_both_ways(reader *read, struct http_head *h, struct str s)
{
	static struct http_head other;
	size_t last;
	const int done = read_bytewise(read, h, s, &last);

	REQUIRE(results_eq(read_once(read, &other, s, s.n), &other, done, h), s);
	if (s.n == 0)
		return done;
	if (done) {
		REQUIRE(results_eq(read_once(read, &other, s, last), &other, done, h), s);
		REQUIRE(read_once(read, &other, s, last - 1) == 0, s);
		REQUIRE(read(&other, s.p, s.n, &limits) == done && results_eq(done, &other, done, h), s);
	}
	for (size_t cut = 1; cut < last; cut += 1 + last / 16) {
		REQUIRE(read_once(read, &other, s, cut) == 0, s);
		REQUIRE(results_eq(read(&other, s.p, s.n, &limits), &other, done, h), s);
	}
	return done;
}

static bool is_clean(struct str s)
{
	return !s.n || (!memchr(s.p, '\r', s.n) && !memchr(s.p, '\n', s.n) && !memchr(s.p, '\0', s.n));
}

static struct str trim(struct str s)
{
	while (s.n && strchr(" \t", s.p[0]) && s.p[0])
		s = (struct str){ s.p + 1, s.n - 1 };
	while (s.n && strchr(" \t", s.p[s.n - 1]) && s.p[s.n - 1])
		s.n--;
	return s;
}

/* The fields are the lines. */
static void require_lines(const struct http_head *h, struct str s, bool blank_before_colon)
{
	const char *p = s.p;
	const char *end = s.p + h->bytes;

	REQUIRE(h->bytes >= 4 && memcmp(end - 4, "\r\n\r\n", 4) == 0, s);
	while (p < end && *p == '\r')
		p += 2;
	p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
	for (uint32_t i = 0; i < h->n_fields; i++) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		const char *colon = memchr(p, ':', (size_t)(lf - p));
		REQUIRE(lf && colon && lf[-1] == '\r' && lf - 1 > colon, s);
		const struct str name = { p, (size_t)(colon - p) };
		const struct str value = trim((struct str){ colon + 1, (size_t)(lf - 1 - colon - 1) });
		REQUIRE(str_eq(text(s.p, h->fields[i].name), blank_before_colon ? trim(name) : name), s);
		REQUIRE(str_eq(text(s.p, h->fields[i].value), value) && is_clean(value) && is_clean(name), s);
		p = lf + 1;
	}
	REQUIRE(p + 2 == end && *p == '\r', s);
}

static bool is_one_of(enum http_name id, const enum http_name *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static const enum http_name never[] = {
	HTTP_CONNECTION, HTTP_CONTENT_LENGTH, HTTP_HTTP2_SETTINGS, HTTP_KEEP_ALIVE, HTTP_PROXY_AUTHENTICATE,
	HTTP_PROXY_AUTHORIZATION, HTTP_PROXY_CONNECTION, HTTP_TE, HTTP_TRAILER, HTTP_TRANSFER_ENCODING, HTTP_UPGRADE,
};
static const enum http_name clients[] = {
	HTTP_FORWARDED, HTTP_X_FORWARDED_FOR, HTTP_X_FORWARDED_HOST, HTTP_X_FORWARDED_PROTO, HTTP_X_REAL_IP,
};

/* What was kept stands at the same place in what was written, with the same value unless Host or a count was changed.
 * The number of fields that `written` has behind them is returned. */
static uint32_t require_kept(const struct http_head *h, struct str s, const struct http_head *written, const char *p)
{
	uint32_t at = !h->answer && written->n_fields && !(h->seen & 1u << HTTP_HOST);

	for (uint32_t i = 0; i < h->n_fields; i++) {
		const struct http_field *f = &h->fields[i];
		if (f->hop || is_one_of(f->id, never, ARRAY_LEN(never)))
			continue;
		if (!h->answer && (is_one_of(f->id, clients, ARRAY_LEN(clients)) || (f->id == HTTP_EXPECT && !h->minor)))
			continue;
		REQUIRE(at < written->n_fields, s);
		const struct http_field *g = &written->fields[at++];
		REQUIRE(str_eq(text(s.p, f->name), text(p, g->name)), s);
		if (f->id == HTTP_HOST && h->absolute)
			REQUIRE(str_eq(text(p, g->value), text(s.p, h->host)), s);
		else if (f->id != HTTP_MAX_FORWARDS)
			REQUIRE(str_eq(text(s.p, f->value), text(p, g->value)), s);
	}
	return written->n_fields - at;
}

static void require_request(const struct http_head *h, struct str s)
{
	static struct http_head again;
	const struct http_limits large = { .head_bytes = ROOM };
	const struct http_request_pass pass = { .client = STR("192.0.2.1"), .forwarded = HTTP_FORWARDED_BOTH,
						.server = STR("192.0.2.9:80") };
	char out[ROOM];
	const int n = http_request_write(h, s.p, &pass, out, sizeof(out));

	REQUIRE(n > 0, s);
	REQUIRE(http_request_write(h, s.p, &pass, out, (size_t)n - 1) < 0, s);
	REQUIRE(http_request_write(h, s.p, &pass, out, (size_t)n) == n, s);
	http_head_init(&again);
	REQUIRE(http_request_read(&again, out, (size_t)n, &large) == n, s);
	REQUIRE(again.minor == 1 && again.method == h->method && !again.absolute, s);
	REQUIRE(str_eq(text(out, again.method_text), text(s.p, h->method_text)), s);
	const struct str target = text(out, again.target);
	REQUIRE(target.n == 1 || str_eq((struct str){ target.p + h->target_root, target.n - h->target_root }, text(s.p, h->target)), s);
	REQUIRE(str_eq(text(out, again.host), h->has_host ? text(s.p, h->host) : pass.server), s);
	REQUIRE(again.body == h->body && again.length == h->length && again.upgrade == h->upgrade, s);
	REQUIRE(again.expect_continue == h->expect_continue && !again.close, s);
	const uint32_t ours = 4u + (h->body != HTTP_BODY_NONE) + 2u * h->upgrade;
	if (h->n_fields + 8 <= HTTP_FIELDS)
		REQUIRE(require_kept(h, s, &again, out) == ours, s);
}

bool heads_request(struct str s)
{
	static struct http_head h;
	const int done = read_both_ways(http_request_read, &h, s);

	if (done <= 0)
		return false;
	REQUIRE(is_clean(text(s.p, h.target)) && is_clean(text(s.p, h.method_text)) && is_clean(text(s.p, h.host)), s);
	REQUIRE((uint32_t)done == h.bytes && h.bytes <= HEAD_BYTES, s);
	REQUIRE(!(h.chunked && h.has_length) && h.length <= INT64_MAX, s);
	require_lines(&h, s, false);
	if (h.n_fields + 8 <= HTTP_FIELDS)
		require_request(&h, s);
	return true;
}

static void require_answer(const struct http_head *h, struct str s)
{
	static struct http_head again;
	const struct http_limits large = { .head_bytes = ROOM };
	const struct http_answer_pass pass = { .body = http_answer_body(h, HTTP_GET), .date = STR("now"),
					       .upgrade = h->upgrade && h->status == 101 };
	char out[ROOM];
	const int n = http_answer_write(h, s.p, &pass, out, sizeof(out));

	REQUIRE(n > 0, s);
	REQUIRE(http_answer_write(h, s.p, &pass, out, (size_t)n - 1) < 0, s);
	REQUIRE(http_answer_write(h, s.p, &pass, out, (size_t)n) == n, s);
	http_head_init(&again);
	REQUIRE(http_answer_read(&again, out, (size_t)n, &large) == n, s);
	REQUIRE(again.minor == 1 && again.status == h->status && !again.unclean && !again.close && !again.keep_alive, s);
	REQUIRE(str_eq(text(out, again.reason), text(s.p, h->reason)), s);
	REQUIRE(http_answer_body(&again, HTTP_GET) == pass.body, s);
	REQUIRE(!again.has_length || (h->has_length && again.length == h->length), s);
	REQUIRE(pass.upgrade == (again.upgrade && again.status == 101), s);
	(void)require_kept(h, s, &again, out);
}

bool heads_answer(struct str s)
{
	static struct http_head h;
	const int done = read_both_ways(http_answer_read, &h, s);

	if (done <= 0)
		return false;
	REQUIRE(is_clean(text(s.p, h.reason)) && h.status >= 100 && h.status <= 599, s);
	REQUIRE((uint32_t)done == h.bytes && !(h.chunked && h.has_length) && h.length <= INT64_MAX, s);
	require_lines(&h, s, true);
	if (h.n_fields + 8 <= HTTP_FIELDS)
		require_answer(&h, s);
	return true;
}
