/* SPDX-License-Identifier: MIT */
/* Memory and messages, new for each test. */
#include "base/base.h"

#include <sys/mman.h>

#include "base/text.h"
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

const char *bytes_file(const void *bytes, size_t n)
{
	const int fd = memfd_create("bytes", 0);
	auto_text struct text t = { 0 };

	text_add(&t, bytes, n);
	if (fd < 0 || text_write(&t, fd))
		BUG("a file in memory");
	return arena_printf(arena, "/proc/self/fd/%d", fd);
}

const char *text_file(const char *text)
{
	return bytes_file(text, strlen(text));
}
