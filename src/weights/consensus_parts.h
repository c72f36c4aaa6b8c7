/* SPDX-License-Identifier: MIT */
/* A consensus while it is read: for consensus.c and consensus_relay.c alone. */
#ifndef NLBC_WEIGHTS_CONSENSUS_PARTS_H
#define NLBC_WEIGHTS_CONSENSUS_PARTS_H

#include "base/base.h"
#include "base/text.h"
#include "weights/consensus.h"
#include "weights/lines.h"

enum { NUMBERS_32 = INT32_MAX };

/* The parts of a consensus, as bits: where a line may stand. */
enum section { SECTION_HEAD = 1, SECTION_RELAYS = 2, SECTION_FOOT = 4 };

struct reading {
	struct lines *lines;
	struct arena *arena;
	struct diags *diags;
	struct consensus *c;
	enum section section;
	bool stopped;                    /* what follows would mislead */
	unsigned seen;                   /* bit i: the line of row i of the table was there */
	char times[3][20];               /* valid-after, fresh-until, valid-until; "": none */
	struct text relays;              /* an array of struct relay */
	struct relay relay;              /* the one being read, */
	struct place id_place;           /* and where its identity stands */
	bool has_relay, has_flags, has_weight, is_exit, is_bad_exit, is_guard;
};

/* KEY=VALUE; value.p is NULL where there is no '='. */
void word_cut(struct str word, struct str *key, struct str *value);
/* A number within its range, or told. */
bool read_number(struct reading *r, struct str s, uint64_t least, uint64_t most, uint64_t *out) MUST_USE;
void tell_twice(struct reading *r, struct str word);

/* The lines r, s and w, without their keyword; and the end of the relay that is being read, if there is one. */
void relay_line(struct reading *r, struct str rest);
void relay_flags(struct reading *r, struct str rest);
void relay_weight(struct reading *r, struct str rest);
void reading_end_relay(struct reading *r);

#endif
