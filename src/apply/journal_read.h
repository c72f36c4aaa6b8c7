/* SPDX-License-Identifier: MIT */
/* One line of a journal into the journal; used by journal.c and the fuzz entry only. */
#ifndef NLBC_APPLY_JOURNAL_READ_H
#define NLBC_APPLY_JOURNAL_READ_H

#include "apply/journal.h"

/* A record, without its line end. What it is not known is passed over. */
void journal_read_record(struct journal *j, struct str line);
/* The first line belongs to this boot and namespace. */
bool journal_is_head(const struct journal *j, struct str line);

#endif
