/* SPDX-License-Identifier: MIT */
/* What a proxy or one of its servers has done since the program began, over all pages that there were: those that are gone
 * are kept as a sum, those that are there are added anew every second. Eleven of these sums give the last 10 s. Held by
 * each edition of the proxy that still adds to it. */
#ifndef NLBC_PROXY_TALLY_H
#define NLBC_PROXY_TALLY_H

#include "base/base.h"
#include "core/histogram.h"

struct page_share;
struct page_worker;

struct count {
	uint64_t requests, errors, retries;     /* errors of a server: failed tries */
	uint64_t responses[6];
	uint64_t bytes_in, bytes_out, log_lost;
	uint64_t cpu_us;
	uint64_t connections, queued, idle_servers, clients;    /* of a proxy, now */
	uint64_t open, pooled;                  /* of a server, now */
	struct histogram times;                 /* total of a proxy, answer of a server */
};

void count_add_worker(struct count *to, const struct page_worker *w);
void count_add_share(struct count *to, const struct page_share *s);

enum { TALLY_SUMS = 11 };

struct tally {
	unsigned users;
	struct count gone;                      /* of pages and processes that are no more */
	struct count now;                       /* that, and what stands in the pages that are there */
	struct {
		uint64_t at_us, requests;
		struct histogram times;
	} sums[TALLY_SUMS];
	unsigned n_sums, last;                  /* sums taken, at most TALLY_SUMS; which is the newest */
	uint64_t told_lost;                     /* lines of the log, by the last event */
};

struct tally *tally_new(uint64_t now_us);       /* with one user */
struct tally *tally_hold(struct tally *t);
void tally_drop(struct tally *t);               /* the last one frees it */

/* Each second: begin, all pages added to t->now, turn. */
void tally_begin(struct tally *t);
void tally_turn(struct tally *t, uint64_t now_us);

/* The last 10 s begin now. */
void tally_restart(struct tally *t, uint64_t now_us);

struct recent {                                 /* the last 10 s, or as much as there is */
	uint64_t rate;                          /* requests a second */
	int64_t mean_us, p50_us, p95_us, p99_us;        /* -1: none */
};
struct recent tally_recent(const struct tally *t);

#endif
