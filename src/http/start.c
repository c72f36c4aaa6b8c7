/* SPDX-License-Identifier: MIT */
/* The first line of a head: request line (H1 to H7) or status line (A1). Each step takes the bytes that are its own and
 * stops at the first wrong one; h->mark is where its word began, so that it goes on in the next call where it stopped. */
#include "base/base.h"

#include "http/bytes.h"
#include "http/name.h"
#include "http/read.h"

static void begin_word(struct http_head *h, uint32_t at, enum http_state state)
{
	h->at = h->mark = at;
	h->state = state;
}

static int refuse_byte(struct http_head *h, char c, const char *rule)
{
	return http_refuse(h, 400, c == '\n' ? "H2" : c == '\r' || http_is_blank(c) ? "H3" : rule, "A1");
}

static int read_begin(struct http_head *h, const char *p)
{
	if (p[h->at] == '\n')
		return http_refuse(h, 400, "H2", "A2");
	if (p[h->at] != '\r') {
		begin_word(h, h->at, READ_METHOD);
		return 0;
	}
	if (h->state == READ_BEGIN_AGAIN)
		return http_refuse(h, 400, "H1", "A2");
	begin_word(h, h->at + 1, READ_EMPTY_LF);
	return 0;
}

static int read_lf(struct http_head *h, const char *p, enum http_state next)
{
	if (p[h->at] != '\n')
		return http_refuse(h, 400, "H2", "A2");
	begin_word(h, h->at + 1, next);
	return 0;
}

static int read_method(struct http_head *h, const char *p, uint32_t to)
{
	const uint32_t most = MIN(to, h->mark + HTTP_METHOD_BYTES + 1);
	uint32_t at = h->at;

	while (at < most && http_is(p[at], HTTP_IS_TOKEN))
		at++;
	h->at = at;
	const struct str method = { p + h->mark, at - h->mark };
	if (method.n > HTTP_METHOD_BYTES)
		return http_refuse(h, 400, "H4", NULL);
	if (at == to)
		return 0;
	if (p[at] != ' ' || method.n == 0)
		return refuse_byte(h, p[at], "H4");
	if (str_eq(method, STR("CONNECT")) || str_eq(method, STR("TRACE")))
		return http_refuse(h, 501, "H4", NULL);
	h->method_text = (struct http_span){ h->mark, (uint32_t)method.n };
	h->method = http_method_of(method.p, method.n);
	begin_word(h, at + 1, READ_TARGET);
	return 0;
}

/* t begins as s does, as far as both go; s in lower case. */
static bool begins_alike(struct str t, struct str s)
{
	for (size_t i = 0; i < MIN(t.n, s.n); i++)
		if (http_folded(t.p[i]) != s.p[i])
			return false;
	return true;
}

/* A target that does not begin with '/': "*", or absolute form. */
static bool target_wrong(struct http_head *h, struct str t, bool whole)
{
	const struct str schemes[] = { STR("http://"), STR("https://") };

	if (t.p[0] == '*')
		return h->method != HTTP_OPTIONS || t.n > 1;
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		const size_t skip = schemes[i].n;
		if (!begins_alike(t, schemes[i]))
			continue;
		if (t.n < skip)
			return whole;
		size_t end = skip;
		while (end < t.n && t.p[end] != '/' && t.p[end] != '?')
			end++;
		const bool complete = whole || end < t.n;
		if (http_host_wrong((struct str){ t.p + skip, end - skip }, complete) || (complete && end == skip))
			return true;
		h->host = (struct http_span){ h->mark + (uint32_t)skip, (uint32_t)(end - skip) };
		h->target = (struct http_span){ h->mark + (uint32_t)end, (uint32_t)(t.n - end) };
		h->target_root = end == t.n || t.p[end] != '/';
		h->absolute = h->has_host = true;
		return false;
	}
	return true;
}

/* The first byte from `at` on that no target has, or `to`. Eight at once as long as none of them is below 0x21, above 0x7e
 * or '#': what borrows from its neighbour does so above a byte that is. */
static uint32_t target_end(const char *p, uint32_t at, uint32_t to)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t highs = ones << 7;
	uint64_t x;

	for (; at + sizeof(x) <= to; at += sizeof(x)) {
		memcpy(&x, p + at, sizeof(x));
		const uint64_t del = x ^ ones * 0x7f;
		const uint64_t hash = x ^ ones * '#';
		const uint64_t below = (x - ones * 0x21) & ~x;
		if ((x | below | ((del - ones) & ~del) | ((hash - ones) & ~hash)) & highs)
			break;
	}
	while (at < to && http_is(p[at], HTTP_IS_TARGET))
		at++;
	return at;
}

