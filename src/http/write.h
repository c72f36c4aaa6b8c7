/* SPDX-License-Identifier: MIT */
/* Bytes put behind each other into a room that is never left; what does not fit is told at the end. */
#ifndef NLBC_HTTP_WRITE_H
#define NLBC_HTTP_WRITE_H

#include "base/base.h"

struct http_writer {
	char *at, *end;
	bool full;
};

static inline void http_put(struct http_writer *w, const char *p, size_t n)
{
	if ((size_t)(w->end - w->at) < n) {
		w->full = true;
		return;
	}
	memcpy(w->at, p, n);
	w->at += n;
}
#define HTTP_PUT(w, literal) http_put((w), (literal), sizeof(literal) - 1)
static inline void http_put_str(struct http_writer *w, struct str s) { http_put(w, s.p, s.n); }

#endif
