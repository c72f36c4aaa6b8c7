/* SPDX-License-Identifier: MIT */
/* What the listeners of a proxy say in TLS: a context for each certificate, chosen by the name the client asks for. */
#include "base/base.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <time.h>

#include "profile/profile.h"
#include "proxy/tls.h"
#include "proxy/tls_certificate.h"
#include "proxy/tls_names.h"
#include "proxy/tls_tickets.h"
#include "proxy/tls_wire.h"

struct tls_listener {
	const struct proxy_conf *conf;
	struct tls_names names;
	struct tls_tickets tickets;
	struct tls_wire wire;
	size_t n;
	struct {
		SSL_CTX *ctx;
		int64_t end_s;
	} certificates[];
};

enum { WARN_DAYS = 14, DAY_S = 86400 };

static int choose_certificate(SSL *ssl, int *alert, void *arg)
{
	const struct tls_listener *t = arg;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	const int i = name ? tls_names_find(&t->names, name) : -1;

	(void)alert;
	if (i < 0)
		return SSL_TLSEXT_ERR_NOACK;
	if (i > 0)
		(void)SSL_set_SSL_CTX(ssl, t->certificates[i].ctx);
	return SSL_TLSEXT_ERR_OK;
}

/* http/1.1 is taken; who offers protocols without it would not understand us. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *n_out, const unsigned char *in,
			   unsigned n_in, void *arg)
{
	static const char wanted[] = "http/1.1";

	(void)ssl, (void)arg;
	for (unsigned at = 0; at < n_in; at += 1u + in[at]) {
		const struct str offer = { (const char *)in + at + 1, in[at] };
		if (!str_is(offer, wanted))
			continue;
		*out = (const unsigned char *)offer.p;
		*n_out = (unsigned char)offer.n;
		return SSL_TLSEXT_ERR_OK;
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int ticket_key(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seal)
{
	const struct tls_listener *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (seal)
		return tls_tickets_seal(&t->tickets, name, iv, cipher, mac);
	return tls_tickets_open(&t->tickets, SSL_version(ssl) == TLS1_3_VERSION, name, iv, cipher, mac);
}

static SSL_CTX *new_context(struct tls_listener *t)
{
	static const unsigned char id[] = "nlbc";
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (tls_wire_setup(&t->wire, ctx) != 0 || SSL_CTX_set_session_id_context(ctx, id, sizeof(id)) != 1)
		out_of_memory();
	/* Our order, cheapest first; but who puts ChaCha20 first lacks what makes AES cheap. */
	(void)SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_timeout(ctx, TLS_TICKET_HOURS * 3600);
	/* A client of HTTP/1.1 has as many tickets as connections. */
	(void)SSL_CTX_set_num_tickets(ctx, 1);
	(void)SSL_CTX_set_app_data(ctx, t);
	(void)SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, ticket_key);
	if (!t->conf->tcp)
		SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
	if (t->n > 1) {
		(void)SSL_CTX_set_tlsext_servername_callback(ctx, choose_certificate);
		(void)SSL_CTX_set_tlsext_servername_arg(ctx, t);
	}
	return ctx;
}

struct tls_listener *tls_listener_new(const struct proxy_conf *c, const struct tls_listener *before, struct diags *d)
{
	struct tls_listener *t = calloc(1, sizeof(*t) + c->n_tls * sizeof(t->certificates[0]));
	const size_t errors = d->n_errors;

	if (!t)
		out_of_memory();
	t->conf = c;
	t->n = c->n_tls;
	tls_wire_init(&t->wire);
	tls_tickets_init(&t->tickets);
	if (before)
		memcpy(t->tickets.keys, before->tickets.keys, sizeof(t->tickets.keys));
	for (size_t i = 0; i < t->n; i++) {
		t->certificates[i].ctx = new_context(t);
		tls_certificate_use(&c->tls[i], t->certificates[i].ctx, &t->names, i, &t->certificates[i].end_s, d);
	}
	tls_names_sort(&t->names);
	if (d->n_errors == errors)
		return t;
	tls_listener_free(t);
	return NULL;
}

void tls_listener_free(struct tls_listener *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++)
		SSL_CTX_free(t->certificates[i].ctx);
	tls_names_release(&t->names);
	tls_tickets_release(&t->tickets);
	tls_wire_release(&t->wire);
	free(t);
}

void tls_listener_warn(const struct tls_listener *t, int64_t now_s, struct diags *d)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct tls_conf *c = &t->conf->tls[i];
		const time_t end = (time_t)t->certificates[i].end_s;
		char day[32];
		struct tm tm;
		if (end - now_s >= WARN_DAYS * DAY_S || !gmtime_r(&end, &tm))
			continue;
		(void)strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%SZ", &tm);
		(void)diag_warning(d, &c->certificate_place, "machine", "certificate '%s' %s on %s", c->certificate,
				   end <= now_s ? "ended" : "ends", day);
	}
}

void tls_listener_turn_keys(struct tls_listener *t)
{
	tls_tickets_turn(&t->tickets);
}

void tls_listener_keys(const struct tls_listener *t, uint8_t out[TLS_TICKET_KEYS_BYTES])
{
	memcpy(out, t->tickets.keys, TLS_TICKET_KEYS_BYTES);
}

void tls_listener_set_keys(struct tls_listener *t, const uint8_t in[TLS_TICKET_KEYS_BYTES])
{
	memcpy(t->tickets.keys, in, TLS_TICKET_KEYS_BYTES);
}

int tls_accept(struct tls_listener *t, struct stream *s)
{
	return tls_wire_open(&t->wire, t->certificates[0].ctx, s, true);
}
