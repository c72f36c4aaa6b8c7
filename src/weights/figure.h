/* SPDX-License-Identifier: MIT */
/* A picture of step curves as SVG, 800 × 500: axes with ticks, a legend, no scripts, nothing from elsewhere. Pure: the same
 * bytes on every machine and in every locale. */
#ifndef NLBC_WEIGHTS_FIGURE_H
#define NLBC_WEIGHTS_FIGURE_H

#include "base/base.h"

struct figure_step {
	double x, y;                     /* from here on the curve is at y */
};
struct figure_curve {
	const char *label;               /* any bytes: made printable */
	bool is_base;                    /* what the others are compared with: grey and dashed, behind them */
	const struct figure_step *steps; /* by rising x; 0 before the first */
	size_t n;
};
struct figure {
	const char *title, *subtitle, *x_label, *y_label;
	double x_from, x_to;             /* shown; widened to whole ticks; y is 0 to 1, in percent */
	const struct figure_curve *curves;
	size_t n;
};
/* 0, -errno. */
int figure_write(const struct figure *g, FILE *f) MUST_USE;

#endif
