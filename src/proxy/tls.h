/* SPDX-License-Identifier: MIT */
/* TLS by OpenSSL 3 (proxy.md 15.1). The master makes contexts before it gives up rights; workers inherit them by fork
 * and open no file. */
#ifndef NLBC_PROXY_TLS_H
#define NLBC_PROXY_TLS_H

#include "base/base.h"
#include "base/diag.h"
#include "proxy/stream.h"

struct proxy_conf;
struct tls_listener;                    /* certificates, tickets' keys, ALPN of one proxy's listeners */
struct tls_server;                      /* how one server is spoken to: store, names, sessions to resume */

/* NULL: d says why, by codes profile (exit 1) and permission (exit 4). `before`: the one it takes the tickets' keys over
 * from at a reload; NULL: none. */
struct tls_listener *tls_listener_new(const struct proxy_conf *c, const struct tls_listener *before, struct diags *d);
void tls_listener_free(struct tls_listener *t);
/* Warnings about certificates that end within 14 days or have ended, at this time: one a day is said by the caller. */
void tls_listener_warn(const struct tls_listener *t, int64_t now_s, struct diags *d);
/* The master makes new keys every 8 hours; workers are given them as bytes. */
enum { TLS_TICKET_KEYS_BYTES = 2 * 80 };
void tls_listener_turn_keys(struct tls_listener *t);
void tls_listener_keys(const struct tls_listener *t, uint8_t out[TLS_TICKET_KEYS_BYTES]);
void tls_listener_set_keys(struct tls_listener *t, const uint8_t in[TLS_TICKET_KEYS_BYTES]);

/* How the servers of a proxy are spoken to: c->n_servers of them, NULL for a plain one. NULL: d says why. */
struct tls_server **tls_servers_new(const struct proxy_conf *c, struct diags *d);
void tls_servers_free(struct tls_server **servers, size_t n);

/* The session of a fresh connection; -ENOMEM. stream_handshake goes on from there. */
int tls_accept(struct tls_listener *t, struct stream *s) MUST_USE;
int tls_connect(struct tls_server *t, struct stream *s) MUST_USE;
/* Why a handshake with a server failed: "certificate", or NULL for any other reason. */
const char *tls_reason(const struct stream *s);

#endif
