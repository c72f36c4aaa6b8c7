/* SPDX-License-Identifier: MIT */
/* How many clients are in each country: Tor Metrics' CSV, or JSON. */
#ifndef NLBC_WEIGHTS_USERS_H
#define NLBC_WEIGHTS_USERS_H

#include "base/base.h"
#include "base/diag.h"

struct arena;

/* Two letters as an index, 0 to COUNTRIES - 1; -1: not two letters. */
enum { COUNTRIES = 26 * 26 };
int country_index(const char *code, size_t n);
/* The two letters of an index, in lower case. */
void country_print(int index, char code[3]);

struct users {
	bool is_whole;                   /* all numbers of the file are */
	uint64_t whole[COUNTRIES];       /* sums, meaningful if is_whole */
	double real[COUNTRIES];          /* sums, in the order of the file */
	double sum;                      /* of all that is real, in the order of the file */
	double elsewhere;                /* in ap, eu and xd, which are no countries: left out */
};
/* 0, or -errno: explained. What is in no country is left out with a warning. */
int users_read(const char *path, bool lenient, struct arena *a, struct diags *d, struct users *out) MUST_USE;

#endif
