/* SPDX-License-Identifier: MIT */
/* Host and port, in a Host field or a target in absolute form (H11, H5). */
#include "base/base.h"

#include "base/addr.h"
#include "http/bytes.h"
#include "http/read.h"

/* "[IPv6]" at the beginning of s: *end is behind it, or s.n where it is not complete. */
static bool literal_wrong(struct str s, bool whole, size_t *end)
{
	struct addr a;
	size_t i = 1;

	while (i < s.n && (http_is(s.p[i], HTTP_IS_HEX) || s.p[i] == ':' || s.p[i] == '.'))
		i++;
	if (i >= ADDR_TEXT)
		return true;
	*end = i;
	if (i == s.n)
		return whole;
	*end = i + 1;
	return s.p[i] != ']' || addr_parse((struct str){ s.p + 1, i - 1 }, &a) || a.family != AF_INET6;
}

static bool port_wrong(struct str s)
{
	unsigned port = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (!http_is(s.p[i], HTTP_IS_DIGIT))
			return true;
		port = port * 10 + (unsigned)(s.p[i] - '0');
		if (port > 65535)
			return true;
	}
	return false;
}

bool http_host_wrong(struct str s, bool whole)
{
	size_t i = 0;

	if (s.n > HTTP_HOST_BYTES)
		return true;
	if (s.n == 0)
		return false;
	if (s.p[0] == '[') {
		if (literal_wrong(s, whole, &i))
			return true;
	} else {
		while (i < s.n && http_is(s.p[i], HTTP_IS_HOST))
			i++;
		if (i == 0)
			return true;
	}
	return i < s.n && (s.p[i] != ':' || port_wrong((struct str){ s.p + i + 1, s.n - i - 1 }));
}
