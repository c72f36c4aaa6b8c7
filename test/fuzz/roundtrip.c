/* SPDX-License-Identifier: MIT */
/* The properties of reading and printing, for the fuzz entries and the unit tests. */
#include "base/base.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "profile/files.h"
#include "profile/fmt.h"
#include "profile/parse.h"
#include "profile/profile.h"
#include "profile/tree.h"
#include "roundtrip.h"

static const struct memory_file included[] = {
	{ "a.prof", { "shaper inc { rate 1mbit }\n", 26 } },
	{ "b.prof", { "include b.prof\n", 15 } },
	{ "c/1.prof", { "define one = 10.1.0.0/16\n", 25 } },
	{ "c/2.prof", { "include ../a.prof", 17 } },
};
static const struct files files = { included, ARRAY_LEN(included) };

static const struct profile *read_again(struct str text, struct arena *a, const char *what)
{
	struct diags d;

	diags_init(&d, a);
	const struct profile *p = profile_read_text("again.prof", text, NULL, a, &d);

	if (!p)
		BUG("%s does not read again: %s\n%.*s", what, d.list[0]->text, (int)text.n, text.p);
	return p;
}

static void must_equal(const struct text *a, const struct text *b, const char *what)
{
	if (a->n != b->n || memcmp(text_get(a), text_get(b), a->n) != 0)
		BUG("%s: not equal\n%s\n--- and\n%s", what, text_get(a), text_get(b));
}

static struct str view(const struct text *t)
{
	return (struct str){ text_get(t), t->n };
}

static void must_keep_digest(const struct profile *p, const struct profile *q, const char *what)
{
	char before[65], after[65];

	profile_digest(p, before);
	profile_digest(q, after);
	if (strcmp(before, after) != 0)
		BUG("%s has another digest", what);
}

static void through_blocks(const struct profile *p, struct arena *a)
{
	auto_text struct text once = { 0 };
	auto_text struct text twice = { 0 };

	profile_print(p, &once);
	const struct profile *q = read_again(view(&once), a, "what was printed");
	const struct tree before = { .root = (struct stmt *)p->tree }, after = { .root = (struct stmt *)q->tree };

	if (!tree_equal(&before, &after))
		BUG("printed blocks read as another tree\n%s", text_get(&once));
	must_keep_digest(p, q, "what was printed");
	profile_print(q, &twice);
	must_equal(&once, &twice, "blocks printed twice");
}

static void through_json(const struct profile *p, struct arena *a)
{
	auto_text struct text once = { 0 };
	auto_text struct text twice = { 0 };
	auto_text struct text line = { 0 };

	profile_print_json(p, 2, &once);
	profile_print_json(p, 0, &line);
	const struct profile *q = read_again(view(&once), a, "the twin");
	const struct profile *r = read_again(view(&line), a, "the twin on one line");

	profile_print_json(q, 2, &twice);
	must_equal(&once, &twice, "twins of twins");
	must_keep_digest(p, q, "the twin");
	must_keep_digest(p, r, "the twin on one line");
	through_blocks(q, a);
}

/* p: what the text says, NULL if it has mistakes that are not of form. */
static void through_fmt(struct str text, const struct profile *p, struct arena *a)
{
	const struct source source = { .name = "fuzz.prof", .text = text };
	auto_text struct text once = { 0 };
	auto_text struct text twice = { 0 };
	struct diags d;

	diags_init(&d, a);
	if (fmt_text(&source, &once, &d) < 0) {
		if (p)
			BUG("what reads cannot be laid out: %s", d.list[0]->text);
		return;
	}
	const struct source again = { .name = "again.prof", .text = view(&once) };

	if (fmt_text(&again, &twice, &d) < 0)
		BUG("what was laid out cannot be laid out: %s\n%s", d.list[0]->text, text_get(&once));
	must_equal(&once, &twice, "laid out twice");
	if (p) {
		const struct profile *q = profile_read_text("again.prof", again.text, &files, a, &d);

		if (!q)
			BUG("what was laid out does not read: %s\n%s", d.list[0]->text, text_get(&once));
		must_keep_digest(p, q, "what was laid out");
	}
}

bool roundtrip(struct str text)
{
	struct arena *a = arena_new();
	struct diags d;

	diags_init(&d, a);
	const struct profile *p = profile_read_text("fuzz.prof", text, &files, a, &d);

	if (p && d.n_errors)
		BUG("a profile with errors");
	if (!p && !d.n_errors)
		BUG("no profile and no error");
	auto_text struct text messages = { 0 };
	diags_print(&d, DIAG_HUMAN, "fuzz.prof", false, &messages);
	if (d.n <= 32)  /* many of them cost most of the time and show nothing new */
		json_decref(diags_json(&d));

	if (p) {
		through_blocks(p, a);
		through_json(p, a);
	}
	through_fmt(text, p, a);
	arena_free(a);
	return p != NULL;
}
