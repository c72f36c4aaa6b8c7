/* SPDX-License-Identifier: MIT */
/* Target nft: everything in one table `inet nlbc` (packet.md section 5). */
#include "base/base.h"

#include "target/nft.h"

static const char *const parts[] = { "table", "chain", "counter", "object", "set", "map", "elem", NULL };
static const char *const formats[] = { "nft", NULL };

static void print(const struct plan *p, const char *format UNUSED, struct text *out)
{
	nft_print(p, out);
}

const struct target target_nft = {
	.name = "nft", .parts = parts,
	.lower = nft_lower, .read = nft_read, .stage = nft_stage, .survey = nft_survey, .write = nft_write,
	.count = nft_count,
	.formats = formats, .print = print,
};
