/* SPDX-License-Identifier: MIT */
/* Heads, line by line. The reader is a machine whose whole state is in struct http_head: a window of bytes is scanned
 * for where words may end, and the machine goes from end to end, so no byte is read twice however the input is cut. */
#include "base/base.h"

#include <errno.h>

#include "http/bytes.h"
#include "http/name.h"
#include "http/read.h"

void http_head_init(struct http_head *h)
{
	memset(h, 0, offsetof(struct http_head, fields));
	h->max_forwards = UINT32_MAX;
}

int http_refuse(struct http_head *h, unsigned status, const char *request_rule, const char *answer_rule)
{
	h->state = READ_REFUSED;
	h->refusal.status = h->answer ? 502 : status;
	h->refusal.rule = h->answer ? answer_rule : request_rule;
	return -EBADMSG;
}

/* At the first byte of a line that is not the last. */
static int begin_field(struct http_head *h, uint32_t at)
{
	if (h->n_fields == HTTP_FIELDS)
		return http_refuse(h, 431, "H10", "A1");
	h->fields[h->n_fields].name.at = at;
	h->state = READ_NAME;
	return 0;
}

/* The first byte at `at` or behind it that no token has, or w->to. */
static uint32_t token_end(const struct http_window *w, const char *p, uint32_t at)
{
	at = http_window_stop(w, at);
	while (at < w->to && http_is(p[at], HTTP_IS_TOKEN))
		at = http_window_stop(w, at + 1);
	return at;
}

static int name_wrong(struct http_head *h, char c)
{
	return http_refuse(h, 400, c == '\n' ? "H2" : "H8", "A2");
}

/* With '_' for '-' the name of a field that we alone write: servers that make variables of names take it for that one. */
static bool passes_for_ours(const char *name, size_t n)
{
	const uint32_t ours = HTTP_FRAMING | http_bit(HTTP_X_FORWARDED_FOR) | http_bit(HTTP_X_FORWARDED_HOST) |
			      http_bit(HTTP_X_FORWARDED_PROTO) | http_bit(HTTP_X_REAL_IP);
	char dashed[sizeof("transfer-encoding")];

	if (n > sizeof(dashed) || !memchr(name, '_', n))
		return false;
	for (size_t i = 0; i < n; i++)
		dashed[i] = (char)(name[i] == '_' ? '-' : name[i]);
	return http_bit(http_name_of(dashed, n)) & ours;
}

/* The name goes up to `end`. */
static int end_name(struct http_head *h, const char *p, uint32_t end)
{
	struct http_field *f = &h->fields[h->n_fields];

	f->name.n = end - f->name.at;
	f->id = http_name_of(p + f->name.at, f->name.n);
	f->hop = !h->answer && passes_for_ours(p + f->name.at, f->name.n);
	h->state = READ_COLON;
	return f->id == HTTP_OTHER ? 0 : http_field_named(h, f);
}

/* The value goes up to `end`, where it is to be judged so far, or ends. */
static int judge_value(struct http_head *h, const char *p, bool whole)
{
	struct http_field *f = &h->fields[h->n_fields];

	f->value.n = h->solid - f->value.at;
	return f->id == HTTP_OTHER ? 0 : http_field_value(h, p, f, whole);
}

/* Value bytes from `at` on: returns where they end in this window. h->solid goes along. */
static uint32_t read_value(struct http_head *h, const char *p, const struct http_window *w, uint32_t at)
{
	const uint32_t end = http_window_end(w, at);
	uint32_t solid = end;

	while (solid > at && http_is_blank(p[solid - 1]))
		solid--;
	if (solid > at)
		h->solid = solid;
	return end;
}

/* A field as most are, "name: value" CRLF and wholly in this window, in one go. Behind it; 0: step by step, since something
 * is unusual, not there yet or wrong; < 0: refused. */
static inline int read_plain_line(struct http_head *h, const char *p, const struct http_window *w, uint32_t at)
{
	struct http_field *f = &h->fields[h->n_fields];
	const uint32_t colon = http_window_stop(w, at);
	const uint32_t value = colon + 2;

	if (value >= w->to || p[colon] != ':' || p[colon + 1] != ' ' || http_is_blank(p[value]) || colon == at)
		return 0;
	const uint32_t end = http_window_end(w, value);
	if (end + 1 >= w->to || p[end] != '\r' || p[end + 1] != '\n' || http_is_blank(p[end - 1]))
		return 0;
	if (colon - at > HTTP_NAME_BYTES || h->n_fields == HTTP_FIELDS)
		return 0;
	*f = (struct http_field){ .name = { at, colon - at }, .value = { value, end - value },
				  .id = http_name_of(p + at, colon - at), .plain = true };
	h->solid = end;
	if (f->id != HTTP_OTHER && (http_field_named(h, f) || http_field_value(h, p, f, true)))
		return -EBADMSG;
	h->n_fields++;
	return (int)end + 2;
}

