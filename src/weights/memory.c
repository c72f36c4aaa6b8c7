/* SPDX-License-Identifier: MIT */
/* How much is needed and how much is allowed, in words. */
#include "base/base.h"

#include "base/arena.h"
#include "weights/memory.h"

const char *memory_print(struct arena *a, uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB" };
	double size = (double)bytes / 1024;
	size_t i = 0;

	while (size >= 1024 && i + 1 < ARRAY_LEN(units)) {
		size /= 1024;
		i++;
	}
	return arena_printf(a, size < 10 ? "%.1f %s" : "%.0f %s", size, units[i]);
}

bool memory_allows(const struct arena *a, uint64_t more, struct diags *d)
{
	const uint64_t limit = arena_allowed(a), needed = arena_size(a) + more;

	if (limit == 0 || needed <= limit)
		return true;
	diag_error(d, NULL, "machine", "this problem needs %s, %s are allowed", memory_print(d->arena, needed),
		   memory_print(d->arena, limit));
	return false;
}

void *allocate(size_t n, size_t size)
{
	void *p = calloc(MAX(n, (size_t)1), size);

	if (!p)
		out_of_memory();
	return p;
}
