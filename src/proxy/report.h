/* SPDX-License-Identifier: MIT */
/* Lines of `report` (proxy.md section 3): what a proxy, its servers, their histograms and samples are now. Numbers come from
 * the tallies, which the caller has brought up to date. */
#ifndef NLBC_PROXY_REPORT_H
#define NLBC_PROXY_REPORT_H

#include "base/base.h"
#include "base/text.h"
#include "core/histogram.h"

struct edition;
struct service;

/* What a line needs to be one of a series. */
struct report {
	struct text *out;
	uint64_t mono_us;
	uint64_t *seq;                  /* counts the lines of one listener */
};

/* A round: for each proxy its own line, its servers', the histograms of all. */
void report_round(const struct report *r, const struct edition *e);
/* Samples newer than number `since` that are still there; their own numbers are their seq. */
void report_samples(const struct report *r, struct service *s, uint64_t since);

/* server NULL: the proxy's own. At least one line. */
void report_histogram(const struct report *r, const char *proxy, const char *server, const struct histogram *h);

#endif
