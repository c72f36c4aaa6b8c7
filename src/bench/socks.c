/* SPDX-License-Identifier: MIT */
/* The few messages of SOCKS5. */
#include "base/base.h"

#include <errno.h>

#include "bench/socks.h"

enum { VERSION = 5, NO_AUTHENTICATION = 0, CONNECT = 1, BY_IPV4 = 1, BY_NAME = 3, BY_IPV6 = 4 };

const char socks_hello[3] = { VERSION, 1, NO_AUTHENTICATION };

static int fail(const char **why, const char *what)
{
	*why = what;
	return -EPROTO;
}

int socks_hello_read(const char *p, size_t n, const char **why)
{
	if (n >= 1 && p[0] != VERSION)
		return fail(why, "the SOCKS proxy speaks no version 5");
	if (n < 2)
		return 0;
	return p[1] == NO_AUTHENTICATION ? 2 : fail(why, "the SOCKS proxy wants authentication");
}

size_t socks_request(const struct url *u, char out[SOCKS_REQUEST])
{
	struct addr a;
	size_t n = 0;

	out[n++] = VERSION;
	out[n++] = CONNECT;
	out[n++] = 0;
	if (addr_parse(str_of(u->host), &a) == 0) {
		out[n++] = a.family == AF_INET ? BY_IPV4 : BY_IPV6;
		memcpy(out + n, a.b, addr_size(&a));
		n += addr_size(&a);
	} else {
		const size_t length = strlen(u->host);

		out[n++] = BY_NAME;
		out[n++] = (char)(unsigned char)length;
		memcpy(out + n, u->host, length);
		n += length;
	}
	out[n++] = (char)(u->port >> 8);
	out[n++] = (char)(u->port & 0xff);
	return n;
}

/* The whole reply's length by its kind of address; 0: too short to say. */
static size_t reply_bytes(const char *p, size_t n)
{
	if (n < 5)
		return 0;
	switch (p[3]) {
	case BY_IPV4:
		return 4 + 4 + 2;
	case BY_IPV6:
		return 4 + 16 + 2;
	case BY_NAME:
		return 4 + 1 + (size_t)(unsigned char)p[4] + 2;
	default:
		return 0;
	}
}

int socks_reply_read(const char *p, size_t n, const char **why)
{
	static const char *const reasons[] = {
		NULL, "general failure of the SOCKS proxy", "not allowed by the SOCKS proxy", "network unreachable",
		"host unreachable", "connection refused", "time to live expired", "command not supported by the SOCKS proxy",
		"kind of address not supported by the SOCKS proxy",
	};

	if (n >= 1 && p[0] != VERSION)
		return fail(why, "the SOCKS proxy speaks no version 5");
	if (n >= 2 && p[1] != 0)
		return fail(why, (unsigned char)p[1] < ARRAY_LEN(reasons) ? reasons[(unsigned char)p[1]] : "refused by the SOCKS proxy");
	if (n >= 4 && p[3] != BY_IPV4 && p[3] != BY_IPV6 && p[3] != BY_NAME)
		return fail(why, "the SOCKS proxy's reply is malformed");
	const size_t bytes = reply_bytes(p, n);

	return bytes && n >= bytes ? (int)bytes : 0;
}
