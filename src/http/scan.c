/* SPDX-License-Identifier: MIT */
/* The bits of a window, by plain C. */
#include "base/base.h"

#include "http/bytes.h"
#include "http/scan.h"

static bool is_stop(char c)
{
	const char folded = http_folded(c);

	return !((folded >= 'a' && folded <= 'z') || http_is(c, HTTP_IS_DIGIT) || c == '-');
}

void http_window_fill(struct http_window *w, const char *p, uint32_t from, uint32_t to)
{
	w->from = from;
	w->to = to;
	for (uint32_t i = 0; i < (to - from + 63) / 64; i++) {
		const char *block = p + from + i * 64;
		const uint32_t n = MIN(64u, to - from - i * 64);
		uint64_t ends = 0;
		uint64_t stops = 0;
		for (uint32_t b = 0; b < n; b++) {
			ends |= (uint64_t)!http_is(block[b], HTTP_IS_VALUE) << b;
			stops |= (uint64_t)is_stop(block[b]) << b;
		}
		w->ends[i] = ends;
		w->stops[i] = stops;
	}
}
