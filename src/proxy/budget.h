/* SPDX-License-Identifier: MIT */
/* What may be spent on repeats (proxy.md section 6): so that retries never multiply a flood. Pure. */
#ifndef NLBC_PROXY_BUDGET_H
#define NLBC_PROXY_BUDGET_H

#include "base/base.h"

struct budget {
	uint64_t tokens;                /* in fifths */
	uint64_t since_us;              /* what time has brought is counted up to here */
};

void budget_init(struct budget *b, uint64_t now_us);           /* 10 tokens */
void budget_finished(struct budget *b);                        /* a request was finished: a fifth of a token, up to 100 in all */
bool budget_take(struct budget *b, uint64_t now_us);           /* one token, a second brings one; false: there is none */

#endif
