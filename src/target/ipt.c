/* SPDX-License-Identifier: MIT */
/* Target iptables: our chains in legacy table mangle, and the jumps to them (packet.md section 7). */
#include "base/base.h"

#include "target/ipt.h"

static const char *const parts[] = { "ipt", NULL };
static const char *const formats[] = { "iptables", "ip6tables", NULL };

/* One commit replaces the table: nothing is made before, nothing is left to be taken away. */
void ipt_stage(struct changes *c, const struct items *live UNUSED, const struct items *wanted UNUSED)
{
	for (size_t i = 0; i < c->n; i++)
		c->list[i].stage = STAGE_SWITCH;
}

const struct target target_ipt = {
	.name = "iptables", .parts = parts,
	.lower = ipt_lower, .read = ipt_read, .stage = ipt_stage, .survey = ipt_survey, .write = ipt_write,
	.count = ipt_count,
	.formats = formats, .print = ipt_print,
};
