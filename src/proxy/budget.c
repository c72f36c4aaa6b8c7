/* SPDX-License-Identifier: MIT */
/* The budget, counted in fifths of a token. */
#include "base/base.h"

#include "proxy/budget.h"

enum { TOKEN = 5, FIRST_TOKENS = 10 * TOKEN, MOST_TOKENS = 100 * TOKEN, FIFTH_US = 200000 };

static void add(struct budget *b, uint64_t fifths)
{
	b->tokens = MIN(b->tokens + fifths, (uint64_t)MOST_TOKENS);
}

void budget_init(struct budget *b, uint64_t now_us)
{
	*b = (struct budget){ .tokens = FIRST_TOKENS, .since_us = now_us };
}

void budget_finished(struct budget *b)
{
	add(b, 1);
}

bool budget_take(struct budget *b, uint64_t now_us)
{
	const uint64_t fifths = (now_us - b->since_us) / FIFTH_US;

	b->since_us += fifths * FIFTH_US;
	add(b, fifths);
	if (b->tokens < TOKEN)
		return false;
	b->tokens -= TOKEN;
	return true;
}
