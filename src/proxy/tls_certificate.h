/* SPDX-License-Identifier: MIT */
/* A certificate with its chain and key, read from PEM files into a context, with every fault told at its place. */
#ifndef NLBC_PROXY_TLS_CERTIFICATE_H
#define NLBC_PROXY_TLS_CERTIFICATE_H

#include "base/base.h"
#include "base/diag.h"

#include <openssl/ssl.h>

struct tls_conf;
struct tls_names;

/* The context takes certificate, chain and key; names get its DNS names with this number; *end_s is its end, in seconds
 * of CLOCK_REALTIME. What is wrong stands in d. */
void tls_certificate_use(const struct tls_conf *c, SSL_CTX *ctx, struct tls_names *names, size_t number, int64_t *end_s,
			 struct diags *d);

#endif
