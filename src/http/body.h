/* SPDX-License-Identifier: MIT */
/* Chunked bodies (proxy.md 4.2): pure, linear in the bytes, any split gives the same result. */
#ifndef NLBC_HTTP_BODY_H
#define NLBC_HTTP_BODY_H

#include "base/base.h"

enum { HTTP_TRAILERS = 64, HTTP_TRAILER_BYTES = 8192, HTTP_EXTENSION_BYTES = 256, HTTP_EXTENSIONS_BYTES = 16384 };
enum { HTTP_CHUNK_HEAD = 20 };          /* room for a chunk's size in hex and CRLF */

struct http_chunked {
	uint64_t left;                  /* bytes of this chunk still to come; > 0 only inside a chunk's data */
	uint64_t total;                 /* bytes of data so far */
	uint64_t size;                  /* of the chunk whose head is being read */
	uint32_t extensions, trailers, trailer_bytes;   /* counted against the limits */
	uint16_t piece;                 /* of the extension or field name being read */
	uint8_t state, digits;
	bool ended, wrong;
};

void http_chunked_init(struct http_chunked *c);
/* Takes bytes up to the end of one run of data or of the body: returns how many were taken (> 0 if n > 0), or < 0 if they
 * can never be right (B1 to B3; c->wrong). *data, *n_data is the run among them, n_data 0 for none. After the end nothing is taken. */
int http_chunked_read(struct http_chunked *c, const char *p, size_t n, const char **data, size_t *n_data) MUST_USE;
/* n of c->left bytes of data went by without being read here (splice). */
void http_chunked_skip(struct http_chunked *c, uint64_t n);
/* Moves all the data within p[0..n) together at its beginning: returns the bytes of data, and in *taken how many of n were
 * read: all, unless the body ended before them or, as c->wrong tells, can never be right. */
size_t http_chunked_compact(struct http_chunked *c, char *p, size_t n, size_t *taken);
/* `size` in hex and CRLF; returns its length. */
size_t http_chunk_head(uint64_t size, char out[HTTP_CHUNK_HEAD]);

#endif
