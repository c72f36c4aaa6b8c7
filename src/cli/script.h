/* SPDX-License-Identifier: MIT */
/* The script of compile --format sh: loads the other formats with stock tools, and takes away what it loaded. */
#ifndef NLBC_CLI_SCRIPT_H
#define NLBC_CLI_SCRIPT_H

#include "base/text.h"

/* What a stock tool loads, without comments: both texts are lines. */
struct script_part {
	const char *format;     /* as in listing_rows */
	const char *body;
};

/* `head` is the line that names profile, role, target and format. The parts are in the order of loading; without any the
 * script is nothing but comments. */
void script_print(const char *head, const struct script_part *parts, size_t n, struct text *out);

#endif
