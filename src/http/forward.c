/* SPDX-License-Identifier: MIT */
/* Heads as they are passed on (proxy.md 4.4). Fields go by in their order: runs of lines that stay as they are are copied
 * at once, all others are looked at one by one, and what is ours stands behind them. */
#include "base/base.h"

#include <errno.h>

#include "http/forward.h"
#include "http/list.h"
#include "http/name.h"
#include "http/read.h"
#include "http/write.h"

static void put_number(struct http_writer *w, uint64_t number)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	http_put(w, digits + i, sizeof(digits) - i);
}

static void put_field(struct http_writer *w, struct str name, struct str value)
{
	http_put_str(w, name);
	HTTP_PUT(w, ": ");
	http_put_str(w, value);
	HTTP_PUT(w, "\r\n");
}

/* The fields whose value is another now. */
static void put_adapted(struct http_writer *w, const struct http_head *h, const char *p, const struct http_field *f)
{
	const struct str name = http_text(p, f->name);

	if (f->id == HTTP_HOST) {
		put_field(w, name, http_text(p, h->host));
		return;
	}
	const uint32_t forwards = http_number(http_text(p, f->value));
	http_put_str(w, name);
	HTTP_PUT(w, ": ");
	if (forwards == UINT32_MAX)
		http_put_str(w, http_text(p, f->value));
	else
		put_number(w, forwards - 1);
	HTTP_PUT(w, "\r\n");
}

/* All fields but those named by Connection and those in `drop`; those in `adapt` as they are to be. */
static void put_fields(struct http_writer *w, const struct http_head *h, const char *p, uint32_t drop, uint32_t adapt)
{
	const uint32_t special = drop | adapt;
	uint32_t from = 0;
	uint32_t to = 0;                /* lines that are still to be copied: p[from..to) */

	for (uint32_t i = 0; i < h->n_fields; i++) {
		const struct http_field *f = &h->fields[i];
		if (f->plain && !f->hop && !(special & http_bit(f->id))) {
			if (to != f->name.at) {
				http_put(w, p + from, to - from);
				from = f->name.at;
			}
			to = f->value.at + f->value.n + 2;
			continue;
		}
		http_put(w, p + from, to - from);
		from = to = 0;
		if (f->hop || (drop & http_bit(f->id)))
			continue;
		if (adapt & http_bit(f->id))
			put_adapted(w, h, p, f);
		else
			put_field(w, http_text(p, f->name), http_text(p, f->value));
	}
	http_put(w, p + from, to - from);
}

/* "a, b, " of all fields of this name. */
static void put_list(struct http_writer *w, const struct http_head *h, const char *p, enum http_name id)
{
	for (uint32_t i = 0; i < h->n_fields; i++) {
		const struct http_field *f = &h->fields[i];
		if (f->id != id || f->hop || f->value.n == 0)
			continue;
		http_put_str(w, http_text(p, f->value));
		HTTP_PUT(w, ", ");
	}
}

static bool is_kept(const struct http_head *h, enum http_name id)
{
	for (uint32_t i = 0; i < h->n_fields && (h->seen & http_bit(id)); i++)
		if (h->fields[i].id == id && !h->fields[i].hop)
			return true;
	return false;
}

static void put_upgrade(struct http_writer *w, const struct http_head *h, const char *p)
{
	bool first = true;

	for (uint32_t i = 0; i < h->n_fields; i++) {
		struct str list = http_text(p, h->fields[i].value);
		struct str element;
		while (h->fields[i].id == HTTP_UPGRADE && http_list_next(&list, &element)) {
			if (element.n == 0 || http_folded_eq(element, STR("h2c")))
				continue;
			http_put_str(w, first ? STR("Upgrade: ") : STR(", "));
			http_put_str(w, element);
			first = false;
		}
	}
	if (!first)
		HTTP_PUT(w, "\r\n");
}

static void put_framing(struct http_writer *w, enum http_body body, uint64_t length)
{
	if (body == HTTP_BODY_CHUNKED)
		HTTP_PUT(w, "Transfer-Encoding: chunked\r\n");
	if (body != HTTP_BODY_LENGTH)
		return;
	HTTP_PUT(w, "Content-Length: ");
	put_number(w, length);
	HTTP_PUT(w, "\r\n");
}

static int finish(struct http_writer *w, const char *out)
{
	HTTP_PUT(w, "\r\n");
	return w->full ? -EMSGSIZE : (int)(w->at - out);
}

static bool by_x(const struct http_request_pass *pass)
{
	return pass->forwarded == HTTP_FORWARDED_X || pass->forwarded == HTTP_FORWARDED_BOTH;
}

static bool by_rfc7239(const struct http_request_pass *pass)
{
	return pass->forwarded == HTTP_FORWARDED_RFC7239 || pass->forwarded == HTTP_FORWARDED_BOTH;
}

/* What the client's request had that does not go on: lists that we write ourselves, and all that an untrusted peer says. */
static uint32_t dropped(const struct http_head *h, const struct http_request_pass *pass)
{
	uint32_t drop = HTTP_NEVER_PASSED | HTTP_FRAMING;

	if (h->minor == 0)
		drop |= http_bit(HTTP_EXPECT);
	if (by_x(pass))
		drop |= http_bit(HTTP_X_FORWARDED_FOR);
	if (by_rfc7239(pass))
		drop |= http_bit(HTTP_FORWARDED);
	if (!pass->trusted || pass->forwarded == HTTP_FORWARDED_NONE)
		drop |= http_bit(HTTP_FORWARDED) | http_bit(HTTP_X_FORWARDED_FOR) | http_bit(HTTP_X_FORWARDED_HOST) |
			http_bit(HTTP_X_FORWARDED_PROTO) | http_bit(HTTP_X_REAL_IP);
	return drop;
}

