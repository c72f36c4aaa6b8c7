/* SPDX-License-Identifier: MIT */
/* Inside the interpreter only: what its walk asks of single ops. */
#ifndef NLBC_PLAN_TRACE_MATCH_H
#define NLBC_PLAN_TRACE_MATCH_H

#include "plan/trace.h"

/* As they are when the op is looked at. */
struct trace_marks {
	uint32_t packet, connection;
};

/* Does the packet meet this match? */
bool trace_matches(const struct plan *p, const struct trace_packet *k, const struct trace_marks *marks,
		   const struct op *o);
/* The entry of the map that PICK hash leads to. */
uint32_t trace_slot(const struct trace_packet *k, const struct op *o);

#endif
