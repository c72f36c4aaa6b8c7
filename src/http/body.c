/* SPDX-License-Identifier: MIT */
/* Chunked bodies, byte by byte but for the data. */
#include "base/base.h"

#include <errno.h>
#include <limits.h>

#include "http/body.h"
#include "http/bytes.h"
#include "http/head.h"

enum { SIZE_DIGITS = 16 };

enum state {
	SIZE,                           /* digits of a chunk's size */
	SIZE_BLANKS,                    /* between them and ';' */
	EXTENSION,
	SIZE_LF,
	DATA,
	DATA_CR, DATA_LF,
	TRAILER,                        /* at the first byte of a line behind the last chunk */
	TRAILER_NAME, TRAILER_VALUE, TRAILER_LF,
	LAST_LF,
};

void http_chunked_init(struct http_chunked *c)
{
	*c = (struct http_chunked){ .state = SIZE };
}

static int never(void)
{
	return -EBADMSG;
}

static unsigned hex(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(http_folded(c) - 'a') + 10;
}

static int extension_byte(struct http_chunked *c, unsigned most)
{
	return ++c->piece > most || ++c->extensions > HTTP_EXTENSIONS_BYTES ? never() : 0;
}

static int size_byte(struct http_chunked *c, char b)
{
	if (c->state == SIZE && http_is(b, HTTP_IS_HEX)) {
		if (c->digits == SIZE_DIGITS || c->size >> 59)
			return never();
		c->size = c->size << 4 | hex(b);
		c->digits++;
		return 0;
	}
	if (c->digits == 0)
		return never();
	if (c->state == SIZE && b == '\r') {
		c->state = SIZE_LF;
		return 0;
	}
	if (c->state == SIZE) {
		c->state = SIZE_BLANKS;
		c->piece = 0;
	}
	if (b == ';') {
		c->state = EXTENSION;
		c->piece = 0;
		return ++c->extensions > HTTP_EXTENSIONS_BYTES ? never() : 0;
	}
	return http_is_blank(b) ? extension_byte(c, HTTP_EXTENSION_BYTES) : never();
}

static int size_end(struct http_chunked *c, char b)
{
	if (b != '\n')
		return never();
	c->left = c->size;
	c->size = c->digits = 0;
	c->state = c->left ? DATA : TRAILER;
	return 0;
}

static int trailer_byte(struct http_chunked *c, char b)
{
	switch ((enum state)c->state) {
	case TRAILER:
		if (b == '\r') {
			c->state = LAST_LF;
			return 0;
		}
		if (++c->trailers > HTTP_TRAILERS)
			return never();
		c->state = TRAILER_NAME;
		c->piece = 0;
		break;
	case TRAILER_LF:
		c->state = TRAILER;
		return b == '\n' ? 0 : never();
	default:
		break;
	}
	if (++c->trailer_bytes > HTTP_TRAILER_BYTES)
		return never();
	if (c->state == TRAILER_NAME) {
		if (b == ':' && c->piece) {
			c->state = TRAILER_VALUE;
			return 0;
		}
		return http_is(b, HTTP_IS_TOKEN) && ++c->piece <= HTTP_NAME_BYTES ? 0 : never();
	}
	if (b == '\r')
		c->state = TRAILER_LF;
	return b == '\r' || http_is(b, HTTP_IS_VALUE) ? 0 : never();
}

static int step(struct http_chunked *c, char b)
{
	switch ((enum state)c->state) {
	case SIZE:
	case SIZE_BLANKS:
		return size_byte(c, b);
	case EXTENSION:
		if (b == '\r')
			c->state = SIZE_LF;
		else if (b == '\n' || b == '\0')
			return never();
		else
			return extension_byte(c, HTTP_EXTENSION_BYTES);
		return 0;
	case SIZE_LF:
		return size_end(c, b);
	case DATA_CR:
		c->state = DATA_LF;
		return b == '\r' ? 0 : never();
	case DATA_LF:
		c->state = SIZE;
		return b == '\n' ? 0 : never();
	case LAST_LF:
		c->ended = b == '\n';
		return c->ended ? 0 : never();
	case TRAILER:
	case TRAILER_NAME:
	case TRAILER_VALUE:
	case TRAILER_LF:
		return trailer_byte(c, b);
	case DATA:
		break;
	}
	BUG("state %u at a byte that is no data", c->state);
}

void http_chunked_skip(struct http_chunked *c, uint64_t n)
{
	if (c->state != DATA || n > c->left)
		BUG("%llu bytes of a chunk that has %llu left", (unsigned long long)n, (unsigned long long)c->left);
	c->left -= n;
	c->total += n;
	if (c->left == 0)
		c->state = DATA_CR;
}

int http_chunked_read(struct http_chunked *c, const char *p, size_t n, const char **data, size_t *n_data)
{
	size_t i = 0;

	*n_data = 0;
	*data = p;
	n = MIN(n, (size_t)INT_MAX);
	while (i < n && !c->ended && c->state != DATA) {
		const int err = step(c, p[i++]);
		if (err) {
			c->wrong = true;
			return err;
		}
	}
	if (c->state != DATA)
		return (int)i;
	*data = p + i;
	*n_data = (size_t)MIN((uint64_t)(n - i), c->left);
	http_chunked_skip(c, *n_data);
	return (int)(i + *n_data);
}

size_t http_chunked_compact(struct http_chunked *c, char *p, size_t n, size_t *taken)
{
	size_t at = 0;
	size_t kept = 0;

	while (at < n && !c->ended) {
		const char *data;
		size_t n_data;
		const int took = http_chunked_read(c, p + at, n - at, &data, &n_data);
		if (took < 0)
			break;
		memmove(p + kept, data, n_data);
		kept += n_data;
		at += (size_t)took;
	}
	*taken = at;
	return kept;
}

size_t http_chunk_head(uint64_t size, char out[HTTP_CHUNK_HEAD])
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 1;

	while (n < SIZE_DIGITS && size >> (4 * n))
		n++;
	for (size_t i = 0; i < n; i++)
		out[i] = digits[size >> (4 * (n - 1 - i)) & 15];
	out[n] = '\r';
	out[n + 1] = '\n';
	return n + 2;
}
