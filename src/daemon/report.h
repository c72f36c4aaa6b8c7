/* SPDX-License-Identifier: MIT */
/* What members say of themselves (proxy.md section 3), in the form in which status shows it (command.md section 4). Pure:
 * for the controller, and for nlbc where it asks the members itself. */
#ifndef NLBC_DAEMON_REPORT_H
#define NLBC_DAEMON_REPORT_H

#include "base/line.h"

#include <jansson.h>

enum { REPORT_PROXIES = 64, REPORT_SERVERS = 1024 };    /* as many as a profile may have */

/* A `report` line into `proxies`, the object of that name in status. A line that a good member would not say, of another
 * kind, of a server whose proxy has not reported, or beyond the bounds changes nothing. */
void report_add(json_t *proxies, const struct line *l);

/* An `event` line as the object of `watch`; a server's name is PROXY/NAME. NULL: it is not one. The caller gives the
 * reference back. */
json_t *report_event(const struct line *l);

#endif
