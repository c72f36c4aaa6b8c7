/* SPDX-License-Identifier: MIT */
/* Endpoints to socket addresses and back. */
#include "base/base.h"

#include <errno.h>
#include <netinet/in.h>

#include "proxy/socket.h"

socklen_t socket_address(const struct endpoint *e, struct sockaddr_storage *sa)
{
	memset(sa, 0, sizeof(*sa));
	if (e->addr.family == AF_INET) {
		struct sockaddr_in *in = (struct sockaddr_in *)sa;

		in->sin_family = AF_INET;
		in->sin_port = htons(e->port);
		memcpy(&in->sin_addr, e->addr.b, sizeof(in->sin_addr));
		return sizeof(*in);
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)sa;

	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(e->port);
	memcpy(&in6->sin6_addr, e->addr.b, sizeof(in6->sin6_addr));
	return sizeof(*in6);
}

int socket_endpoint(int fd, struct endpoint *e)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t n = sizeof(sa);

	*e = (struct endpoint){ .port = 0 };
	if (getsockname(fd, (struct sockaddr *)&sa, &n) < 0)
		return -errno;
	if (sa.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&sa;

		e->addr.family = AF_INET;
		memcpy(e->addr.b, &in->sin_addr, sizeof(in->sin_addr));
		e->port = ntohs(in->sin_port);
		return 0;
	}
	if (sa.ss_family != AF_INET6)
		return -EAFNOSUPPORT;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&sa;

	e->addr.family = AF_INET6;
	memcpy(e->addr.b, &in6->sin6_addr, sizeof(in6->sin6_addr));
	e->port = ntohs(in6->sin6_port);
	return 0;
}
