/* SPDX-License-Identifier: MIT */
/* Cookies' values: 16 hex digits of the SHA-256 of PROFILE/PROXY/SERVER tell servers apart and tell outsiders nothing. */
#include "base/base.h"

#include "base/text.h"
#include "profile/profile.h"
#include "proxy/sticky.h"

enum { DIGITS = 16 };

struct sticky {
	size_t n, n_name;
	struct text *cookies;           /* of each server: "NAME=VALUE; …" */
};

struct sticky *sticky_new(const char *profile, const struct proxy_conf *c)
{
	if (!c->sticky)
		return NULL;

	struct sticky *s = malloc(sizeof(*s));
	struct text *cookies = calloc(c->n_servers, sizeof(*cookies));
	auto_text struct text names = { 0 };
	char hex[65];

	if (!s || !cookies)
		out_of_memory();
	*s = (struct sticky){ .n = c->n_servers, .n_name = strlen(c->sticky), .cookies = cookies };
	for (size_t i = 0; i < s->n; i++) {
		text_clear(&names);
		text_printf(&names, "%s/%s/%s", profile, c->name, c->servers[i].name);
		sha256_hex(names.p, names.n, hex);
		text_printf(&cookies[i], "%s=%.*s; Path=/; HttpOnly; SameSite=Lax%s", c->sticky, DIGITS, hex,
			    c->n_tls > 0 ? "; Secure" : "");
	}
	return s;
}

void sticky_free(struct sticky *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		text_release(&s->cookies[i]);
	free(s->cookies);
	free(s);
}

int sticky_find(const struct sticky *s, struct str value)
{
	if (value.n != DIGITS)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		if (memcmp(s->cookies[i].p + s->n_name + 1, value.p, DIGITS) == 0)
			return (int)i;
	return -1;
}

struct str sticky_cookie(const struct sticky *s, size_t server)
{
	return (struct str){ s->cookies[server].p, s->cookies[server].n };
}
