/* SPDX-License-Identifier: MIT */
/* What solve and certify are asked to look at: relays, clients, penalties and options as read from files, matched with
 * each other, nothing of section 6 computed. The one thing that solver and certificate share. */
#ifndef NLBC_WEIGHTS_INPUTS_H
#define NLBC_WEIGHTS_INPUTS_H

#include "base/base.h"
#include "base/diag.h"
#include "weights/bandwidth.h"
#include "weights/consensus.h"
#include "weights/lines.h"
#include "weights/values.h"

struct arena;

enum position { POSITION_GUARD, POSITION_EXIT };
enum wgg_rule { WGG_CONSENSUS, WGG_COMPUTED, WGG_EXITS, WGG_NUMBER };
#define WGG_ONE UINT64_C(1000000000000000000)

struct inputs_wish {                             /* files and options as given; NULL: not given */
	const char *problem;
	const char *relays, *clients, *penalty, *prefixes, *location, *clusters;
	const char *relcost, *vuln, *guard_result;
	enum wgg_rule wgg;
	bool wgg_given;
	uint64_t wgg_number;                     /* of WGG_NUMBER, in 1/WGG_ONE */
	unsigned theta;                          /* thousandths; 0: not given */
	bool guards_only;
	enum position position;
	bool missing_worst;                      /* --missing worst */
	bool lenient;
	bool needs_matrix;                       /* false: `max` with --vuln does without --penalty and --clients */
};

/* Penalties are parts of n × 10^tens. */
struct penalty_scale {
	uint32_t n;
	int tens;
};
double penalty_scale_value(const struct penalty_scale *s);

#define NO_COLUMN UINT32_MAX

struct location {
	const char *name;                        /* as given */
	struct amount weight;                    /* as read, above 0; clusters added up */
	uint32_t row;                            /* of values */
};

struct inputs {
	enum position position;
	bool guards_only;
	unsigned unit;                           /* s = bwweightscale */
	unsigned theta;                          /* thousandths */
	struct bandwidth_weights weights;        /* in units, as --wgg wants them; all within 0 to s */
	const struct relay *relays;              /* every relay of the file, in its order */
	size_t n_relays;
	const uint32_t *column;                  /* per relay: of values, NO_COLUMN where it has none or takes no part */
	const uint64_t *relcost;                 /* per relay, or NULL: its share */
	const uint64_t *vuln;                    /* per relay, or NULL */
	struct location *locations;              /* in input order */
	size_t n_locations;
	bool is_whole;                           /* all weights of clients are whole numbers */
	struct values values;                    /* penalties: rows × columns; 0 × 0 without a matrix */
	struct penalty_scale scale;
	double scale_error;                      /* largest error of rounding values of JSON, in penalties */
	double left_out;                         /* share of clients without penalties, that others stand for */
	bool is_problem_file;
};
/* Whether a relay takes part in the position, by its class and weight alone: its share of section 6.1 is above 0. */
bool inputs_takes_part(const struct inputs *in, const struct relay *r);
/* NULL: explained. */
const struct inputs *inputs_read(const struct inputs_wish *w, struct arena *a, struct diags *d);

#endif
