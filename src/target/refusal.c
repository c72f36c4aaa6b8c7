/* SPDX-License-Identifier: MIT */
/* The kernel's refusals in words for people, at the profile's places (packet.md section 14). */
#include "base/base.h"

#include <errno.h>

#include "plan/item.h"
#include "target/kernel.h"

const char *errno_words(int error)
{
	const char *words = strerrordesc_np(error);
	return words ? words : "unknown error";
}

void refusals_release(struct refusals *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->list[i].text);
	free(r->list);
	*r = (struct refusals){ .place = r->place };
}

const struct place *refusals_place(const struct plan *p)
{
	return p->machine ? &p->machine->place : NULL;
}

static void report_one(const struct refusal *r, const struct place *otherwise, struct diags *d)
{
	const struct item *item = r->change ? r->change->to ? r->change->to : r->change->from : NULL;
	const struct place *place = item && item->origin.place.source ? &item->origin.place : otherwise;
	const char *words = r->words ? r->words : r->text ? r->text : errno_words(r->error);
	struct diag *g;
	if (r->whole)
		g = diag_error(d, place, "kernel", "%s", words);
	else if (item && item->origin.what)
		g = diag_error(d, place, "kernel", "the kernel refused %s: %s", item->origin.what, words);
	else if (item)
		g = diag_error(d, place, "kernel", "the kernel refused '%s': %s", item->key, words);
	else
		g = diag_error(d, place, "kernel", "the kernel refused the change: %s", words);
	if (r->hint)
		diag_hint(d, g, "%s", r->hint);
}

void refusals_report(const struct refusals *r, struct diags *d)
{
	for (size_t i = 0; i < r->n; i++) {
		if (i > 0 && r->list[i].error == ENOENT)
			continue;
		report_one(&r->list[i], r->place, d);
	}
}
