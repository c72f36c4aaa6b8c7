/* SPDX-License-Identifier: MIT */
/* "a=1; b=2", in as many Cookie fields as there are. */
#include "base/base.h"

#include "http/bytes.h"
#include "http/cookie.h"
#include "http/read.h"

static struct str find_in(struct str list, struct str name)
{
	while (list.n) {
		const char *semicolon = memchr(list.p, ';', list.n);
		const size_t n = semicolon ? (size_t)(semicolon - list.p) : list.n;
		const struct str pair = http_trim((struct str){ list.p, n });
		if (pair.n > name.n && pair.p[name.n] == '=' && memcmp(pair.p, name.p, name.n) == 0)
			return (struct str){ pair.p + name.n + 1, pair.n - name.n - 1 };
		list = semicolon ? (struct str){ semicolon + 1, list.n - n - 1 } : (struct str){ NULL, 0 };
	}
	return (struct str){ NULL, 0 };
}

struct str http_cookie_find(const struct http_head *h, const char *p, struct str name)
{
	struct str value = { NULL, 0 };

	for (uint32_t i = 0; i < h->n_fields && !value.p && (h->seen & http_bit(HTTP_COOKIE)); i++)
		if (h->fields[i].id == HTTP_COOKIE)
			value = find_in(http_text(p, h->fields[i].value), name);
	return value;
}
