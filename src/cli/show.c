/* SPDX-License-Identifier: MIT */
/* Printing changes: signs and columns for people, objects for scripts. */
#include "base/base.h"

#include "cli/show.h"

static const struct {
	const char *sign, *word;
	enum tint tint;
} signs[] = {
	[CHANGE_ADD] = { "+", "add", TINT_GOOD },
	[CHANGE_EDIT] = { "~", "change", TINT_CARE },
	[CHANGE_REMOVE] = { "-", "remove", TINT_BAD },
};

static const struct item *subject(const struct change *c)
{
	return c->to ? c->to : c->from;
}

/* The keys' common width, so that bodies stand in a column; one long key does not push all of them away. */
static int key_width(const struct road *r)
{
	size_t width = 0;

	for (size_t i = 0; i < r->n_steps; i++)
		for (size_t c = 0; c < r->steps[i].changes.n; c++)
			width = MAX(width, strlen(subject(&r->steps[i].changes.list[c])->key));
	return (int)MIN(width, (size_t)46);
}

/* A body of several lines (a chain's rules) goes on under its first. */
static void show_lines(const char *body, int indent, struct text *out)
{
	for (const char *p = body;;) {
		size_t n = strcspn(p, "\n");

		text_add(out, p, n);
		text_putc(out, '\n');
		if (!p[n])
			return;
		p += n + 1;
		text_printf(out, "%*s", indent, "");
	}
}

static void show_change(const struct change *c, int width, bool colour, struct text *out)
{
	const char *key = subject(c)->key;
	bool lines = strchr(subject(c)->body, '\n') || (c->from && strchr(c->from->body, '\n'));
	int indent = 14 + MAX(width, (int)strlen(key));

	tint_add(out, colour, signs[c->op].tint, signs[c->op].sign);
	text_printf(out, " %-8s %-*s   ", stage_name(c->stage), width, key);
	if (c->op == CHANGE_EDIT && lines) {
		show_lines(c->from->body, indent, out);
		text_printf(out, "%*s-> ", indent - 3, "");
		show_lines(c->to->body, indent, out);
	} else if (c->op == CHANGE_EDIT) {
		text_printf(out, "%s -> %s\n", c->from->body, c->to->body);
	} else {
		show_lines(subject(c)->body, indent, out);
	}
}

void show_changes(const struct road *r, bool colour, struct text *out)
{
	int width = key_width(r);
	size_t n = road_changes(r);

	for (enum stage stage = STAGE_PREPARE; stage <= STAGE_RETIRE; stage++)
		for (size_t i = 0; i < r->n_steps; i++)
			for (size_t c = 0; c < r->steps[i].changes.n; c++)
				if (r->steps[i].changes.list[c].stage == stage)
					show_change(&r->steps[i].changes.list[c], width, colour, out);
	if (n)
		text_printf(out, "%zu difference%s: %zu to add, %zu to change, %zu to remove\n", n, n == 1 ? "" : "s", r->n_add,
			    r->n_edit, r->n_remove);
}

json_t *place_json(const struct place *p)
{
	if (!p->source)
		return json_null();
	json_t *o = json_pack("{s:s,s:n,s:n,s:s?}", "file", p->source->name, "line", "column", "pointer", p->pointer);

	if (!p->pointer) {
		(void)json_object_set_new(o, "line", json_integer((json_int_t)p->line));
		(void)json_object_set_new(o, "column", json_integer((json_int_t)p->column));
	}
	return o;
}

static json_t *change_json(const struct change *c)
{
	return json_pack("{s:s,s:s,s:s,s:s?,s:s?,s:o}", "op", signs[c->op].word, "stage", stage_name(c->stage), "key",
			 subject(c)->key, "from", c->from ? c->from->body : NULL, "to", c->to ? c->to->body : NULL, "place",
			 place_json(&subject(c)->origin.place));
}

json_t *changes_json(const struct road *r, struct diags *d)
{
	json_t *list = json_array();

	for (enum stage stage = STAGE_PREPARE; stage <= STAGE_RETIRE; stage++)
		for (size_t i = 0; i < r->n_steps; i++)
			for (size_t c = 0; c < r->steps[i].changes.n; c++)
				if (r->steps[i].changes.list[c].stage == stage)
					(void)json_array_append_new(list, change_json(&r->steps[i].changes.list[c]));
	return json_pack("{s:I,s:I,s:I,s:o,s:o}", "add", (json_int_t)r->n_add, "change", (json_int_t)r->n_edit, "remove",
			 (json_int_t)r->n_remove, "changes", list, "warnings", diags_json(d));
}