static int read_target(struct http_head *h, const char *p, uint32_t to)
{
	const uint32_t most = MIN(to, h->mark + HTTP_TARGET_BYTES + 1);
	const uint32_t at = h->at = target_end(p, h->at, most);
	const struct str target = { p + h->mark, at - h->mark };
	const bool whole = at < to && p[at] == ' ' && target.n <= HTTP_TARGET_BYTES;
	h->target = (struct http_span){ h->mark, (uint32_t)target.n };
	if (target.n && target.p[0] != '/' && target_wrong(h, target, whole))
		return http_refuse(h, 400, "H5", NULL);
	if (target.n > HTTP_TARGET_BYTES)
		return http_refuse(h, 414, "H5", NULL);
	if (at == to)
		return 0;
	if (!whole || target.n == 0)
		return refuse_byte(h, p[at], "H5");
	begin_word(h, at + 1, READ_VERSION);
	return 0;
}

static int version_wrong(struct http_head *h, char c, uint32_t i)
{
	if (i == 5 && http_is(c, HTTP_IS_DIGIT))
		return http_refuse(h, 505, "H7", NULL);
	if (i == 0)
		return refuse_byte(h, c, "H7");
	return http_refuse(h, 400, c == '\n' || i == 9 ? "H2" : "H7", NULL);
}

static int read_version(struct http_head *h, const char *p, uint32_t to)
{
	static const char version[] = "HTTP/1.x\r\n";

	for (; h->at < to; h->at++) {
		const uint32_t i = h->at - h->mark;
		const char c = p[h->at];
		if (i == 7 && http_is(c, HTTP_IS_DIGIT)) {
			h->minor = c != '0';
		} else if (i == 7 || c != version[i]) {
			return version_wrong(h, c, i);
		} else if (i == 9) {
			begin_word(h, h->at + 1, READ_FIELD);
			return 0;
		}
	}
	return 0;
}

/* "HTTP/1.1 200", and the blank or line end behind it. */
static int read_status(struct http_head *h, const char *p, uint32_t to)
{
	static const char version[] = "HTTP/1.";

	for (; h->at < to; h->at++) {
		const uint32_t i = h->at - h->mark;
		const char c = p[h->at];
		bool good;
		if (i < 7) {
			good = c == version[i];
		} else if (i == 7) {
			good = c == '0' || c == '1';
			h->minor = c == '1';
		} else if (i == 8) {
			good = c == ' ';
		} else if (i < 12) {
			good = http_is(c, HTTP_IS_DIGIT) && (i > 9 || (c >= '1' && c <= '5'));
			h->status = h->status * 10 + (unsigned)(c - '0');
		} else {
			if (c != ' ' && c != '\r')
				return http_refuse(h, 502, NULL, "A1");
			begin_word(h, h->at + (c == ' '), READ_REASON);
			return 0;
		}
		if (!good)
			return http_refuse(h, 502, NULL, "A1");
	}
	return 0;
}

static int read_reason(struct http_head *h, const char *p, const struct http_window *w)
{
	h->at = http_window_end(w, h->at);
	if (h->at == w->to)
		return 0;
	if (p[h->at] != '\r')
		return http_refuse(h, 502, NULL, p[h->at] == '\n' ? "A2" : "A1");
	h->reason = (struct http_span){ h->mark, h->at - h->mark };
	begin_word(h, h->at + 1, READ_REASON_LF);
	return 0;
}

int http_start_read(struct http_head *h, const char *p, const struct http_window *w)
{
	int err = 0;

	while (!err && h->at < w->to && h->state < READ_FIELD) {
		switch ((enum http_state)h->state) {
		case READ_BEGIN:
		case READ_BEGIN_AGAIN:
			err = read_begin(h, p);
			break;
		case READ_EMPTY_LF:
			err = read_lf(h, p, READ_BEGIN_AGAIN);
			break;
		case READ_METHOD:
			err = read_method(h, p, w->to);
			break;
		case READ_TARGET:
			err = read_target(h, p, w->to);
			break;
		case READ_VERSION:
			err = read_version(h, p, w->to);
			break;
		case READ_STATUS:
			err = read_status(h, p, w->to);
			break;
		case READ_REASON:
			err = read_reason(h, p, w);
			break;
		case READ_REASON_LF:
			err = read_lf(h, p, READ_FIELD);
			break;
		default:
			BUG("state %u in a first line", h->state);
		}
	}
	return err;
}
