/* SPDX-License-Identifier: MIT */
/* Matrices of penalties as text and JSON, and what stands beside them: bytes up to each 0x1e are another file, which no text
 * holds. Whatever they are, they are read or explained, and what was read makes a problem or is explained. */
#include "base/base.h"

#include "base/arena.h"
#include "files.h"
#include "fuzz.h"
#include "model.h"

enum { PARTS = 4, CLIENTS = PARTS, RELAYS, SEPARATOR = 0x1e };

static const char relays[] = "Name,IsGuard,IsExit,ConsensusWeight\na,True,False,50\nb,True,False,30\nc,True,True,20\nd,False,False,9\n"
			     "e,True,False,30\n";
static const char clients[] = "location,weight\nAS1,3\n2,1\nx,6\ny,2\n";

static void read_as(char paths[][FUZZ_PATH], const bool *has, bool lenient)
{
	struct arena *a = arena_new();
	struct diags d;
	const struct inputs_wish w = {
		.relays = paths[RELAYS], .clients = paths[CLIENTS], .penalty = paths[0], .clusters = has[1] ? paths[1] : NULL,
		.relcost = has[2] ? paths[2] : NULL, .vuln = has[3] ? paths[3] : NULL, .wgg = lenient ? WGG_EXITS : WGG_NUMBER,
		.wgg_given = true, .wgg_number = WGG_ONE / 2, .missing_worst = lenient, .lenient = lenient, .needs_matrix = true,
	};

	arena_allow(a, (uint64_t)1 << 28);
	diags_init(&d, a);
	model_look(inputs_read(&w, a, &d), a, &d);
	arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	char paths[PARTS + 2][FUZZ_PATH];
	bool has[PARTS] = { false };

	for (size_t k = 0; k < PARTS; k++) {
		const uint8_t *end = k + 1 < PARTS && n > 0 ? memchr(bytes, SEPARATOR, n) : NULL;
		const size_t length = end ? (size_t)(end - bytes) : n;

		has[k] = length > 0;
		fuzz_file((unsigned)k, bytes, length, paths[k]);
		bytes += length + (end != NULL);
		n -= length + (end != NULL);
	}
	fuzz_file(CLIENTS, (const uint8_t *)clients, sizeof(clients) - 1, paths[CLIENTS]);
	fuzz_file(RELAYS, (const uint8_t *)relays, sizeof(relays) - 1, paths[RELAYS]);
	read_as(paths, has, false);
	read_as(paths, has, true);
	return 0;
}
