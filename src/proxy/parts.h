/* SPDX-License-Identifier: MIT */
/* What a worker consists of, and its stages. A client is there as long as its connection; a relay, which owns all buffers,
 * only while an exchange runs; a connection to a server belongs to one relay, or to its server's pool. */
#ifndef NLBC_PROXY_PARTS_H
#define NLBC_PROXY_PARTS_H

#include "base/addr.h"
#include "base/base.h"
#include "base/loop.h"
#include "core/group.h"
#include "http/forward.h"
#include "http/head.h"
#include "profile/profile.h"
#include "proxy/account.h"
#include "proxy/addresses.h"
#include "proxy/budget.h"
#include "proxy/buffer.h"
#include "proxy/conn.h"
#include "proxy/flow.h"
#include "proxy/page.h"
#include "proxy/pipes.h"
#include "proxy/pool.h"
#include "proxy/queue.h"
#include "proxy/sticky.h"
#include "proxy/worker.h"

#include <netinet/in.h>

enum {
	NEAR_BYTES = 1024,              /* of a request's head that need no memory of their own */
	ANSWERS_1XX = 16,
	LINGER_BYTES = 64 << 10, LINGER_US = 1000000,
	WATCH_US = 250000,              /* an exchange that takes longer is watched for its client going */
	PROGRESS_BYTES = 1024,
	UNTAKEN_LOW = 48 << 20, UNTAKEN_HIGH = 64 << 20,
	SHORT_US = 100000,              /* no accepting for so long where descriptors are short */
	AGAIN_US = 20000,               /* who waits for a place that other workers may free looks again */
	SECOND_US = 1000000,
};

/* ---- clients --------------------------------------------------------------------------------------------------- */
enum client_state {
	CLIENT_PROXYHEAD,               /* a PROXY head is awaited or amid */
	CLIENT_GREET,                   /* TLS is agreed on */
	CLIENT_HEAD,                    /* a request's head is awaited or amid */
	CLIENT_QUEUE,                   /* the exchange waits for a server's place */
	CLIENT_SEND,                    /* to the server: connecting, sending; its answer is awaited */
	CLIENT_ANSWER,                  /* the answer's body goes to the client */
	CLIENT_OWN,                     /* an answer made here goes to the client */
	CLIENT_TUNNEL,                  /* bytes both ways: tcp, and after 101 */
	CLIENT_LINGER,                  /* all is said: what still comes is thrown away */
	CLIENT_CLOSED,
};

/* Bytes of a head that came in pieces, or of what follows the message that runs. */
struct input {
	struct http_head head;
	struct buffer bytes;
	bool fresh;                     /* bytes that have not been looked at */
	struct input *next;             /* unused ones */
};

struct client {
	struct conn conn;
	struct loop_timer timer;
	uint64_t until_us;              /* when the patience of this state ends */
	struct worker *w;
	struct client *next, **back;    /* all clients; unused ones */
	struct relay *relay;            /* NULL: no exchange runs */
	struct input *input;            /* NULL: no byte waits */
	struct endpoint peer, local;    /* who it is, and whom it asked; local: as a PROXY head said */
	uint32_t address;               /* its place among the different ones */
	uint32_t thrown;                /* CLIENT_LINGER: bytes thrown away */
	enum client_state state;
	bool begun;                     /* a byte of its PROXY head has come */
	bool greeted;                   /* TLS was agreed on */
	bool kept;                      /* an exchange was had before */
};

/* ---- servers ---------------------------------------------------------------------------------------------------- */
struct server {
	const struct server_conf *conf;
	struct page_server *page;
	struct page_share *share;
	struct tls_server *tls;         /* NULL: plain */
	struct pool pool;
	enum member_state state;        /* as the page said last */
	bool large;                     /* its last answer had a large body */
	bool far;                       /* not reached at once by connect: its first bytes wait for an event */
	char text[ENDPOINT_TEXT];       /* its address and port */
	struct sockaddr_storage addr;
	socklen_t addr_size;
};

struct server_conn {
	struct conn conn;
	struct loop_timer timer;        /* in the pool */
	struct worker *w;
	struct server *server;
	struct client *client;          /* whose exchange it serves; NULL: none */
	struct pool_place place;        /* in the pool */
	struct server_conn *next;       /* unused ones */
	uint64_t turn;                  /* of the loop, when it was taken from the pool */
	bool connecting;                /* nothing was sent yet */
	bool introduced;                /* a PROXY head went */
	bool greeted;                   /* all went that comes before the first byte */
	bool quiet;                     /* nothing is acknowledged but with bytes of ours (no TCP_QUICKACK) */
	bool pushed;                    /* small pieces leave at once (TCP_NODELAY) */
};

