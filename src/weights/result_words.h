/* SPDX-License-Identifier: MIT */
/* The words of a result's lines, one after the other (weights.md section 7): what result_read.c is made of. */
#ifndef NLBC_WEIGHTS_RESULT_WORDS_H
#define NLBC_WEIGHTS_RESULT_WORDS_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/result.h"
#include "weights/values.h"

struct arena;
struct lines;

struct result_reader {
	struct lines *lines;
	struct str line, rest;                   /* being read; what of it is left */
	uint64_t n_lines;                        /* before this one */
	struct result *r;
	size_t groups_room, relays_room, locations_room, rows_room, runs_room, parts_room;
	uint32_t last_row;                       /* the highest that a location is in, */
	struct place last_row_place;             /* and where it says so */
	bool is_ended;
	struct arena *arena;
	struct diags *diags;
};

/* All: false is told already, and what was to be filled in is of no use. */
bool reader_word(struct result_reader *rd, struct str *word) MUST_USE;
bool reader_parse(struct result_reader *rd, struct str word, wide least, wide most, wide *out) MUST_USE;
bool reader_wide(struct result_reader *rd, wide least, wide most, wide *out) MUST_USE;
bool reader_number(struct result_reader *rd, int64_t least, int64_t most, int64_t *out) MUST_USE;
/* Below n. */
bool reader_index(struct result_reader *rd, size_t n, uint32_t *out) MUST_USE;
/* The word that has to stand here. */
bool reader_literal(struct result_reader *rd, const char *literal) MUST_USE;
/* One of n words; its index. */
bool reader_choice(struct result_reader *rd, const char *const *words, unsigned n, unsigned *out) MUST_USE;
bool reader_name(struct result_reader *rd, const char **name) MUST_USE;
bool reader_id(struct result_reader *rd, char id[RELAY_ID_TEXT]) MUST_USE;
bool reader_class(struct result_reader *rd, enum relay_class *out) MUST_USE;
/* One of the groups read so far, or NO_GROUP for "-". */
bool reader_group(struct result_reader *rd, uint32_t *out) MUST_USE;

#endif
