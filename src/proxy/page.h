/* SPDX-License-Identifier: MIT */
/* The shared page of one generation of a proxy's workers (proxy.md section 2): a memfd that the master makes and everyone
 * maps. A part for each worker that only it writes, a part for each server, a ring of samples. No locks: a reader may see
 * a count a moment old, never a torn one. */
#ifndef NLBC_PROXY_PAGE_H
#define NLBC_PROXY_PAGE_H

#include "base/base.h"
#include "core/histogram.h"
#include "proxy/addresses.h"

#include <stdatomic.h>

enum { PAGE_SAMPLES = 4096 };

/* A server, as all workers see it. */
struct page_server {
	_Alignas(64) _Atomic uint32_t state;    /* enum member_state; the master writes */
	_Atomic uint32_t weight;                /* in effect; the master writes */
	_Atomic uint32_t failures;              /* in a row; workers: +1, or 0 with a good exchange */
	_Atomic uint32_t connections;           /* open, pooled ones included, of all workers; kept where max-connections is set */
	_Atomic uint32_t trial;                 /* on probation: 0, or the number + 1 of the worker whose exchange is the trial */
};

/* One worker's counts of one server. */
struct page_share {
	_Atomic uint64_t requests, failures;    /* exchanges finished with it; failed tries */
	_Atomic uint32_t open, pooled;
	_Atomic uint32_t connections;           /* its part of page_server's */
	_Atomic int64_t estimate_us;            /* what the method compares; -1: none */
	struct histogram answer;
};

struct page_worker {
	_Alignas(64) _Atomic uint64_t heartbeat;        /* moves at least every second */
	_Atomic uint32_t pid;
	_Atomic uint32_t connections, queued, idle_servers;     /* now */
	_Atomic uint32_t n_addresses;           /* places of addresses ever used */
	_Atomic uint64_t requests, errors, retries;
	_Atomic uint64_t responses[6];          /* [1] to [5] */
	_Atomic uint64_t bytes_in, bytes_out;   /* from and to clients */
	_Atomic uint64_t log_lost;
	struct histogram total;
};

struct page_sample {
	_Atomic uint64_t seq;                   /* its number; written last, 0 while it is being written */
	uint64_t t_us;                          /* CLOCK_REALTIME of its end */
	uint64_t total_us, answer_us;
	int64_t estimate_us;                    /* -1: none */
	uint32_t server, status;                /* server: index, UINT32_MAX: none */
	char end[20];                           /* a word of proxy.md 4.5 */
};

struct page {
	uint32_t n_workers, n_servers;
	uint32_t address_room;                  /* of a worker; 0: they are not counted */
	uint64_t address_seed;                  /* the master writes it before workers start */
	_Atomic uint32_t version;               /* +1 when the master changed any state or weight: workers look at all of them */
	_Atomic uint64_t samples_seq;           /* the last number given */
	struct page_sample samples[PAGE_SAMPLES];       /* number s stands at s % PAGE_SAMPLES */
};
/* Behind struct page: servers, workers, shares and addresses worker by worker; found by these. */
struct page_server *page_server(struct page *p, size_t server);
struct page_worker *page_worker(struct page *p, size_t worker);
struct page_share *page_share(struct page *p, size_t worker, size_t server);

struct addresses_shown page_addresses(struct page *p, size_t worker);

/* The worker is dead: what it had open is open no more, and its trial is nobody's. Its counts stay. */
void page_bury_worker(struct page *p, size_t worker);

/* A new page, zeroed but for its sizes and estimates of -1: its descriptor, or -errno. */
int page_new(size_t n_workers, size_t n_servers, size_t address_room) MUST_USE;
/* Maps it whole; NULL: errno says why (EINVAL: no page of this program's layout). */
struct page *page_map(int fd);
void page_unmap(struct page *p);

#endif
