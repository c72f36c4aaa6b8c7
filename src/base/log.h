/* SPDX-License-Identifier: MIT */
/* Events for whoever runs the machine: one event, one line of key=value, to standard error. Not for the user's
 * mistakes (diag.h) and not for results. */
#ifndef NLBC_BASE_LOG_H
#define NLBC_BASE_LOG_H

#include "base/base.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Set by main once; before that errors and warnings are written. */
void log_set_level(enum log_level least);
bool log_wants(enum log_level level);
/* Writes `level=info event=EVENT PAIRS`, in one write. PAIRS is key=value text separated by blanks, "" for none;
 * values with blanks stand in double quotes. Bytes that would break the line appear as '?'. */
void log_event(enum log_level level, const char *event, const char *pairs, ...) PRINTF(3, 4);

#endif
