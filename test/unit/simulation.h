/* SPDX-License-Identifier: MIT */
/* An event simulation that drives the real group and health code: clients, servers with queues, no network. The same seed
 * gives the same numbers. */
#ifndef NLBC_TEST_SIMULATION_H
#define NLBC_TEST_SIMULATION_H

#include "base/base.h"
#include "core/group.h"
#include "core/health.h"

enum { SIM_SERVERS = 256 };

/* From, inclusive, to, exclusive; both 0: never. */
struct sim_span {
	double from_s, to_s;
};

struct sim_server {
	double mean_ms;                 /* of exponential service times */
	const double *list_ms;          /* or these in turn, taken at arrival */
	size_t n_list;
	unsigned slots;                 /* served at once, the others first in, first out; 0: without limit */
	struct sim_span slow;           /* service takes slow_times as long */
	double slow_times;
	struct sim_span fail;           /* a part of the requests is answered 503, in fail_ms, or 0: as others are */
	double fail_share, fail_ms;
	struct sim_span hang;           /* what arrives is never answered: after hang_timeout_ms it has failed */
	double hang_timeout_ms;
	struct sim_span down;           /* taken out and put back by an operator */
};

struct sim_conf {
	const char *method;
	bool compat_seed;
	double alpha;                   /* 0: the profile's default for the method */
	double slow_start_s;
	unsigned eject_errors;          /* 0: no ejection */
	double eject_s;
	const struct sim_server *servers;
	size_t n;
	double rate;                    /* arrivals per second, a Poisson stream; 0: `clients` instead */
	unsigned clients;               /* each sends its next request when the last one is answered */
	double warm_s, until_s;         /* what arrives between them is counted */
	double failure_ms;              /* not 0: what a failure is fed as, instead of the rule of the group */
	uint64_t seed;
};

struct sim_result {
	size_t n, errors;               /* requests; of them answered 503 or not at all */
	double mean_ms, p95_ms, p99_ms, p999_ms;
	size_t requests[SIM_SERVERS];
	double share[SIM_SERVERS];      /* per cent */
	double idle_s[SIM_SERVERS];     /* longest time without a request, from warm to until */
	double last_s[SIM_SERVERS];     /* of its last request */
	unsigned ejections;
	double per_second;
};

struct sim_result simulate(const struct sim_conf *c);

#endif
