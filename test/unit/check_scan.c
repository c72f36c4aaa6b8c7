/* SPDX-License-Identifier: MIT */
/* The bits of a window: every way that runs on this processor gives what a loop over the bytes gives. */
#include "base/base.h"

#include "http/scan.h"
#include "unit.h"

static bool is_end(unsigned char c)
{
	return (c < 0x20 && c != '\t') || c == 0x7f;
}

static bool is_stop(unsigned char c)
{
	return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-');
}

static bool bit(const uint64_t *bits, uint32_t i)
{
	return bits[i / 64] >> i % 64 & 1;
}

/* The bytes stand in a block of their own size, so that the address sanitizer sees one too many. */
static void require_bits(const struct http_scan *scan, const unsigned char *bytes, uint32_t n)
{
	auto_free char *p = malloc(n ? n : 1);
	struct http_window w;

	memcpy(p, bytes, n);
	memset(&w, 0xff, sizeof(w));
	scan->fill(&w, p, n);
	for (uint32_t i = 0; i <= n; i++) {
		ck_assert_msg(bit(w.ends, i) == (i < n && is_end(bytes[i])), "%s: end %u of %u", scan->name, i, n);
		ck_assert_msg(bit(w.stops, i) == (i < n && is_stop(bytes[i])), "%s: stop %u of %u", scan->name, i, n);
	}
}

START_TEST(every_byte_has_the_same_bits_by_every_way)
{
	unsigned char bytes[HTTP_WINDOW];
	unsigned tried = 0;

	for (const struct http_scan *scan = http_scans; scan->name; scan++) {
		if (!scan->runs_here())
			continue;
		tried++;
		for (unsigned shift = 0; shift < 256; shift += 85) {
			for (unsigned i = 0; i < sizeof(bytes); i++)
				bytes[i] = (unsigned char)(i + shift);
			for (uint32_t n = 0; n <= HTTP_WINDOW; n += n < 140 ? 1 : 31)
				require_bits(scan, bytes, n);
		}
		for (unsigned i = 0; i < sizeof(bytes); i++)
			bytes[i] = (unsigned char)((i * 2654435761u) >> 24);
		require_bits(scan, bytes, HTTP_WINDOW);
	}
	ck_assert_uint_ge(tried, 1);
}
END_TEST

START_TEST(a_search_ends_at_the_end_of_the_window)
{
	static const uint32_t sizes[] = { 1, 15, 16, 31, 32, 63, 64, 65, 127, 128, 300, HTTP_WINDOW };
	char bytes[HTTP_WINDOW + 100];
	struct http_window w;

	memset(bytes, 'a', sizeof(bytes));
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		const uint32_t to = 100 + sizes[i];
		http_window_fill(&w, bytes, 100, to);
		for (uint32_t at = 100; at <= to; at++)
			ck_assert(http_window_end(&w, at) == to && http_window_stop(&w, at) == to);
		bytes[to - 1] = '\r';
		http_window_fill(&w, bytes, 100, to);
		ck_assert(http_window_end(&w, 100) == to - 1 && http_window_stop(&w, 100) == to - 1);
		ck_assert(http_window_end(&w, to) == to);
		bytes[to - 1] = 'a';
	}
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, every_byte_has_the_same_bits_by_every_way);
	tcase_add_test(tc, a_search_ends_at_the_end_of_the_window);
}
