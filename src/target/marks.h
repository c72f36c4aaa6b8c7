/* SPDX-License-Identifier: MIT */
/* Who else uses mark bits (packet.md section 6): what a finding means, and which bits are free. */
#ifndef NLBC_TARGET_MARKS_H
#define NLBC_TARGET_MARKS_H

#include "base/base.h"
#include "base/diag.h"

/* Foreign uses of packet and connection marks as they are found. */
struct mark_scan {
	uint32_t mask;              /* ours */
	unsigned bits;              /* as many as the paths need, at least 7: width of the field to suggest */
	uint32_t used;              /* by others, masked reads and writes together */
	struct diags *diags;
	const struct place *place;  /* of mark-mask or the kernel block */
	struct diag **errors;       /* to get their hint at the end */
	size_t n_errors, errors_room;
};

enum mark_use { MARK_READ, MARK_WRITE };

void mark_scan_init(struct mark_scan *s, uint32_t mask, size_t paths, const struct place *place, struct diags *d);
/* One foreign use: `who` is like `rule 100 'fwmark 0x1000000/0xff000000'`. A part of the word that overlaps ours is an
 * error; the whole word only a warning: a write may overwrite our marks, a read does not know them. */
void mark_scan_found(struct mark_scan *s, enum mark_use use, uint32_t mask, const char *who);
/* Puts the hint with free bits to the errors. */
void mark_scan_end(struct mark_scan *s);

/* The first free field of `bits` adjacent bits from the top; 0: none is left. */
uint32_t mark_free_field(uint32_t used, unsigned bits);

#endif