static int wait_at(struct http_head *h, uint32_t at)
{
	h->at = at;
	return 0;
}

/* At the first byte that no value has. */
static int end_value(struct http_head *h, const char *p, uint32_t at)
{
	struct http_field *f = &h->fields[h->n_fields];

	if (p[at] == '\n')
		return http_refuse(h, 400, "H2", "A2");
	if (p[at] != '\r')
		return http_refuse(h, 400, "H9", "A1");
	f->plain = h->solid == at && f->value.at == f->name.at + f->name.n + 2 && p[f->value.at - 1] == ' ';
	h->state = READ_VALUE_LF;
	return 0;
}

/* Fields until the window or the head ends. 0, > 0 complete, < 0. */
static int read_fields(struct http_head *h, const char *p, const struct http_window *w)
{
	const uint32_t to = w->to;
	uint32_t at = h->at;
	struct http_field *f = &h->fields[h->n_fields];
	int err;

	for (; at < to; at++) {
		switch ((enum http_state)h->state) {
		case READ_FIELD:
			while ((err = read_plain_line(h, p, w, at)) > 0)
				at = (uint32_t)err;
			if (err < 0)
				return err;
			if (at == to)
				return wait_at(h, at);
			if (p[at] == '\r') {
				h->state = READ_LAST_LF;
				continue;
			}
			err = begin_field(h, at);
			if (err)
				return err;
			f = &h->fields[h->n_fields];
			__attribute__((fallthrough));
		case READ_NAME:
			at = token_end(w, p, at);
			if (at - f->name.at > HTTP_NAME_BYTES)
				return http_refuse(h, 400, "H8", "A2");
			if (at == to)
				return wait_at(h, at);
			if (at == f->name.at || (p[at] != ':' && !(h->answer && http_is_blank(p[at]))))
				return name_wrong(h, p[at]);
			err = end_name(h, p, at);
			if (err)
				return err;
			__attribute__((fallthrough));
		case READ_COLON:
			if (p[at] != ':' && !http_is_blank(p[at]))
				return name_wrong(h, p[at]);
			if (p[at] == ':')
				h->state = READ_BLANKS;
			continue;
		case READ_BLANKS:
			if (http_is_blank(p[at]))
				continue;
			f->value.at = h->solid = at;
			h->state = READ_VALUE;
			__attribute__((fallthrough));
		case READ_VALUE:
			at = read_value(h, p, w, at);
			err = judge_value(h, p, at < to && p[at] == '\r');
			if (err)
				return err;
			if (at == to)
				return wait_at(h, at);
			err = end_value(h, p, at);
			if (err)
				return err;
			continue;
		case READ_VALUE_LF:
		case READ_LAST_LF:
			if (p[at] != '\n')
				return http_refuse(h, 400, "H2", "A2");
			if (h->state == READ_LAST_LF)
				return http_fields_end(h, p) ? -EBADMSG : (int)at + 1;
			h->n_fields++;
			h->state = READ_FIELD;
			continue;
		default:
			BUG("state %u in a field", h->state);
		}
	}
	return wait_at(h, at);
}

static int head_read(struct http_head *h, const char *p, size_t n, const struct http_limits *limits)
{
	const uint32_t end = (uint32_t)MIN(n, (size_t)limits->head_bytes);
	struct http_window w;

	if (h->state == READ_DONE)
		return (int)h->bytes;
	while (h->state != READ_REFUSED && h->at < end) {
		http_window_fill(&w, p, h->at, MIN(end, h->at + HTTP_WINDOW));
		if (h->state < READ_FIELD && http_start_read(h, p, &w))
			return -EBADMSG;
		const int done = h->at < w.to ? read_fields(h, p, &w) : 0;
		if (done > 0) {
			h->bytes = h->at = (uint32_t)done;
			h->state = READ_DONE;
		}
		if (done)
			return done;
	}
	if (h->state != READ_REFUSED && n >= limits->head_bytes)
		return http_refuse(h, 431, "H10", "A1");
	return h->state == READ_REFUSED ? -EBADMSG : 0;
}

int http_request_read(struct http_head *h, const char *p, size_t n, const struct http_limits *limits)
{
	return head_read(h, p, n, limits);
}

int http_answer_read(struct http_head *h, const char *p, size_t n, const struct http_limits *limits)
{
	if (!h->answer) {
		h->answer = true;
		h->state = READ_STATUS;
	}
	return head_read(h, p, n, limits);
}

enum http_body http_answer_body(const struct http_head *answer, enum http_method method)
{
	if (method == HTTP_HEAD || answer->status < 200 || answer->status == 204 || answer->status == 304)
		return HTTP_BODY_NONE;
	if (answer->chunked)
		return HTTP_BODY_CHUNKED;
	return answer->has_length ? HTTP_BODY_LENGTH : HTTP_BODY_CLOSE;
}