/* ---- exchanges -------------------------------------------------------------------------------------------------- */
struct relay {
	struct client *client;
	struct server_conn *to;         /* NULL: none */
	struct server *server;          /* the one picked; NULL: none */
	struct queue_place place;       /* in the queue */
	struct input *answer;           /* an answer's head in pieces */
	uint8_t *tried;                 /* a byte for each server; NULL: none was tried */
	struct exchange e;
	struct flow up, down;
	uint64_t counted;               /* bytes taken when patience last began */
	uint32_t head_bytes;            /* of the request's head, as it came */
	enum http_method method;
	uint16_t n_method, n_line;      /* of the request's line, at the beginning of up.held */
	uint8_t n_1xx;
	bool minor_0;                   /* the client speaks 1.0 */
	int bound;                      /* the server that a sticky client belongs to; -1: none */
	bool keep;                      /* the client's connection may go on */
	bool told_close;                /* what was sent said that it does not */
	bool upgrade;                   /* asked for */
	bool hostless;                  /* the client gave no Host: the server's address stands there */
	bool picked;                    /* group_begin was said and group_done was not */
	bool sampled;                   /* group_sample was said */
	bool claimed;                   /* a connection of the server's max-connections, not made yet */
	bool trial;                     /* the one exchange of a server on probation */
	bool renewed;                   /* a pooled connection was dead, once */
	bool sent;                      /* the whole request */
	bool reusable;                  /* the server's connection, once the answer is read */
	struct relay *next;             /* unused ones */
	char near[NEAR_BYTES];
};

/* ---- the worker -------------------------------------------------------------------------------------------------- */
struct listener {
	struct loop_fd event;
	struct worker *w;
};

struct worker {
	struct loop loop;
	const struct worker_setup *setup;
	const struct proxy_conf *conf;
	struct page *page;
	struct page_worker *mine;
	struct account *account;
	struct group *group;
	struct server *servers;
	size_t n_servers;
	uint32_t version;               /* of the page, when it was looked at */
	bool has_probing, has_limits;   /* servers on probation; with max-connections */
	struct sticky *sticky;          /* NULL: clients are not */
	struct addresses *addresses;    /* NULL: clients come without PROXY heads */
	struct budget budget;
	struct queue queue;
	struct pipes pipes;
	struct buffers buffers;
	struct http_limits limits;
	/* clients */
	struct listener *listeners;
	struct client *clients, *dead_clients, *unused_clients;
	struct server_conn *dead_servers, *unused_servers;
	struct relay *unused_relays;
	struct input *unused_inputs;
	uint32_t n_clients, n_idle_servers;
	bool accepting, draining, stopping;     /* stopping: and no more requests are awaited */
	uint64_t short_told_us, queue_told_us, refused_told_us;     /* when an event was said last */
	unsigned cut;
	struct loop_fd master;
	struct loop_timer second, accept_again, drained, queue_again, resume;
	struct loop_task bury, serve;
	/* of this turn */
	unsigned reads;
	size_t moved;
	/* scratch */
	int64_t date_s;
	char date[HTTP_DATE_TEXT];
	struct http_head head;
	char *out;                      /* heads as they are written: limit head + 2048 */
	size_t out_room;
	char buf[READ_BYTES];
};

/* What a stage says: go on with the state as it is now, or an event has to come. */
enum step { STEP_ON, STEP_WAIT };

/* greet.c: what comes before a client's first request, and before the first to a server. */
bool client_is_trusted(const struct client *c);
enum step client_begin(struct client *c);                      /* it came: on to its first state */
enum step client_open(struct client *c);                       /* the same, once what had to come before is done */
enum step proxyhead_step(struct client *c);
enum step greet_step(struct client *c);
void greet_timeout(struct client *c);
int greet_server(struct relay *r) MUST_USE;                    /* 0: r->to takes the first byte; -EAGAIN, -errno */

/* client.c: life of a client's connection, the step function, its list. */
struct client *client_new(struct worker *w, int fd, const struct endpoint *peer);
void client_step(struct client *c);
void client_close(struct client *c, bool reset);               /* no exchange runs any more */
void client_wait(struct client *c, uint64_t us);               /* patience of this state, from now on */
/* The exchange is over and answered: on to the next, or the end. */
enum step client_next(struct client *c, bool keep);
struct input *input_new(struct worker *w);                     /* NULL: no memory */
void input_drop(struct worker *w, struct input **input);       /* to NULL; NULL is fine */
/* Bytes p[0..n), which may lie in c->input, are what comes next. 0, -ENOMEM. */
int client_keep_rest(struct client *c, const char *p, size_t n) MUST_USE;

