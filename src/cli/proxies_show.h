/* SPDX-License-Identifier: MIT */
/* Proxies and their servers for people: of status, and of watch. */
#ifndef NLBC_CLI_PROXIES_SHOW_H
#define NLBC_CLI_PROXIES_SHOW_H

#include "base/out.h"

struct arena;

/* For each proxy what it is, what it does now, and a table of its servers. */
void proxies_show(json_t *proxies, bool colour, struct arena *a, struct text *out);
/* One table of all, with the rates of a tick. */
void proxies_show_rates(json_t *proxies, json_t *tick, bool colour, struct arena *a, struct text *out);

#endif
