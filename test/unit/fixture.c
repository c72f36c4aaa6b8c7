/* SPDX-License-Identifier: MIT */
/* Memory and messages, new for each test. */
#include "base/base.h"

#include "fixture.h"

struct arena *arena;
struct diags diags;

void setup(void)
{
	arena = arena_new();
	diags_init(&diags, arena);
}

void teardown(void)
{
	arena_free(arena);
}
