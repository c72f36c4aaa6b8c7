/* SPDX-License-Identifier: MIT */
/* Problem files: whatever the bytes, they are read or explained, and what was read makes a problem or is explained. */
#include "base/base.h"

#include "base/arena.h"
#include "files.h"
#include "fuzz.h"
#include "model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	char path[FUZZ_PATH];
	struct arena *a = arena_new();
	struct diags d;
	const struct inputs_wish w = {
		.problem = fuzz_file(0, bytes, n, path), .needs_matrix = true,
	};

	arena_allow(a, (uint64_t)1 << 28);
	diags_init(&d, a);
	model_look(inputs_read(&w, a, &d), a, &d);
	arena_free(a);
	return 0;
}
