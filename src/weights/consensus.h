/* SPDX-License-Identifier: MIT */
/* A network status consensus of Tor's directory protocol (dir-spec), flavours ns and microdesc, and the relays in it. */
#ifndef NLBC_WEIGHTS_CONSENSUS_H
#define NLBC_WEIGHTS_CONSENSUS_H

#include "base/base.h"
#include "base/diag.h"

struct arena;
struct lines;

/* Flag Exit without BadExit makes an exit. */
enum relay_class { CLASS_GUARD, CLASS_GUARD_EXIT, CLASS_EXIT, CLASS_MIDDLE, RELAY_CLASSES };
/* G D E M, as written in a result. */
char relay_class_letter(enum relay_class c);

struct relay {
	const char *name;        /* nickname, or the name in a CSV or JSON file of relays */
	uint8_t id[20];          /* identity digest */
	bool has_id;             /* only relays of a consensus have one */
	bool is_weighted;        /* has a `w` line: without it a relay counts nowhere */
	int8_t guard_fraction;   /* 0-100, -1: none */
	enum relay_class class;
	uint32_t address;        /* IPv4, host byte order; 0: none known */
	uint64_t weight;         /* consensus weight b */
	struct place place;      /* of its name */
};
/* 40 capitals and a 0, or "-". */
enum { RELAY_ID_TEXT = 41 };
char *relay_id_print(const struct relay *r, char buf[RELAY_ID_TEXT]);

/* The 19 names of a bandwidth-weights line, sorted: Wbd Wbe Wbg Wbm Wdb Web Wed Wee Weg Wem Wgb Wgd Wgg Wgm Wmb Wmd Wme
 * Wmg Wmm. */
enum published_weight {
	WBD, WBE, WBG, WBM, WDB, WEB, WED, WEE, WEG, WEM, WGB, WGD, WGG, WGM, WMB, WMD, WME, WMG, WMM, PUBLISHED_WEIGHTS
};
extern const char *const published_names[PUBLISHED_WEIGHTS];

struct consensus {
	const char *file;
	bool is_microdesc;
	char valid_after[20];            /* 2020-02-29 10:00:00 */
	unsigned method;                 /* 1 if none is given */
	int32_t scale;                   /* bwweightscale, at least 1; 10000 if none is given */
	struct relay *relays;            /* in the order of the file, which is that of identities */
	size_t n_relays;
	bool has_weights;                /* a bandwidth-weights line is there */
	int32_t published[PUBLISHED_WEIGHTS];    /* all of them, if there is that line */
	struct place weights_place;      /* of that line, or of directory-footer */
	size_t n_guard_fraction;         /* relays that have one */
};

/* Reads a whole consensus; all lives in arena a. NULL: explained. Signatures are skipped, not checked. `unpack_for` as in
 * struct lines_wish. */
const struct consensus *consensus_read(const char *path, const char *unpack_for, struct arena *a, struct diags *d);
/* The same from lines that are open already, their first line given; closes nothing. A blank line or one with # counts as
 * nothing, but the first line must be that of the file. */
const struct consensus *consensus_read_lines(struct lines *l, struct str first, struct arena *a, struct diags *d);

#endif
