/* SPDX-License-Identifier: MIT */
/* Splice: from at least 64 KiB known to be left on to the end, or after a full read where the end is the source's. A chunk's
 * data goes but for its last byte, which the reader of chunks takes with what follows. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>

#include "proxy/flow_splice.h"
#include "proxy/parts.h"

enum { SPLICE_LEAST = 64 << 10 };

bool flow_may_splice(const struct flow *f, const struct conn *from, const struct conn *to)
{
	bool enough = false;

	if (f->raw > 0)
		return true;
	switch (f->in) {
	case HTTP_BODY_NONE:
		break;
	case HTTP_BODY_LENGTH:
		enough = (f->left >= SPLICE_LEAST || f->spliced) && !f->chunks;
		break;
	case HTTP_BODY_CHUNKED:
		enough = f->chunked.left > SPLICE_LEAST && f->chunked.total + f->chunked.left <= f->limit;
		break;
	case HTTP_BODY_CLOSE:
		enough = f->bulk && !f->chunks;
		break;
	}
	return enough && !f->whole && stream_splices_in(&from->stream) && stream_splices_out(&to->stream);
}

/* A chunk of our own, as long as what is left of theirs but for a byte. */
static int begin_chunk(struct worker *w, struct flow *f, struct conn *to)
{
	char size[HTTP_CHUNK_HEAD];

	f->raw = f->chunked.left - 1;
	if (!f->chunks)
		return 0;
	return flow_add(w, f, to, (struct str){ size, http_chunk_head(f->raw, size) }) == FLOW_REFUSED ? -f->error : 0;
}

static void count(struct flow *f, size_t n)
{
	f->read += n;
	switch (f->in) {
	case HTTP_BODY_LENGTH:
		f->left -= n;
		f->ended = f->left == 0;
		break;
	case HTTP_BODY_CHUNKED:
		f->raw -= n;
		http_chunked_skip(&f->chunked, n);
		break;
	case HTTP_BODY_NONE:
	case HTTP_BODY_CLOSE:
		break;
	}
}

static uint64_t most(const struct flow *f)
{
	return f->in == HTTP_BODY_LENGTH ? f->left : f->in == HTTP_BODY_CHUNKED ? f->raw : PIPE_BYTES;
}

ssize_t flow_splice(struct worker *w, struct flow *f, struct conn *from, struct conn *to)
{
	ssize_t n;

	if (from->ended)
		return 0;
	if (!from->readable || !conn_has_turn(w, from))
		return -EAGAIN;
	if (!f->pipe && !(f->pipe = pipes_take(&w->pipes)))
		return -ENOBUFS;
	if (f->in == HTTP_BODY_CHUNKED && f->raw == 0) {
		const int e = begin_chunk(w, f, to);

		if (e < 0)
			return e;
	}
	do
		n = splice(from->stream.fd, NULL, f->pipe->in, NULL, (size_t)MIN(most(f), (uint64_t)PIPE_BYTES),
			   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	while (n < 0 && errno == EINTR);
	w->reads++;
	if (n > 0) {
		w->moved += (size_t)n;
		f->pipe->n = (uint32_t)n;
		f->spliced = true;
		f->bulk = n >= SPLICE_LEAST / 4;
		count(f, (size_t)n);
		return n;
	}

	const int e = n < 0 ? errno : 0;

	from->readable = false;
	from->ended = n == 0;
	if (f->raw == 0) {
		pipes_give(&w->pipes, f->pipe);
		f->pipe = NULL;
	}
	return -e;
}

int flow_push_pipe(struct worker *w, struct flow *f, struct conn *to)
{
	while (f->pipe->n > 0) {
		const bool more = (f->in == HTTP_BODY_LENGTH && f->left > 0) || f->raw > 0;
		ssize_t n;

		if (!to->writable)
			return -EAGAIN;
		n = splice(f->pipe->out, NULL, to->stream.fd, NULL, f->pipe->n,
			   SPLICE_F_MOVE | SPLICE_F_NONBLOCK | (more ? SPLICE_F_MORE : 0));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			conn_blocked(w, to);
		if (n <= 0)
			return n < 0 ? -errno : -EPIPE;
		f->pipe->n -= (uint32_t)n;
		f->taken += (uint64_t)n;
	}
	if (f->raw > 0)
		return 0;
	pipes_give(&w->pipes, f->pipe);
	f->pipe = NULL;
	if (f->in == HTTP_BODY_CHUNKED && f->chunks && f->chunked.left == 1)
		return flow_add(w, f, to, STR("\r\n")) == FLOW_REFUSED ? -f->error : 0;
	return 0;
}
