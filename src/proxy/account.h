/* SPDX-License-Identifier: MIT */
/* Every exchange is accounted once, here (proxy.md section 8): counters and histograms of the shared page, samples for the
 * dashboard, a line in the log. */
#ifndef NLBC_PROXY_ACCOUNT_H
#define NLBC_PROXY_ACCOUNT_H

#include "base/addr.h"
#include "base/base.h"

struct page;
struct proxy_conf;

/* How an exchange ended: a word each, in the log and in samples. */
enum exchange_end {
	END_OK, END_BAD_REQUEST, END_BAD_HEAD, END_BAD_TLS, END_CLIENT_TIMEOUT, END_TOO_LARGE, END_CONNECT_FAILED,
	END_SERVER_CLOSED, END_SERVER_INVALID, END_NO_SERVER, END_QUEUE_FULL, END_QUEUE_TIMEOUT, END_CONNECT_TIMEOUT,
	END_RESPONSE_TIMEOUT, END_CLIENT_GONE, END_SERVER_CUT, END_IDLE, END_DRAIN, END_RESET,
};
const char *exchange_end_name(enum exchange_end e);

/* Moments are monotonic microseconds, 0: not reached. t1 head complete, t2 pick, t3 connection usable, t4 first byte of
 * the final head, t5 last byte of the answer received, t6 last byte handed over, or the end. */
struct exchange {
	struct endpoint client;
	struct str method, target;              /* as received; empty in tcp */
	unsigned status;                        /* as sent to the client; 0: none */
	unsigned server_status;                 /* as the server said; 0: none */
	int server;                             /* the last one tried; -1: none */
	uint32_t attempts;
	bool reused;
	uint64_t t1, t2, t3, t4, t5, t6;
	uint64_t request_bytes, response_bytes;
	uint32_t open;                          /* of the server at the pick */
	int64_t estimate_us;                    /* of the server at the pick; -1: none */
	enum exchange_end end;
};

struct account;

/* Log: opened for appending, -1: none; all memory is malloc's and lives as long as the process. c and page are kept. */
struct account *account_new(const struct proxy_conf *c, unsigned worker, struct page *page, int log);
void account_done(struct account *a, const struct exchange *e);
/* A try of this server failed. */
void account_failure(struct account *a, size_t server);
/* The client's request had to be tried again. */
void account_retry(struct account *a);
/* Bytes from and to clients, as they are moved. */
void account_bytes(struct account *a, uint64_t in, uint64_t out);
/* At least once a second: writes what waits for the log, moves the heartbeat, and sets what samples are drawn by. */
void account_tick(struct account *a, uint64_t now_us);
/* The log goes on in this descriptor (-1: none); the old one is written to its end and closed. */
void account_reopen(struct account *a, int log);
void account_flush(struct account *a);          /* at the end */

/* The line of names that an empty log begins with, CRLF included. */
const char *account_log_header(const struct proxy_conf *c);

#endif
