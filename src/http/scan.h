/* SPDX-License-Identifier: MIT */
/* Where words of a head may end, found for many bytes at once and noted in bits, so that the reader goes from end to end. */
#ifndef NLBC_HTTP_SCAN_H
#define NLBC_HTTP_SCAN_H

#include "base/base.h"

enum { HTTP_WINDOW = 512, HTTP_WINDOW_WORDS = HTTP_WINDOW / 64 + 1 };

/* Bit i of word i / 64 tells of byte from + i. The bit of `to` is set, so that every search ends. */
struct http_window {
	uint32_t from, to;
	uint64_t ends[HTTP_WINDOW_WORDS];       /* not allowed in a value: control bytes but tab, and 0x7f */
	uint64_t stops[HTTP_WINDOW_WORDS];      /* neither letter nor digit nor '-': a name may end here */
};

/* p[from..to), at most HTTP_WINDOW bytes; nothing outside is read. */
void http_window_fill(struct http_window *w, const char *p, uint32_t from, uint32_t to);

/* The ways there are to do it, best first, for tests; the last has no name. Of n bytes at p, at most HTTP_WINDOW;
 * without the bit of `to`. */
struct http_scan {
	const char *name;
	bool (*runs_here)(void);
	void (*fill)(struct http_window *w, const char *p, uint32_t n);
};
extern const struct http_scan http_scans[];

/* The first such byte at `at` or behind it, up to w->to. */
static inline uint32_t http_window_find(const struct http_window *w, const uint64_t *bits, uint32_t at)
{
	uint32_t i = (at - w->from) / 64;
	uint64_t word = bits[i] & UINT64_MAX << (at - w->from) % 64;

	while (!word)
		word = bits[++i];
	return w->from + i * 64 + (uint32_t)__builtin_ctzll(word);
}
static inline uint32_t http_window_end(const struct http_window *w, uint32_t at) { return http_window_find(w, w->ends, at); }
static inline uint32_t http_window_stop(const struct http_window *w, uint32_t at) { return http_window_find(w, w->stops, at); }

#endif
