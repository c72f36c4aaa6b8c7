/* SPDX-License-Identifier: MIT */
/* Tor's bandwidth weights, computed as dir-spec says ("Computing bandwidth weights"), in exact integers. Pure. */
#ifndef NLBC_WEIGHTS_BANDWIDTH_H
#define NLBC_WEIGHTS_BANDWIDTH_H

#include "base/base.h"
#include "weights/consensus.h"

/* Sums of consensus weights over the classes; T over all. */
struct bandwidth_sums {
	int64_t g, m, e, d, t;
};
/* From consensus method 26 on G, M, E, D begin at 1 and T at 4, before at 0; a relay without w line counts nowhere;
 * GuardFraction as Tor counts it. */
void bandwidth_add(const struct relay *relays, size_t n, unsigned method, struct bandwidth_sums *out);

/* In parts of `scale`. Index by enum published_weight through bandwidth_line. */
struct bandwidth_weights {
	const char *which;       /* the case: "1", "2a-E", … "3b-E"; NULL: not computed */
	int64_t wgg, wgd, wmg, wme, wmd, wee, wed;
};
/* Scale and sums as a consensus has them: at most 2^31 and 2^62. 0; -EDOM: a sum is not above 0, or the check fails;
 * -EOVERFLOW. *reason (static text, NULL where 0) says which. */
int bandwidth_compute(const struct bandwidth_sums *s, int64_t scale, struct bandwidth_weights *out, const char **reason) MUST_USE;
/* All 19, in the order of their names. */
void bandwidth_line(const struct bandwidth_weights *w, int64_t scale, int64_t line[PUBLISHED_WEIGHTS]);

#endif
