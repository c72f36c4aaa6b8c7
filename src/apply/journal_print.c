/* SPDX-License-Identifier: MIT */
/* The journal's records as text: what journal_read.c reads. */
#include "base/base.h"

#include <inttypes.h>

#include "apply/history.h"
#include "apply/journal.h"

static void put_owner(uint16_t owner, uint32_t run, struct text *out)
{
	if (owner == UINT16_MAX)
		text_puts(out, " x");
	else if (owner == 0)
		text_puts(out, " -");
	else
		text_printf(out, " %u", owner);
	if (run > 1)
		text_printf(out, "*%u", run);
}

static void put_list(const struct owner_list *l, struct text *out)
{
	text_printf(out, "%s %s %u", l->turn ? "turn" : "slots", l->balance, l->size);
	for (uint32_t i = 0, run; i < l->size; i += run) {
		for (run = 1; i + run < l->size && l->owner[i + run] == l->owner[i];)
			run++;
		put_owner(l->owner[i], run, out);
	}
	text_putc(out, '\n');
}

static void put_numbers(const struct numbered *list, size_t n, const char *prefix, struct text *out)
{
	for (size_t i = 0; i < n; i++) {
		text_printf(out, "number %s%s %u", prefix, list[i].name, list[i].number);
		if (list[i].freed)
			text_printf(out, " freed=%u", list[i].freed);
		text_putc(out, '\n');
	}
}

static void put_found(const struct memory *m, struct text *out)
{
	for (size_t i = 0; i < m->n_found; i++) {
		const struct found_state *f = &m->found[i];
		const char *reason = member_reason_name(f->reason);

		text_printf(out, "state path %s %s%s%s\n", f->path, member_state_name(f->state), reason ? " " : "",
			    reason ? reason : "");
	}
}

static void put_memory(const struct memory *m, struct text *out)
{
	put_numbers(m->paths, m->n_paths, "", out);
	put_numbers(m->balances, m->n_balances, "balance/", out);
	for (size_t i = 0; i < m->n_lists; i++)
		put_list(&m->lists[i], out);
	for (size_t i = 0; i < m->n_hand_states; i++)
		text_printf(out, "hand path %s %s\n", m->hand_states[i].path,
			    member_state_name(m->hand_states[i].state));
	for (size_t i = 0; i < m->n_hand_weights; i++) {
		const struct hand_weight *w = &m->hand_weights[i];

		text_printf(out, "hand weight %s%s%s %u\n", w->balance ? w->balance : "", w->balance ? "/" : "", w->path,
			    w->weight);
	}
	put_found(m, out);
}

void journal_put_states(const struct memory *m, struct text *out)
{
	put_found(m, out);
	for (size_t i = 0; i < m->n_lists; i++)
		put_list(&m->lists[i], out);
}

void journal_put_begin(const struct generation *g, const struct memory *m, struct text *out)
{
	text_printf(out, "begin gen=%" PRIu64 " from=%" PRIu64 " verb=%s profile=%s role=%s sum=%s target=%s by=%s pid=%ld"
		    " at=%s before=%s mark-mask=0x%08x rule-base=%u rules=%u table-base=%u route-protocol=%u\n",
		    g->number, g->from, g->verb, g->profile, g->role, g->sum, g->target, g->by, g->pid, g->at, g->before,
		    g->kernel.mark_mask, g->kernel.rule_base, g->rule_size, g->kernel.table_base,
		    g->kernel.route_protocol);
	put_memory(m, out);
}

static void put_wrote(const struct displaced *d, struct text *out)
{
	if (d->former)
		text_printf(out, "wrote %s %s\n", d->key, d->former);
	if (d->ours)
		text_printf(out, "wrote %s %s\n", d->key, d->ours);
}

void journal_put_displaced(const struct displaced *list, size_t n, struct text *out)
{
	for (size_t i = 0; i < n; i++) {
		text_printf(out, "displaced %s %s\n", list[i].key, list[i].value);
		put_wrote(&list[i], out);
	}
}

void journal_put_rewritten(const struct displaced *list, size_t n, struct text *out)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].rewritten)
			put_wrote(&list[i], out);
}

static void put_history(const struct journal *j, struct text *out)
{
	for (size_t i = 0; i < j->n_history; i++) {
		const struct past *p = &j->history[i];

		text_printf(out, "history gen=%" PRIu64 " outcome=%s why=%s verb=%s profile=%s role=%s sum=%s by=%s at=%s\n",
			    p->number, outcome_name(p->outcome), p->why, p->verb, p->profile, p->role, p->sum, p->by, p->at);
	}
}

static void put_done(const struct journal *j, struct text *out)
{
	text_printf(out, "done gen=%" PRIu64 " sum=%s steer=%s basis=%s nft=%u\n", j->now.number, j->done_sum, j->steer_sum,
		    j->basis ? j->basis : "-", j->nft_generation);
}

void journal_put_trial(const struct trial *t, struct text *out)
{
	if (t->number)
		text_printf(out, "confirm-by gen=%" PRIu64 " boottime=%" PRIu64 ".%03u to=%" PRIu64 " save=%d before=%s\n", t->number,
			    t->until_ms / 1000, (unsigned)(t->until_ms % 1000), t->to, t->save, t->before);
}

void journal_put_all(const struct journal *j, struct text *out)
{
	text_printf(out, "nlbc-journal 1 boot=%s netns=%s\nlast %" PRIu64 "\n", j->boot, j->netns, j->last);
	put_history(j, out);
	if (j->end == JOURNAL_EMPTY) {
		put_memory(&j->memory, out);
	} else {
		journal_put_begin(&j->now, &j->memory, out);
		journal_put_displaced(j->displaced, j->n_displaced, out);
		for (size_t i = 0; i < j->n_since; i++)
			text_printf(out, "since %s %s\n", j->since[i].path, j->since[i].at);
		if (j->end == JOURNAL_DONE)
			put_done(j, out);
	}
	journal_put_trial(&j->trial, out);
	if (j->undone)
		text_puts(out, j->undone);
}
