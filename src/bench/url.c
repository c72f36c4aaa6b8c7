/* SPDX-License-Identifier: MIT */
/* URLs of clients, and the request for one. */
#include "base/base.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>

#include "base/text.h"
#include "bench/url.h"

static bool is_host(const char *p, size_t n, bool bracketed)
{
	struct addr a;

	if (n == 0 || n > URL_HOST)
		return false;
	if (bracketed)
		return addr_parse((struct str){ p, n }, &a) == 0 && a.family == AF_INET6;
	for (size_t i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] > '~' || strchr("/:?#@[]", p[i]))
			return false;
	return true;
}

static bool is_path(const char *p)
{
	for (; *p; p++)
		if (*p <= ' ' || *p > '~' || *p == '#')
			return false;
	return true;
}

int url_parse(const char *text, struct url *u)
{
	uint64_t port = 80;

	*u = (struct url){ .tcp = strncmp(text, "tcp://", 6) == 0 };
	if (!u->tcp && strncmp(text, "http://", 7) != 0)
		return -EINVAL;
	const char *host = text + (u->tcp ? 6 : 7);
	const char *path = host + strcspn(host, "/");

	u->is_ipv6 = *host == '[';
	const char *end = u->is_ipv6 ? memchr(host, ']', (size_t)(path - host)) : host + strcspn(host, ":/");

	if (!end)
		return -EINVAL;
	const char *rest = end + u->is_ipv6;

	host += u->is_ipv6;
	if (!is_host(host, (size_t)(end - host), u->is_ipv6) || (rest < path && *rest != ':') || (rest == path && u->tcp))
		return -EINVAL;
	if (rest < path && (parse_uint((struct str){ rest + 1, (size_t)(path - rest) - 1 }, &port) || port < 1 || port > 65535))
		return -EINVAL;
	if (!is_path(path) || (u->tcp && *path))
		return -EINVAL;
	memcpy(u->host, host, (size_t)(end - host));
	u->port = (uint16_t)port;
	u->path = *path ? path : "/";
	return 0;
}

int url_resolve(const struct url *u, struct endpoint *e)
{
	static const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;

	*e = (struct endpoint){ .port = u->port };
	if (addr_parse(str_of(u->host), &e->addr) == 0)
		return 0;
	if (getaddrinfo(u->host, NULL, &wanted, &found) != 0)
		return -EADDRNOTAVAIL;
	for (const struct addrinfo *a = found; a && !e->addr.family; a = a->ai_next) {
		e->addr.family = (uint8_t)a->ai_family;
		if (a->ai_family == AF_INET)
			memcpy(e->addr.b, &((const struct sockaddr_in *)(const void *)a->ai_addr)->sin_addr, 4);
		else if (a->ai_family == AF_INET6)
			memcpy(e->addr.b, &((const struct sockaddr_in6 *)(const void *)a->ai_addr)->sin6_addr, 16);
		else
			e->addr.family = 0;
	}
	freeaddrinfo(found);
	return e->addr.family ? 0 : -EADDRNOTAVAIL;
}

void url_request(const struct url *u, bool close, struct text *out)
{
	text_printf(out, "GET %s HTTP/1.1\r\nHost: %s%s%s", u->path, u->is_ipv6 ? "[" : "", u->host, u->is_ipv6 ? "]" : "");
	if (u->port != 80)
		text_printf(out, ":%u", u->port);
	text_printf(out, "\r\nUser-Agent: nlbc-bench\r\n%s\r\n", close ? "Connection: close\r\n" : "");
}
