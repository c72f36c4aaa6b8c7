/* SPDX-License-Identifier: MIT */
/* The oracles of proxy.md section 11, "Fuzz", for chunked bodies and PROXY heads. */
#include "base/base.h"

#include "base/proxyhead.h"
#include "base/text.h"
#include "heads.h"
#include "http/body.h"

#define REQUIRE(holds, bytes) require((holds), #holds, __LINE__, (bytes))
static void require(bool holds, const char *what, int line, struct str bytes)
{
	if (holds)
		return;
	fprintf(stderr, "bodies.c:%d: not so: %s\n%.*s\n", line, what, (int)bytes.n, bytes.p);
	abort();
}

/* What came of a body: how many bytes were taken before its end, or before the first wrong one. */
struct outcome {
	struct text data;
	size_t taken;
	bool ended, wrong;
};

/* Pieces of `piece` bytes. Data comes as soon as it is there, so only as many bytes as the pieces without the wrong byte. */
static void read_pieces(struct str s, size_t piece, struct outcome *o)
{
	struct http_chunked c;

	http_chunked_init(&c);
	while (o->taken < s.n && !c.ended && !o->wrong) {
		const size_t n = MIN(piece, s.n - o->taken);
		const char *data;
		size_t n_data;
		const int took = http_chunked_read(&c, s.p + o->taken, n, &data, &n_data);
		if (took < 0) {
			o->wrong = true;
			break;
		}
		REQUIRE(took > 0 && (size_t)took <= n && data >= s.p + o->taken && data + n_data <= s.p + o->taken + took, s);
		text_add(&o->data, data, n_data);
		o->taken += (size_t)took;
		REQUIRE(c.total == o->data.n, s);
	}
	o->ended = c.ended;
}

static void compact(struct str s, size_t piece, struct outcome *o)
{
	struct http_chunked c;
	auto_free char *copy = malloc(s.n + 1);

	if (!copy)
		out_of_memory();
	memcpy(copy, s.p, s.n);
	http_chunked_init(&c);
	while (o->taken < s.n && !c.ended && !o->wrong) {
		const size_t n = MIN(piece, s.n - o->taken);
		size_t taken;
		const size_t kept = http_chunked_compact(&c, copy + o->taken, n, &taken);
		REQUIRE(taken == n || c.ended || c.wrong, s);
		text_add(&o->data, copy + o->taken, kept);
		o->taken += taken;
		o->wrong = c.wrong;
	}
	o->ended = c.ended;
}

static bool same_data(const struct outcome *a, const struct outcome *b)
{
	return a->data.n == b->data.n && (a->data.n == 0 || memcmp(a->data.p, b->data.p, a->data.n) == 0);
}

static void require_written(struct str s, const struct outcome *o)
{
	auto_text struct text body = { 0 };
	struct outcome again = { 0 };
	char head[HTTP_CHUNK_HEAD];

	if (o->data.n) {
		text_add(&body, head, http_chunk_head(o->data.n, head));
		text_add(&body, o->data.p, o->data.n);
		text_puts(&body, "\r\n");
	}
	text_puts(&body, "0\r\n\r\n");
	read_pieces((struct str){ body.p, body.n }, body.n, &again);
	REQUIRE(again.ended && again.taken == body.n && same_data(&again, o), s);
	text_release(&again.data);
}

bool heads_chunked(struct str s)
{
	const size_t pieces[] = { 2, 3, 7, 64, s.n ? s.n : 1 };
	struct outcome o = { 0 };

	read_pieces(s, 1, &o);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct outcome other = { 0 };
		struct outcome moved = { 0 };
		read_pieces(s, pieces[i], &other);
		compact(s, pieces[i], &moved);
		REQUIRE(other.wrong == o.wrong && other.ended == o.ended && same_data(&other, &o), s);
		REQUIRE(moved.wrong == o.wrong && moved.ended == o.ended && same_data(&moved, &o), s);
		REQUIRE(o.wrong || (other.taken == o.taken && moved.taken == o.taken), s);
		text_release(&other.data);
		text_release(&moved.data);
	}
	if (o.ended)
		require_written(s, &o);
	text_release(&o.data);
	return o.ended;
}

bool heads_proxy(struct str s)
{
	struct proxyhead h = { 0 };
	struct proxyhead again = { 0 };
	char out[PROXYHEAD_WRITTEN];
	const int whole = proxyhead_read(s.p, s.n, &again);
	int done = 0;
	size_t n = 0;

	while (n < s.n && done == 0)
		done = proxyhead_read(s.p, ++n, &h);
	REQUIRE(done == whole && (done <= 0 || (size_t)done == n), s);
	if (done <= 0)
		return false;
	REQUIRE(h.known == again.known && h.source.port == again.source.port && addr_eq(&h.source.addr, &again.source.addr), s);
	const size_t written = proxyhead_write(&h, out);
	REQUIRE(proxyhead_read(out, written, &again) == (int)written && h.known == again.known, s);
	REQUIRE(h.source.port == again.source.port && h.destination.port == again.destination.port, s);
	REQUIRE(addr_eq(&h.source.addr, &again.source.addr) && addr_eq(&h.destination.addr, &again.destination.addr), s);
	return true;
}
