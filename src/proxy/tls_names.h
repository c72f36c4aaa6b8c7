/* SPDX-License-Identifier: MIT */
/* Which certificate goes with the name that a client asked for: pure. Names are DNS names of certificates, `*.` in front
 * stands for one label; letters' case means nothing; the certificate named first wins. */
#ifndef NLBC_PROXY_TLS_NAMES_H
#define NLBC_PROXY_TLS_NAMES_H

#include "base/base.h"

enum { TLS_NAME_BYTES = 253 };

struct tls_name {
	char *name;                     /* lower case */
	size_t certificate;
};
struct tls_names {
	struct tls_name *list;
	size_t n, room;
};

void tls_names_add(struct tls_names *t, struct str name, size_t certificate);   /* what no client can ask for is left out */
void tls_names_sort(struct tls_names *t);       /* after the last one was added */
void tls_names_release(struct tls_names *t);
/* The certificate's number; -1: none has this name. */
int tls_names_find(const struct tls_names *t, const char *name);

#endif
