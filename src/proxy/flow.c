/* SPDX-License-Identifier: MIT */
/* Flows: read, frame, write; what is not taken is copied and held. Large runs go by splice (flow_splice.c). */
#include "base/base.h"

#include <errno.h>

#include "proxy/flow_splice.h"
#include "proxy/parts.h"

enum { PIECES = 5 };

void flow_init(struct flow *f, enum http_body in, uint64_t length, bool chunks)
{
	*f = (struct flow){ .in = in, .left = length, .chunks = chunks, .limit = UINT64_MAX };
	f->ended = in == HTTP_BODY_NONE || (in == HTTP_BODY_LENGTH && length == 0);
	if (in == HTTP_BODY_CHUNKED)
		http_chunked_init(&f->chunked);
}

/* ---- to the other side ------------------------------------------------------------------------------------------ */

/* Nothing waits any more. Much room is given back: it may be long until it is needed again. */
static void is_empty(struct worker *w, struct flow *f)
{
	if (f->held.room > READ_BYTES / 4 && f->kept == 0)
		buffer_release(&w->buffers, &f->held);
	f->held.at = f->held.n = f->kept;
}

/* Writes what is held; 0: nothing is left, -EAGAIN, or -errno. */
static int push_held(struct worker *w, struct flow *f, struct conn *to, bool more)
{
	struct buffer *b = &f->held;

	while (buffer_waits(b) > 0) {
		const struct iovec v = { b->p + b->at, buffer_waits(b) };
		const ssize_t n = conn_write(w, to, &v, 1, more);

		if (n < 0)
			return (int)n;
		b->at += (uint32_t)n;
		f->taken += (uint64_t)n;
	}
	if (!f->whole)
		is_empty(w, f);
	return 0;
}

/* Room behind what was sent, which is either held on to or forgotten. */
static bool goes_by_held(struct flow *f, size_t n)
{
	if (buffer_waits(&f->held) > 0)
		return true;
	if (!f->whole)
		return false;
	if (f->hold && f->held.n + n <= READ_BYTES)
		return true;
	f->whole = false;
	f->held.at = f->held.n = f->kept;
	return false;
}

static enum flow_end fail(struct flow *f, enum flow_end end, int error)
{
	f->error = error;
	return end;
}

