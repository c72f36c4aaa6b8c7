/* SPDX-License-Identifier: MIT */
/* Single words as base reads them: what reads is written and read again to the same, and what is shown is UTF-8. */
#include "base/base.h"

#include "base/addr.h"
#include "base/text.h"
#include "fuzz.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void fuzz_addresses(struct str word)
{
	struct prefix p = { 0 };
	struct prefix again = { 0 };
	struct endpoint e = { 0 };
	struct endpoint same = { 0 };
	char buf[ENDPOINT_TEXT];

	if (prefix_parse(word, &p, NULL) == 0)
		require(prefix_parse(str_of(prefix_print(&p, buf)), &again, NULL) == 0 && prefix_eq(&p, &again));
	if (endpoint_parse(word, &e) == 0)
		require(endpoint_parse(str_of(endpoint_print(&e, buf)), &same) == 0 && e.port == same.port &&
			addr_eq(&e.addr, &same.addr));
}

static void fuzz_numbers(struct str word)
{
	uint64_t value = 0;
	uint64_t again = 0;
	char buf[32];

	if (parse_uint(word, &value) == 0) {
		(void)snprintf(buf, sizeof(buf), "%llu", (unsigned long long)value);
		require(parse_uint(str_of(buf), &again) == 0 && value == again);
	}
	if (parse_millionths(word, &value) == 0) {
		(void)snprintf(buf, sizeof(buf), "%llu.%06llu", (unsigned long long)value / 1000000,
			       (unsigned long long)value % 1000000);
		require(parse_millionths(str_of(buf), &again) == 0 && value == again);
	}
}

static void fuzz_base64(struct str word)
{
	auto_free void *bytes = NULL;
	auto_text struct text coded = { 0 };
	size_t n = 0;

	if (base64_decode(word, &bytes, &n))
		return;
	base64_encode(bytes, n, &coded);
	require(str_eq(word, (struct str){ text_get(&coded), coded.n }));
}

static void fuzz_printable(struct str word)
{
	auto_text struct text shown = { 0 };

	text_add_printable(&shown, word);
	for (size_t i = 0; i < shown.n;) {
		const size_t n = utf8_char((struct str){ shown.p + i, shown.n - i }, NULL);
		require(n > 0 && ((unsigned char)shown.p[i] >= 0x20 || shown.p[i] == '\t'));
		i += n;
	}
}

static void fuzz_distance(struct str word)
{
	const struct str a = { word.p, word.n / 2 };
	const struct str b = { word.p + a.n, word.n - a.n };
	const unsigned distance = edit_distance(a, b, 9);

	require(distance <= 10 && distance == edit_distance(b, a, 9));
	require(a.n > 64 || edit_distance(a, a, 9) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const struct str word = { n ? (const char *)bytes : "", n };

	fuzz_addresses(word);
	fuzz_numbers(word);
	fuzz_base64(word);
	fuzz_printable(word);
	fuzz_distance(word);
	return 0;
}
