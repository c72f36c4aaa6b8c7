/* SPDX-License-Identifier: MIT */
/* What a reader of lines consists of: for lines*.c and fields.c alone. */
#ifndef NLBC_WEIGHTS_LINES_PARTS_H
#define NLBC_WEIGHTS_LINES_PARTS_H

#include "base/base.h"
#include "weights/lines.h"

struct lines {
	struct lines_wish wish;
	struct arena *arena;
	struct diags *diags;
	struct source *source;
	int fd;
	bool is_ended;           /* read() said so */
	uint64_t total;          /* bytes read */
	char *bytes;             /* from `begin` to `end` not given out yet */
	size_t room, begin, end;
	size_t searched;         /* there is no line feed from begin up to here */
	size_t plain;            /* from begin up to here there are no bytes to look at: see plain_until() */
	struct str line;         /* the one last read */
	unsigned number;
	unsigned left_out_last;  /* number of the line last left out */
	size_t n_errors, n_left_out;
	size_t n_columns;        /* of a CSV file's head */
	uint64_t json_bytes;     /* that its JSON takes */
};

/* Reads more behind `end`: 0, -errno (explained). */
int lines_fill(struct lines *l) MUST_USE;

#endif
