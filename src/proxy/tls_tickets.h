/* SPDX-License-Identifier: MIT */
/* Session tickets: the server keeps no session, the client brings it, sealed by keys that all workers have. Two are valid:
 * the first seals and opens, the second only opens. */
#ifndef NLBC_PROXY_TLS_TICKETS_H
#define NLBC_PROXY_TLS_TICKETS_H

#include "base/base.h"
#include "proxy/tls.h"

#include <openssl/ssl.h>

enum { TLS_TICKET_HOURS = 8 };

struct tls_ticket_key {
	uint8_t name[16], seal[32], sign[32];
};

struct tls_tickets {
	struct tls_ticket_key keys[2];
	EVP_CIPHER *cipher;             /* fetched once: OpenSSL looks for them in tables of text */
};
_Static_assert(sizeof(((struct tls_tickets *)0)->keys) == TLS_TICKET_KEYS_BYTES, "workers are given the keys as bytes");

void tls_tickets_init(struct tls_tickets *t);   /* with new keys */
void tls_tickets_release(struct tls_tickets *t);
void tls_tickets_turn(struct tls_tickets *t);   /* a new first key, the first becomes the second */
/* As OpenSSL's callback for tickets' keys wants them done. Once: the client will not use this ticket again (TLS 1.3). */
int tls_tickets_seal(const struct tls_tickets *t, uint8_t *name, uint8_t *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac);
int tls_tickets_open(const struct tls_tickets *t, bool once, const uint8_t *name, const uint8_t *iv,
		     EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac);

#endif
