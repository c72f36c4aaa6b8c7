/* SPDX-License-Identifier: MIT */
/* The strict reader. Slow and plain: a line at a time, from the start each time. */
#include "base/base.h"

#include <ctype.h>
#include <strings.h>

#include "play.h"
#include "strict.h"

struct seen {
	unsigned hosts, lengths, codings, forwarded, vias;
	uint64_t length;
};

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!isalnum((unsigned char)s.p[i]) && (!strchr("!#$%&'*+-.^_`|~", s.p[i]) || !s.p[i]))
			return false;
	return s.n > 0;
}

static bool is(struct str s, const char *name) { return s.n == strlen(name) && strncasecmp(s.p, name, s.n) == 0; }

/* The line at p, without its CRLF. 1; 0: not yet whole; -1: a CR or LF that is no line's end. */
static int line_at(const char *p, size_t n, struct str *line)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\n')
			return -1;
		if (p[i] != '\r')
			continue;
		if (i + 1 == n)
			return 0;
		*line = (struct str){ p, i };
		return p[i + 1] == '\n' ? 1 : -1;
	}
	return 0;
}

static bool start_line(struct strict *r, struct str line)
{
	const char *sp = memchr(line.p, ' ', line.n);

	if (!sp)
		return false;
	r->method = (struct str){ line.p, (size_t)(sp - line.p) };
	r->target = (struct str){ sp + 1, line.n - r->method.n - 1 };
	const char *last = memchr(r->target.p, ' ', r->target.n);
	if (!last)
		return false;
	const struct str version = { last + 1, (size_t)(line.p + line.n - last - 1) };
	r->target.n = (size_t)(last - r->target.p);
	for (size_t i = 0; i < r->target.n; i++)
		if (r->target.p[i] < 0x21 || r->target.p[i] > 0x7e)
			return false;
	return is_token(r->method) && r->target.n && str_is(version, "HTTP/1.1") &&
	       (r->target.p[0] == '/' || str_is(r->target, "*"));
}

static bool number(struct str s, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (!isdigit((unsigned char)s.p[i]))
			return false;
		*value = *value * 10 + (uint64_t)(s.p[i] - '0');
	}
	return s.n > 0 && s.n < 19;
}

static const char *field(struct strict *r, struct seen *seen, struct str name, struct str value)
{
	static const char *const never[] = { "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate", "TE", "Trailer",
					     "HTTP2-Settings" };

	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		if (is(name, never[i]))
			return "a field that is not passed on";
	if (is(name, "Host"))
		seen->hosts++;
	if (is(name, "Via"))
		seen->vias++;
	if (is(name, "Content-Length")) {
		seen->lengths++;
		if (!number(value, &seen->length))
			return "Content-Length is no number";
	}
	if (is(name, "Transfer-Encoding")) {
		seen->codings++;
		if (!is(value, "chunked"))
			return "another transfer coding than chunked";
	}
	if (is(name, "X-Forwarded-For")) {
		seen->forwarded++;
		r->client = client_find(value.p, value.n);
	}
	if (is(name, "Connection") && !is(value, "close") && !is(value, "upgrade"))
		return "Connection is neither close nor upgrade";
	return NULL;
}

static const char *field_line(struct strict *r, struct seen *seen, struct str line)
{
	const char *colon = memchr(line.p, ':', line.n);

	if (!colon || colon + 1 == line.p + line.n || colon[1] != ' ')
		return colon && colon + 1 == line.p + line.n ? NULL : "a field without ': '";
	const struct str name = { line.p, (size_t)(colon - line.p) }, value = { colon + 2, line.n - name.n - 2 };
	if (!is_token(name))
		return "a field's name is no token";
	for (size_t i = 0; i < value.n; i++) {
		const unsigned char c = (unsigned char)value.p[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return "a control byte in a value";
	}
	if (value.n && (strchr(" \t", value.p[0]) || strchr(" \t", value.p[value.n - 1])))
		return "outer blanks of a value";
	return field(r, seen, name, value);
}

/* As our own proxy writes them: no extensions, no trailers. */
static ssize_t chunked(struct strict *r, const char *p, size_t n)
{
	size_t at = 0;

	for (;;) {
		struct str line;
		const int have = line_at(p + at, n - at, &line);
		uint64_t size = 0;
		if (have == 0 && n - at < 32)
			return 0;
		for (size_t i = 0; have > 0 && i < line.n; i++) {
			const int c = tolower((unsigned char)line.p[i]);
			size = size * 16 + (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
		}
		if (have <= 0 || !line.n || line.n > 8 || strspn(line.p, "0123456789abcdefABCDEF") != line.n) {
			r->why = "a chunk's size";
			return -1;
		}
		at += line.n + 2;
		if (n - at < size + 2)
			return 0;
		if (memcmp(p + at + size, "\r\n", 2) != 0) {
			r->why = "a chunk's end";
			return -1;
		}
		at += size + 2;
		if (size == 0)
			return (ssize_t)at;
	}
}

static const char *all_there(const struct strict *r, const struct seen *s)
{
	if (s->hosts != 1)
		return "not one Host";
	if (s->lengths + s->codings > 1)
		return "more than one framing";
	if (s->forwarded != 1 || r->client < 0)
		return "no client in X-Forwarded-For";
	return s->vias ? NULL : "no Via";
}

ssize_t strict_read(struct strict *r, const char *p, size_t n)
{
	struct seen seen = {0};
	struct str line;
	size_t at = 0;
	int have;

	*r = (struct strict){ .client = -1 };
	for (; (have = line_at(p + at, n - at, &line)) > 0 && (line.n || at == 0); at += line.n + 2) {
		r->why = at == 0 ? (start_line(r, line) ? NULL : "the request line") : field_line(r, &seen, line);
		if (r->why)
			return -1;
	}
	if (have < 0)
		r->why = "a bare CR or LF";
	if (have <= 0)
		return have;
	r->why = all_there(r, &seen);
	if (r->why)
		return -1;
	at += 2;
	if (seen.codings) {
		const ssize_t body = chunked(r, p + at, n - at);
		return body > 0 ? (ssize_t)at + body : body;
	}
	return n - at < seen.length ? 0 : (ssize_t)(at + seen.length);
}