/* accept.c */
struct endpoint endpoint_of(const struct sockaddr_storage *a);
void accept_start(struct worker *w);
void accept_check(struct worker *w);                            /* after whatever lets or forbids accepting changed */
void accept_stop(struct worker *w);                            /* for good */
/* Descriptors, memory or ports are short: gives back what is idle; e: the errno. True: something was given back. */
bool worker_is_short(struct worker *w, int e);

/* request.c */
enum step request_step(struct client *c);

/* pick.c */
void pick_look(struct worker *w);                              /* the page changed */
enum step pick_step(struct client *c);                         /* chooses a server, or waits, or answers */
/* After a failed try: picks again; `other`: but for those that were tried. False: there is none. */
bool pick_another(struct client *c, bool other);
void pick_connected(struct relay *r);                          /* tcp, 101: that is all a good server can show */
void pick_sample(struct relay *r);                             /* the final head's first byte came, and more will */
/* The try of the picked server is over: tells everyone who counts. The outcome's time is that of the loop. */
void pick_done(struct relay *r, enum group_end end);
void queue_start(struct worker *w);
void queue_changed(struct worker *w);                          /* its length */
void queue_serve_later(struct worker *w);                      /* a place may be free */

/* server.c: connections to servers. */
void servers_start(struct worker *w);
/* max-connections, over all workers: one more, if there may be one more; one less. */
bool server_is_full(const struct server *s);
bool server_claim(struct server *s);
void server_unclaim(struct server *s);
/* One from the pool (fresh: none of those) or a new one, for r. 0, -errno; -EBUSY: it has as many as it may. */
int server_engage(struct relay *r, bool fresh) MUST_USE;
/* The relay needs it no more; `again`: another may use it. */
void server_let_go(struct relay *r, bool again);
void server_reset(struct relay *r);
bool servers_drop_oldest(struct worker *w);                    /* an idle one; false: there is none */
void servers_make_room(struct worker *w);                      /* other workers may wait for places that are idle here */
void server_push(struct server_conn *s);                       /* small pieces leave at once from now on */
/* A part of an answer has come: the server may wait for our ACK before it sends the rest (Nagle), so it gets it now. */
void server_acknowledge(struct server_conn *s);

/* send.c: to the server, until its answer begins. */
enum step send_begin(struct client *c, bool fresh);            /* to the server picked */
enum step send_step(struct client *c);
/* This try failed, before any byte of an answer: another one, or an answer made here. */
enum step send_failed(struct client *c, enum exchange_end why);

/* answer.c */
enum step answer_read(struct client *c);                       /* the head */
enum step answer_step(struct client *c);                       /* the body */

/* own.c: answers made here. */
enum step own_answer(struct client *c, unsigned status, enum exchange_end end);
enum step own_step(struct client *c);
enum step linger_begin(struct client *c);                      /* no exchange runs any more */
enum step linger_step(struct client *c);

/* tunnel.c */
enum step tunnel_start(struct client *c);                      /* tcp: a client came */
enum step tunnel_step(struct client *c);
enum step tunnel_upgrade(struct client *c, char *p, size_t n); /* after 101; bytes of the server that came with it */

/* relay.c */
struct relay *relay_new(struct client *c);                     /* NULL: no memory */
/* Accounts the exchange and frees it. */
void relay_end(struct client *c, enum exchange_end end);
/* The exchange ends before it should, and both connections with it. */
void relay_abort(struct client *c, enum exchange_end end, bool reset);
/* After bytes were moved: accounts them; patience begins again where `least` of them were taken. */
void relay_progress(struct client *c, uint64_t least);

/* timeouts.c */
void client_on_timer(struct loop *l, struct loop_timer *t);

/* orders.c: the master. */
int orders_start(struct worker *w) MUST_USE;
void orders_tell(struct worker *w, const char *fmt, ...) PRINTF(2, 3);
void orders_tell_seldom(struct worker *w, uint64_t *last_us, const char *kind);        /* an event, at most one a second */
void worker_drain(struct worker *w, bool stop);
void worker_check_drained(struct worker *w);

static inline uint64_t worker_now(struct worker *w) { return w->loop.now_us = clock_us(); }
struct str worker_date(struct worker *w);

#endif
