/* SPDX-License-Identifier: MIT */
/* Bytes as text: SHA-256 in hex digits, and base64 both ways (RFC 4648, padded, nothing else accepted). */
#include "base/base.h"

/* The plain functions: SHA256() and EVP first load OpenSSL's configuration and providers, 1.8 ms of the 8 that a whole
 * apply takes, and this digest is no secret. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <errno.h>
#include <openssl/sha.h>

#include "base/text.h"

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void sha256_hex(const void *p, size_t n, char hex[65])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	SHA256_CTX context;

	(void)SHA256_Init(&context);
	(void)SHA256_Update(&context, p, n);
	(void)SHA256_Final(digest, &context);
	for (size_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void base64_encode(const void *p, size_t n, struct text *out)
{
	const unsigned char *b = p;

	for (size_t i = 0; i < n; i += 3) {
		const uint32_t group = (uint32_t)b[i] << 16 | (i + 1 < n ? (uint32_t)b[i + 1] << 8 : 0) |
				       (i + 2 < n ? (uint32_t)b[i + 2] : 0);
		const char quad[4] = {
			base64_digits[group >> 18], base64_digits[group >> 12 & 63],
			i + 1 < n ? base64_digits[group >> 6 & 63] : '=', i + 2 < n ? base64_digits[group & 63] : '=',
		};
		text_add(out, quad, sizeof(quad));
	}
}

/* Four digits to three bytes, fewer where the last ones are '='. Number of bytes, or -EINVAL. */
static int decode_quad(const char *quad, unsigned char bytes[3])
{
	const int padding = quad[3] != '=' ? 0 : quad[2] != '=' ? 1 : 2;
	uint32_t group = 0;

	for (int i = 0; i < 4 - padding; i++) {
		const char *digit = quad[i] ? strchr(base64_digits, quad[i]) : NULL;
		if (!digit)
			return -EINVAL;
		group |= (uint32_t)(digit - base64_digits) << (18 - 6 * i);
	}
	/* Bits that no byte takes must be 0: one text for one value. */
	if (padding > 0 && group & (padding == 1 ? 0xffu : 0xffffu))
		return -EINVAL;
	bytes[0] = (unsigned char)(group >> 16);
	bytes[1] = (unsigned char)(group >> 8);
	bytes[2] = (unsigned char)group;
	return 3 - padding;
}

int base64_decode(struct str s, void **out, size_t *n)
{
	if (s.n % 4 != 0)
		return -EINVAL;
	auto_free unsigned char *bytes = malloc(s.n / 4 * 3 + 1);
	if (!bytes)
		out_of_memory();
	size_t total = 0;
	for (size_t i = 0; i < s.n; i += 4) {
		const int got = decode_quad(s.p + i, bytes + total);
		if (got < 0 || (got < 3 && i + 4 < s.n))
			return -EINVAL;
		total += (size_t)got;
	}
	*out = bytes;
	*n = total;
	bytes = NULL;
	return 0;
}
