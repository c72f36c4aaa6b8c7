/* SPDX-License-Identifier: MIT */
/* `nlbc fmt`: a profile, or a file that profiles include, in canonical layout. Comments, single blank lines, define and
 * include stay; a block written on one line stays on one if it fits. A JSON twin becomes what convert prints. */
#ifndef NLBC_PROFILE_FMT_H
#define NLBC_PROFILE_FMT_H

#include "base/base.h"
#include "base/diag.h"
#include "base/text.h"

/* Only the grammar is checked, keywords and values are not, but of a twin all. 0; -EINVAL: the text has mistakes, told in d, and nothing
 * is added to out. Formatting the result again gives the same bytes. */
int fmt_text(const struct source *source, struct text *out, struct diags *d) MUST_USE;

#endif
