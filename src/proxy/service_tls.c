/* SPDX-License-Identifier: MIT */
/* What the master does for TLS while it runs: tickets' keys, and certificates that end. */
#include "base/base.h"

#include <time.h>

#include "base/arena.h"
#include "base/diag.h"
#include "proxy/event.h"
#include "proxy/master.h"
#include "proxy/service.h"
#include "proxy/tls.h"

enum { KEYS_SECONDS = 8 * 3600, DAY_SECONDS = 24 * 3600 };

static void send_keys(struct service *s)
{
	uint8_t keys[TLS_TICKET_KEYS_BYTES];
	auto_text struct text line = { 0 };

	tls_listener_keys(s->tls, keys);
	text_puts(&line, "keys bytes=");
	for (size_t i = 0; i < sizeof(keys); i++)
		text_printf(&line, "%02x", keys[i]);
	service_send(s, text_get(&line));
	explicit_bzero(keys, sizeof(keys));
}

static void tell_certificates(struct service *s)
{
	struct arena *a = arena_new();
	struct diags d;

	diags_init(&d, a);
	tls_listener_warn(s->tls, (int64_t)time(NULL), &d);
	for (size_t i = 0; i < d.n; i++)
		master_tell(s->master, &(struct event){ .kind = "listener", .proxy = s->conf->name, .to = "warned",
							.reason = d.list[i]->text });
	arena_free(a);
}

void service_tend_tls(struct service *s)
{
	const uint64_t seconds = s->master->seconds;

	if (s->tls && seconds % KEYS_SECONDS == 0) {
		tls_listener_turn_keys(s->tls);
		send_keys(s);
	}
	if (s->tls && seconds % DAY_SECONDS == 0)
		tell_certificates(s);
}

void service_keys(const struct service *s, struct text *out)
{
	uint8_t keys[TLS_TICKET_KEYS_BYTES];

	if (!s->tls)
		return;
	tls_listener_keys(s->tls, keys);
	base64_encode(keys, sizeof(keys), out);
	explicit_bzero(keys, sizeof(keys));
}

void service_set_keys(struct service *s, struct str coded)
{
	auto_free void *keys = NULL;
	size_t n = 0;

	if (s->tls && base64_decode(coded, &keys, &n) == 0 && n == TLS_TICKET_KEYS_BYTES)
		tls_listener_set_keys(s->tls, keys);
}
