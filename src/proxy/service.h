/* SPDX-License-Identifier: MIT */
/* One proxy of one edition, as the master keeps it: its page, its workers, the states of its servers. */
#ifndef NLBC_PROXY_SERVICE_H
#define NLBC_PROXY_SERVICE_H

#include "base/base.h"
#include "base/loop.h"
#include "base/text.h"
#include "core/health.h"
#include "profile/profile.h"
#include "proxy/child.h"
#include "proxy/tally.h"

#include <sys/resource.h>

struct check;
struct edition;
struct line;
struct master;
struct page;
struct tls_listener;
struct tls_server;

struct service_server {
	bool weighed;                   /* its weight is set by hand */
	uint32_t weight;                /* that */
	enum member_state told_state;   /* as last published */
	enum member_reason told_reason;
	struct tally *tally;
};

struct service {
	struct master *master;
	struct edition *edition;
	const struct proxy_conf *conf;
	uint32_t max_connections;       /* of all workers, as many as descriptors allow */
	int page_fd, log;               /* log -1: none */
	struct page *page;
	struct tls_listener *tls;       /* NULL: plain */
	struct tls_server **tls_servers;
	struct health health;
	struct loop_timer health_timer;
	struct service_server *servers;
	struct check *checks;           /* NULL: none */
	struct tally *tally;
	struct child *children;
	size_t n_children;
};

/* `before`: the same proxy until now, NULL: none. NULL: the edition's diags say why. */
struct service *service_new(struct master *m, struct edition *g, const struct proxy_conf *c, const struct service *before);
void service_release(struct service *s);
/* What is known and set by hand of the servers of the same name and address. */
void service_take_over(struct service *s, const struct service *before);
void service_take_member(struct service *s, size_t server, const struct health_member *m, bool weighed, uint32_t weight);
int service_start(struct service *s) MUST_USE;          /* its workers: 0, -errno */
void service_watch(struct service *s, bool *moving);    /* each second; *moving becomes false where a heartbeat stands still */
void service_send(struct service *s, const char *line); /* to all workers */

void service_leave(struct service *s);                  /* its workers end by our wish: no check, no new start */

/* The part of worker `number`. */
uint32_t service_share(const struct service *s, unsigned number);
size_t service_listeners(const struct service *s, unsigned number, int *fds, size_t room);

/* States and weights into the page, with an event for each that changed; workers look. */
void service_publish(struct service *s);
int service_find(const struct service *s, struct str name);             /* -1: no such server */
uint32_t service_weight(const struct service *s, size_t server);        /* in effect */
void service_set_hand(struct service *s, size_t server, enum health_hand hand);
void service_set_weight(struct service *s, size_t server, bool by_hand, uint32_t weight);

/* Each second: tickets' keys are made every eight hours, certificates that end are told of once a day. */
void service_tend_tls(struct service *s);
/* Tickets' keys in base64, "" for a service without TLS; and back. */
void service_keys(const struct service *s, struct text *out);
void service_set_keys(struct service *s, struct str coded);
/* The log file again under its name, to all workers. 0, -errno: they go on with the one they have. */
int service_reopen_log(struct service *s) MUST_USE;
/* Opened for appending; -errno. */
int service_open_log(const struct proxy_conf *c) MUST_USE;

/* Called by children. */
void service_heard(struct service *s, struct child *c, const struct line *said);
/* True: it is to be started again. */
bool service_child_gone(struct service *s, struct child *c, enum child_state was, int status, const struct rusage *used);
void service_tell_worker(struct service *s, const struct child *c, const char *from, const char *to, const char *reason);

#endif
