/* SPDX-License-Identifier: MIT */
/* The bits of a window, by plain C and by what x86-64 has; the processor is asked each time, which takes a nanosecond.
 * The last bytes of a window are read together with some before them, so that nothing behind the window is read. */
#include "base/base.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "http/bytes.h"
#include "http/scan.h"

#define AVX2 __attribute__((target("avx2")))

enum { BLOCK = 64 };

struct bits {
	uint64_t ends, stops;
};

static bool is_stop(char c)
{
	const char folded = http_folded(c);

	return !((folded >= 'a' && folded <= 'z') || http_is(c, HTTP_IS_DIGIT) || c == '-');
}

static struct bits scan_plain(const char *p, uint32_t n)
{
	struct bits bits = { 0, 0 };

	for (uint32_t b = 0; b < n; b++) {
		bits.ends |= (uint64_t)!http_is(p[b], HTTP_IS_VALUE) << b;
		bits.stops |= (uint64_t)is_stop(p[b]) << b;
	}
	return bits;
}

static void fill_plain(struct http_window *w, const char *p, uint32_t n)
{
	for (uint32_t at = 0; at <= n; at += BLOCK) {
		const struct bits bits = scan_plain(p + at, MIN(n - at, (uint32_t)BLOCK));
		w->ends[at / BLOCK] = bits.ends;
		w->stops[at / BLOCK] = bits.stops;
	}
}

static bool always(void)
{
	return true;
}

#if defined(__x86_64__)

/* Letters, digits and '-' make no stop. An unsigned a <= b is min(a, b) == a. */
static inline struct bits scan_16(const char *p)
{
	const __m128i c = _mm_loadu_si128((const __m128i *)(const void *)p);
	const __m128i control = _mm_andnot_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('\t')),
						 _mm_cmpeq_epi8(_mm_min_epu8(c, _mm_set1_epi8(0x1f)), c));
	const __m128i end = _mm_or_si128(control, _mm_cmpeq_epi8(c, _mm_set1_epi8(0x7f)));
	const __m128i letter = _mm_sub_epi8(_mm_or_si128(c, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
	const __m128i digit = _mm_sub_epi8(c, _mm_set1_epi8('0'));
	const __m128i in_name = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter),
							  _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit)),
					     _mm_cmpeq_epi8(c, _mm_set1_epi8('-')));

	return (struct bits){ (uint32_t)_mm_movemask_epi8(end), (uint32_t)_mm_movemask_epi8(in_name) ^ 0xffff };
}

AVX2 static inline struct bits scan_32(const char *p)
{
	const __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)p);
	const __m256i control = _mm256_andnot_si256(_mm256_cmpeq_epi8(c, _mm256_set1_epi8('\t')),
						    _mm256_cmpeq_epi8(_mm256_min_epu8(c, _mm256_set1_epi8(0x1f)), c));
	const __m256i end = _mm256_or_si256(control, _mm256_cmpeq_epi8(c, _mm256_set1_epi8(0x7f)));
	const __m256i letter = _mm256_sub_epi8(_mm256_or_si256(c, _mm256_set1_epi8(0x20)), _mm256_set1_epi8('a'));
	const __m256i digit = _mm256_sub_epi8(c, _mm256_set1_epi8('0'));
	const __m256i in_name =
		_mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(_mm256_min_epu8(letter, _mm256_set1_epi8(25)), letter),
						_mm256_cmpeq_epi8(_mm256_min_epu8(digit, _mm256_set1_epi8(9)), digit)),
				_mm256_cmpeq_epi8(c, _mm256_set1_epi8('-')));

	return (struct bits){ (uint32_t)_mm256_movemask_epi8(end), ~(uint32_t)_mm256_movemask_epi8(in_name) };
}

static inline void put(struct http_window *w, uint32_t at, struct bits bits)
{
	w->ends[at / BLOCK] |= bits.ends << at % BLOCK;
	w->stops[at / BLOCK] |= bits.stops << at % BLOCK;
}

static void fill_sse2(struct http_window *w, const char *p, uint32_t n)
{
	uint32_t at = 0;

	if (n < 16) {
		fill_plain(w, p, n);
		return;
	}
	for (; at + BLOCK <= n; at += BLOCK) {
		const struct bits a = scan_16(p + at);
		const struct bits b = scan_16(p + at + 16);
		const struct bits c = scan_16(p + at + 32);
		const struct bits d = scan_16(p + at + 48);
		w->ends[at / BLOCK] = a.ends | b.ends << 16 | c.ends << 32 | d.ends << 48;
		w->stops[at / BLOCK] = a.stops | b.stops << 16 | c.stops << 32 | d.stops << 48;
	}
	w->ends[at / BLOCK] = w->stops[at / BLOCK] = 0;
	for (; at + 16 <= n; at += 16)
		put(w, at, scan_16(p + at));
	const struct bits last = scan_16(p + n - 16);
	if (at < n)
		put(w, at, (struct bits){ last.ends >> (16 - (n - at)), last.stops >> (16 - (n - at)) });
}

AVX2 static void fill_avx2(struct http_window *w, const char *p, uint32_t n)
{
	uint32_t at = 0;

	if (n < 32) {
		fill_sse2(w, p, n);
		return;
	}
	for (; at + BLOCK <= n; at += BLOCK) {
		const struct bits a = scan_32(p + at);
		const struct bits b = scan_32(p + at + 32);
		w->ends[at / BLOCK] = a.ends | b.ends << 32;
		w->stops[at / BLOCK] = a.stops | b.stops << 32;
	}
	w->ends[at / BLOCK] = w->stops[at / BLOCK] = 0;
	if (at + 32 <= n) {
		put(w, at, scan_32(p + at));
		at += 32;
	}
	const struct bits last = scan_32(p + n - 32);
	if (at < n)
		put(w, at, (struct bits){ last.ends >> (32 - (n - at)), last.stops >> (32 - (n - at)) });
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

#endif

const struct http_scan http_scans[] = {
#if defined(__x86_64__)
	{ "avx2", has_avx2, fill_avx2 },
	{ "sse2", always, fill_sse2 },
#endif
	{ "plain", always, fill_plain },
	{ NULL, NULL, NULL },
};

void http_window_fill(struct http_window *w, const char *p, uint32_t from, uint32_t to)
{
	w->from = from;
	w->to = to;
#if defined(__x86_64__)
	if (has_avx2())
		fill_avx2(w, p + from, to - from);
	else
		fill_sse2(w, p + from, to - from);
#else
	fill_plain(w, p + from, to - from);
#endif
	w->ends[(to - from) / BLOCK] |= UINT64_C(1) << (to - from) % BLOCK;
	w->stops[(to - from) / BLOCK] |= UINT64_C(1) << (to - from) % BLOCK;
}