static void put_forwarded(struct http_writer *w, const struct http_head *h, const char *p,
			  const struct http_request_pass *pass)
{
	const struct str host = http_text(p, h->host);
	bool token = true;

	HTTP_PUT(w, "Forwarded: ");
	if (pass->trusted)
		put_list(w, h, p, HTTP_FORWARDED);
	http_put_str(w, pass->client_is_ipv6 ? STR("for=\"[") : STR("for="));
	http_put_str(w, pass->client);
	http_put_str(w, pass->client_is_ipv6 ? STR("]\"") : STR(""));
	for (size_t i = 0; i < host.n; i++)
		token &= http_is(host.p[i], HTTP_IS_TOKEN);
	if (host.n) {
		http_put_str(w, token ? STR(";host=") : STR(";host=\""));
		http_put_str(w, host);
		http_put_str(w, token ? STR("") : STR("\""));
	}
	http_put_str(w, pass->tls ? STR(";proto=https\r\n") : STR(";proto=http\r\n"));
}

static void put_client(struct http_writer *w, const struct http_head *h, const char *p,
		       const struct http_request_pass *pass)
{
	if (by_x(pass)) {
		HTTP_PUT(w, "X-Forwarded-For: ");
		if (pass->trusted)
			put_list(w, h, p, HTTP_X_FORWARDED_FOR);
		http_put_str(w, pass->client);
		HTTP_PUT(w, "\r\n");
		if (!pass->trusted || !is_kept(h, HTTP_X_FORWARDED_PROTO))
			http_put_str(w, pass->tls ? STR("X-Forwarded-Proto: https\r\n") : STR("X-Forwarded-Proto: http\r\n"));
	}
	if (by_rfc7239(pass))
		put_forwarded(w, h, p, pass);
}

static void put_request_line(struct http_writer *w, const struct http_head *h, const char *p)
{
	http_put_str(w, http_text(p, h->method_text));
	HTTP_PUT(w, " ");
	if (h->target_root)
		http_put_str(w, h->method == HTTP_OPTIONS && h->target.n == 0 ? STR("*") : STR("/"));
	http_put_str(w, http_text(p, h->target));
	HTTP_PUT(w, " HTTP/1.1\r\n");
}

int http_request_write(const struct http_head *h, const char *p, const struct http_request_pass *pass, char *out,
		       size_t room)
{
	struct http_writer w = { .at = out, .end = out + room };
	const uint32_t adapt = (h->absolute ? http_bit(HTTP_HOST) : 0) |
			       (h->max_forwards != UINT32_MAX ? http_bit(HTTP_MAX_FORWARDS) : 0);

	put_request_line(&w, h, p);
	if (!(h->seen & http_bit(HTTP_HOST)))
		put_field(&w, STR("Host"), h->absolute ? http_text(p, h->host) : pass->server);
	put_fields(&w, h, p, dropped(h, pass), adapt);
	put_framing(&w, h->body, h->length);
	put_client(&w, h, p, pass);
	http_put_str(&w, h->minor ? STR("Via: 1.1 nlbc\r\n") : STR("Via: 1.0 nlbc\r\n"));
	if (h->upgrade) {
		http_put_str(&w, pass->close ? STR("Connection: close, upgrade\r\n") : STR("Connection: upgrade\r\n"));
		put_upgrade(&w, h, p);
	} else if (pass->close) {
		HTTP_PUT(&w, "Connection: close\r\n");
	}
	return finish(&w, out);
}

/* What we say in a final answer for ourselves. */
static void put_ours(struct http_writer *w, const struct http_head *h, const struct http_answer_pass *pass)
{
	if (pass->date.n && !is_kept(h, HTTP_DATE))
		put_field(w, STR("Date"), pass->date);
	if (pass->cookie.n)
		put_field(w, STR("Set-Cookie"), pass->cookie);
	put_framing(w, pass->body, h->length);
	if (pass->body == HTTP_BODY_NONE && h->has_length && h->status != 204)
		put_framing(w, HTTP_BODY_LENGTH, h->length);
	if (pass->close)
		HTTP_PUT(w, "Connection: close\r\n");
	else if (pass->keep_alive)
		HTTP_PUT(w, "Connection: keep-alive\r\n");
}

int http_answer_write(const struct http_head *h, const char *p, const struct http_answer_pass *pass, char *out,
		      size_t room)
{
	struct http_writer w = { .at = out, .end = out + room };
	const char status[] = { (char)('0' + h->status / 100), (char)('0' + h->status / 10 % 10),
				(char)('0' + h->status % 10), ' ' };

	HTTP_PUT(&w, "HTTP/1.1 ");
	http_put(&w, status, sizeof(status));
	http_put_str(&w, http_text(p, h->reason));
	HTTP_PUT(&w, "\r\n");
	put_fields(&w, h, p, HTTP_NEVER_PASSED | HTTP_FRAMING, 0);
	if (h->status >= 200)
		put_ours(&w, h, pass);
	if (pass->upgrade) {
		HTTP_PUT(&w, "Connection: upgrade\r\n");
		put_upgrade(&w, h, p);
	}
	return finish(&w, out);
}
