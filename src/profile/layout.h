/* SPDX-License-Identifier: MIT */
/* A profile as rows on the page, and the one canonical layout of them: four blanks a level, the values of a block's
 * statements in one column, neighbouring rows of one keyword in columns, trailing comments in one column, no line
 * longer than LAYOUT_WIDTH but where a single word or comment is. Used by `nlbc fmt` and by profile_print. */
#ifndef NLBC_PROFILE_LAYOUT_H
#define NLBC_PROFILE_LAYOUT_H

#include "base/base.h"
#include "base/text.h"
#include "profile/keywords.h"

struct arena;
struct row_cell;

enum { LAYOUT_WIDTH = 100, LAYOUT_INDENT = 4 };

enum row_kind { ROW_STATEMENT, ROW_COMMENT, ROW_BLANK };

struct row {
	enum row_kind kind;
	struct row *next;
	struct str comment;             /* the row itself (ROW_COMMENT), or after the statement or its `{`; n 0: none */
	struct statement *statement;    /* of ROW_STATEMENT */
};

struct statement {
	struct str *words;              /* as they shall stand, the keyword first */
	size_t n_words;
	struct str close_comment;       /* after its `}` */
	bool has_block;
	bool one_line;                  /* the block shall stand on the line of its keyword if it fits */
	struct row *first, *last;       /* of the block */

	const struct keyword *keyword;  /* the rest is layout's own: what the keyword table says; NULL: nothing */
	struct row_cell *cells;
	size_t n_cells, width;
	unsigned part;
	bool single;                    /* stands on one line */
};

/* Adds an empty row at the end of parent's block. */
struct row *row_add(struct arena *a, struct statement *parent, enum row_kind kind);

/* Prints what stands in root's block, which is a whole file. */
void layout_print(struct arena *a, const struct statement *root, struct text *out);

#endif
