/* SPDX-License-Identifier: MIT */
/* What others need to know of the language, made from the keyword table: editors, completion, fuzzers, the manual. */
#ifndef NLBC_PROFILE_SYNTAX_H
#define NLBC_PROFILE_SYNTAX_H

#include "base/base.h"
#include "base/text.h"

void syntax_vim(struct text *out);
void syntax_nano(struct text *out);
/* Every keyword, option, choice and method, one a line, in byte order. */
void syntax_words(struct text *out);
/* The same and what else is of use to a fuzzer, as a libFuzzer dictionary. */
void syntax_fuzz(struct text *out);
/* The keyword reference of nlbc.prof(5) in mdoc. */
void syntax_manual(struct text *out);

#endif
