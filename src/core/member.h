/* SPDX-License-Identifier: MIT */
/* A member of a service (a path, a proxy's server, a Tor replica): the states it can be in, and why. */
#ifndef NLBC_CORE_MEMBER_H
#define NLBC_CORE_MEMBER_H

enum member_state { MEMBER_UP, MEMBER_PROBING, MEMBER_DRAINING, MEMBER_DOWN };
enum member_reason { REASON_NONE, REASON_HAND, REASON_PROBE, REASON_LINK, REASON_ROUTE, REASON_HEALTH, REASON_EJECTED,
		     REASON_CERTIFICATE };

const char *member_state_name(enum member_state s);      /* "up", "probing", "draining", "down" */
const char *member_reason_name(enum member_reason r);    /* NULL for REASON_NONE, "hand", "probe", ... "ejected" */

#endif
