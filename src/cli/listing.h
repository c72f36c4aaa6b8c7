/* SPDX-License-Identifier: MIT */
/* A profile in the languages of the stock tools, as compile prints and export writes it. */
#ifndef NLBC_CLI_LISTING_H
#define NLBC_CLI_LISTING_H

#include "base/diag.h"
#include "base/text.h"

struct invocation;
struct plan;

/* A format of compile and the file that export writes it to: the plan, what is loaded in this order, the script that
 * loads it. */
struct listing_row {
	const char *format, *file;
};
enum { LISTING_FIRST_LOADED = 1, LISTING_SCRIPT = 8, LISTINGS };
extern const struct listing_row listing_rows[LISTINGS];

/* The plan of the profile in the first argument, as --role, --target, --resolve and --device say. The kernel is asked with
 * --resolve only. NULL: explained. */
const struct plan *listing_plan(struct invocation *v);
/* The plan in one format but the script, below a line that names it. 0; -EINVAL explained in d. */
int listing_print(const struct plan *p, const char *format, struct text *out, struct diags *d) MUST_USE;
/* False, explained in d, for the format of the mechanism of steering that the profile does not ask for. NULL fits. */
bool listing_fits(const struct plan *p, const char *format, struct diags *d);
/* Nothing but comments: there is nothing to load. */
bool listing_is_empty(const struct text *t);
/* In all formats; but for the script, what is nothing but comments stays empty. The caller releases them. 0; -EINVAL explained in d. */
int listing_print_all(const struct plan *p, struct text texts[LISTINGS], struct diags *d) MUST_USE;
void listing_release(struct text texts[LISTINGS]);

#endif
