/* SPDX-License-Identifier: MIT */
/* What happens to a proxy, as the line `event` (proxy.md section 3). */
#ifndef NLBC_PROXY_EVENT_H
#define NLBC_PROXY_EVENT_H

#include "base/base.h"
#include "base/text.h"

struct line;

struct event {
	const char *kind;               /* server, worker, listener, reload, queue-full, files-short, log-lost */
	const char *proxy, *name, *from, *to, *reason;  /* NULL: none */
	const char *count_key;          /* one number more; NULL: none */
	uint64_t count;
};

/* A whole line with its line feed; now_s: seconds since 1970. */
void event_print(struct text *out, const struct event *e, int64_t now_s);
/* What a worker says, with time and proxy put in; its other words follow as they are. */
void event_pass_on(struct text *out, const struct line *said, const char *proxy, int64_t now_s);

#endif
