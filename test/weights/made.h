/* SPDX-License-Identifier: MIT */
/* The test problems of weights.md section 9: made by rule, so that every program that needs one has the same bytes, and no
 * measured network is needed. The list of them with what is known of each: digests of the files, and optima that two
 * algorithms of LEMON agree in. */
#ifndef NLBC_TEST_WEIGHTS_MADE_H
#define NLBC_TEST_WEIGHTS_MADE_H

#include "base/base.h"
#include "weights/transport.h"

enum made_kind { MADE_TIERS, MADE_STEPS, MADE_RELAYS, MADE_PLAIN, MADE_KINDS };
extern const char *const made_kind_names[MADE_KINDS];

struct made_wish {
	enum made_kind kind;
	uint32_t m, n;
	uint32_t wgg;                    /* 1/10000; 0: 5833 */
	uint32_t theta;                  /* thousandths; 0: 5000 */
	uint32_t cut;                    /* not 0: a penalty is 1 from here on, else 0 */
	uint32_t constant;               /* not 0: every penalty is this */
	uint32_t levels;                 /* not 0: penalties are their rank among so many equal parts of 0 to 4096 */
};
struct made {
	struct made_wish wish;           /* with nothing left at 0 that stands for something else */
	int64_t *weight;                 /* [m] w, clients of each location */
	int64_t *bandwidth;              /* [n] b, consensus weight of each relay */
	uint16_t *penalty;               /* [m × n], a location's behind each other */
};

/* Never NULL; freed by made_free(). */
struct made *made_new(const struct made_wish *w);
void made_free(struct made *m);
/* The problem file (.locaw), with its start LOCAW1. 0, or -errno. */
int made_write(const struct made *m, FILE *f) MUST_USE;
/* The first 16 hexadecimal digits of the SHA-256 of that file. */
void made_digest(const struct made *m, char digest[17]);

/* The problem as the solver sees it, nothing merged (weights.md 6.1): what `t` points to is freed by made_transport_release(),
 * the penalties are those of m. */
void made_transport(const struct made *m, struct transport *t);
void made_transport_release(struct transport *t);

/* The table of section 9. */
struct made_row {
	const char *name;
	struct made_wish wish;
	const char *digest;
	const char *value;               /* Z, in decimal */
	const char *merged;              /* Z of the merged problem where it is another; else NULL */
	const char *max, *second;        /* T of the objective `max` with v from the matrix, and Z of its second stage, or NULL */
	bool is_slow;                    /* of more than a million pairs: no part of make check */
};
extern const struct made_row made_rows[];
extern const size_t made_n_rows;

#endif