static int hold(struct worker *w, struct flow *f, const struct iovec *v, int n, size_t skip)
{
	for (int i = 0; i < n; i++) {
		const size_t over = MIN(skip, v[i].iov_len);

		skip -= over;
		if (buffer_add(&w->buffers, &f->held, (const char *)v[i].iov_base + over, v[i].iov_len - over) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* `to` NULL: only held. */
static enum flow_end put(struct worker *w, struct flow *f, struct conn *to, const struct iovec *v, int n, bool more)
{
	size_t whole = 0;
	ssize_t sent = 0;
	int e;

	for (int i = 0; i < n; i++)
		whole += v[i].iov_len;
	if (whole == 0)
		return FLOW_WAITS;
	if (!to || goes_by_held(f, whole)) {
		if (hold(w, f, v, n, 0) < 0)
			return fail(f, FLOW_REFUSED, ENOMEM);
		e = to ? push_held(w, f, to, more) : 0;
		return e < 0 && e != -EAGAIN ? fail(f, FLOW_REFUSED, -e) : FLOW_WAITS;
	}
	sent = conn_write(w, to, v, n, more);
	if (sent < 0 && sent != -EAGAIN)
		return fail(f, FLOW_REFUSED, (int)-sent);
	sent = MAX(sent, (ssize_t)0);
	f->taken += (uint64_t)sent;
	if ((size_t)sent < whole && hold(w, f, v, n, (size_t)sent) < 0)
		return fail(f, FLOW_REFUSED, ENOMEM);
	return FLOW_WAITS;
}

static enum flow_end after(const struct flow *f, enum flow_end end)
{
	if (end != FLOW_WAITS)
		return end;
	return f->ended && buffer_waits(&f->held) == 0 && !f->pipe ? FLOW_DONE : FLOW_WAITS;
}

/* ---- from the source -------------------------------------------------------------------------------------------- */

/* Which of p[0..n) are data, moved together at its beginning: their number. */
static size_t unframe(struct flow *f, char *p, size_t n, size_t *taken)
{
	size_t data = 0;

	*taken = n;
	switch (f->in) {
	case HTTP_BODY_NONE:
		*taken = 0;
		break;
	case HTTP_BODY_LENGTH:
		*taken = MIN((uint64_t)n, f->left);
		f->left -= *taken;
		f->ended = f->left == 0;
		data = *taken;
		break;
	case HTTP_BODY_CHUNKED:
		data = http_chunked_compact(&f->chunked, p, n, taken);
		f->ended = f->chunked.ended;
		f->bad = f->chunked.wrong;
		break;
	case HTTP_BODY_CLOSE:
		data = n;
		break;
	}
	return data;
}

static struct iovec piece(const char *p, size_t n)
{
	return (struct iovec){ (void *)(uintptr_t)p, n };
}

/* Writes `before` and the data in their new frame. */
static enum flow_end put_framed(struct worker *w, struct flow *f, struct conn *to, struct str before, struct str data, bool more)
{
	struct iovec v[PIECES];
	char size[HTTP_CHUNK_HEAD];
	int n = 0;

	if (before.n > 0)
		v[n++] = piece(before.p, before.n);
	if (f->chunks && data.n > 0)
		v[n++] = piece(size, http_chunk_head(data.n, size));
	if (data.n > 0)
		v[n++] = piece(data.p, data.n);
	if (f->chunks && data.n > 0)
		v[n++] = piece("\r\n", 2);
	if (f->chunks && f->ended)
		v[n++] = piece("0\r\n\r\n", 5);
	return after(f, put(w, f, to, v, n, more));
}

static enum flow_end take(struct worker *w, struct flow *f, struct conn *to, struct str before, char *p, size_t n, bool more)
{
	size_t taken;
	const size_t data = unframe(f, p, n, &taken);
	enum flow_end end;

	f->read += taken;
	f->rest = p + taken;
	f->n_rest = n - taken;
	if (f->in == HTTP_BODY_CHUNKED && f->chunked.total > f->limit)
		return FLOW_LARGE;
	end = put_framed(w, f, to, before, (struct str){ p, data }, f->ended ? f->final : more);
	return f->bad && end != FLOW_REFUSED ? FLOW_BAD : end;
}

enum flow_end flow_take(struct worker *w, struct flow *f, struct conn *to, struct str before, char *p, size_t n)
{
	return take(w, f, to, before, p, n, false);
}

enum flow_end flow_add(struct worker *w, struct flow *f, struct conn *to, struct str bytes)
{
	const struct iovec v = piece(bytes.p, bytes.n);

	return after(f, put(w, f, to, &v, 1, false));
}

/* The source gave its end (0), or broke (-errno). */
static enum flow_end source_over(struct worker *w, struct flow *f, struct conn *to, ssize_t how)
{
	if (how < 0 || f->in != HTTP_BODY_CLOSE)
		return fail(f, FLOW_SHORT, (int)-how);
	f->ended = true;
	return put_framed(w, f, to, (struct str){ 0 }, (struct str){ 0 }, false);
}

/* Both of what is held and what is in the pipe. */
static int push(struct worker *w, struct flow *f, struct conn *to)
{
	const int e = push_held(w, f, to, f->pipe != NULL);

	return e < 0 || !f->pipe ? e : flow_push_pipe(w, f, to);
}

/* Where splice takes over after a full read, that read is short: it is copied. */
static size_t read_room(const struct flow *f, const struct conn *from, const struct conn *to)
{
	const bool then_splice = f->in == HTTP_BODY_CLOSE && !f->chunks && !from->stream.tls && !to->stream.tls;

	return then_splice && !f->bulk ? FIRST_READ_BYTES : READ_BYTES;
}

enum flow_end flow_run(struct worker *w, struct flow *f, struct conn *from, struct conn *to)
{
	f->n_rest = 0;
	for (;;) {
		enum flow_end end;
		ssize_t n;
		const int e = push(w, f, to);

		if (e < 0)
			return e == -EAGAIN ? FLOW_WAITS : fail(f, FLOW_REFUSED, -e);
		if (f->ended)
			return FLOW_DONE;
		if (flow_may_splice(f, from, to)) {
			n = flow_splice(w, f, from, to);
			if (n > 0)
				continue;
			if (n == -EAGAIN)
				return FLOW_WAITS;
			if (n != -ENOBUFS) {
				end = source_over(w, f, to, n);
				if (end != FLOW_WAITS)
					return end;
				continue;
			}
		}
		const size_t room = read_room(f, from, to);

		n = conn_read(w, from, w->buf, room);
		if (n == -EAGAIN)
			return FLOW_WAITS;
		f->bulk = n > 0 && (size_t)n == room;
		end = n > 0 ? take(w, f, to, (struct str){ 0 }, w->buf, (size_t)n, f->bulk)
			    : source_over(w, f, to, n);
		if (end != FLOW_WAITS)
			return end;
	}
}

void flow_again(struct flow *f)
{
	f->held.at = f->kept;
	f->taken = 0;
}

void flow_release(struct worker *w, struct flow *f)
{
	buffer_release(&w->buffers, &f->held);
	if (f->pipe)
		pipes_give(&w->pipes, f->pipe);
	f->pipe = NULL;
}
