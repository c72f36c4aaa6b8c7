/* SPDX-License-Identifier: MIT */
/* Reads answers as strictly as the proxy does, and counts what is in them. */
#include "base/base.h"

#include <errno.h>
#include <strings.h>

#include "bench/client_answer.h"

void client_answer_init(struct client_answer *a)
{
	struct text held = a->held;

	text_clear(&held);
	*a = (struct client_answer){ .held = held };
}

void client_answer_release(struct client_answer *a)
{
	text_release(&a->held);
}

static void take_origin(struct client_answer *a, const struct http_head *h, const char *p)
{
	for (uint32_t i = 0; i < h->n_fields; i++) {
		const struct http_field *f = &h->fields[i];

		if (f->id != HTTP_OTHER || f->name.n != 8 || strncasecmp(p + f->name.at, "X-Origin", 8) != 0)
			continue;
		const size_t n = MIN((size_t)f->value.n, (size_t)ANSWER_ORIGIN);

		memcpy(a->origin, p + f->value.at, n);
		a->origin[n] = 0;
	}
}

static void begin_body(struct client_answer *a, const struct http_head *h, const char *p)
{
	if (h->status < 200)
		return;                 /* another head follows */
	a->has_head = true;
	a->status = h->status;
	a->body = http_answer_body(h, HTTP_GET);
	a->left = a->body == HTTP_BODY_LENGTH ? h->length : 0;
	a->close = h->close || h->unclean || (h->minor == 0 && !h->keep_alive) || a->body == HTTP_BODY_CLOSE;
	if (a->body == HTTP_BODY_CHUNKED)
		http_chunked_init(&a->chunks);
	a->ended = a->body == HTTP_BODY_NONE || (a->body == HTTP_BODY_LENGTH && a->left == 0);
	take_origin(a, h, p);
}

/* A head that comes whole is read where it lies. */
static ssize_t take_head(struct client_answer *a, struct http_head *h, const char *p, size_t n)
{
	static const struct http_limits limits = { .head_bytes = ANSWER_HEAD_LIMIT };
	const size_t held = a->held.n;

	if (held) {
		text_add(&a->held, p, n);
		p = text_get(&a->held);
	}
	http_head_init(h);
	const int bytes = http_answer_read(h, p, held + n, &limits);

	if (bytes < 0)
		return -EBADMSG;
	if (bytes == 0) {
		if (!held)
			text_add(&a->held, p, n);
		return (ssize_t)n;
	}
	begin_body(a, h, p);
	text_clear(&a->held);
	return bytes - (ssize_t)held;
}

static ssize_t take_body(struct client_answer *a, const char *p, size_t n)
{
	size_t taken = n;
	size_t n_data = n;

	if (a->body == HTTP_BODY_LENGTH) {
		taken = n_data = MIN((uint64_t)n, a->left);
		a->left -= n_data;
		a->ended = a->left == 0;
	} else if (a->body == HTTP_BODY_CHUNKED) {
		const char *data;
		const int step = http_chunked_read(&a->chunks, p, n, &data, &n_data);

		if (step < 0)
			return -EBADMSG;
		taken = (size_t)step;
		a->ended = a->chunks.ended;
	}
	a->bytes += n_data;
	return (ssize_t)taken;
}

ssize_t client_answer_take(struct client_answer *a, struct http_head *scratch, const char *p, size_t n)
{
	size_t taken = 0;

	while (taken < n && !a->ended) {
		const ssize_t step = a->has_head ? take_body(a, p + taken, n - taken) : take_head(a, scratch, p + taken, n - taken);

		if (step < 0)
			return step;
		taken += (size_t)step;
	}
	return (ssize_t)taken;
}

int client_answer_end(struct client_answer *a)
{
	if (a->has_head && a->body == HTTP_BODY_CLOSE)
		a->ended = true;
	return a->ended ? 0 : -ECONNRESET;
}
