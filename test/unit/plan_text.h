/* SPDX-License-Identifier: MIT */
/* For tests of the compiler: profile text in, lines of the plan out. State is kept between two compilations, as the
 * journal would. */
#ifndef NLBC_TEST_PLAN_TEXT_H
#define NLBC_TEST_PLAN_TEXT_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "plan/plan.h"
#include "unit.h"

static struct {
	struct arena *a;
	struct diags d;
	const struct machine *m;
	struct facts *f;
	struct memory memory;
	struct plan *p;
} w;

static inline void plan_setup(void)
{
	memset(&w, 0, sizeof(w));
	w.a = arena_new();
	diags_init(&w.d, w.a);
}

static inline void plan_teardown(void)
{
	arena_free(w.a);
}

static inline const char *messages(void)
{
	auto_text struct text t = { 0 };

	for (size_t i = 0; i < w.d.n; i++)
		text_printf(&t, "%s: %s\n", w.d.list[i]->severity == DIAG_ERROR ? "error" : "warning", w.d.list[i]->text);
	return arena_copy(w.a, text_get(&t), t.n);
}

/* Another profile for the same machine; what is remembered stays. */
static inline void load(const char *text)
{
	diags_init(&w.d, w.a);
	const struct profile *p = profile_read_text("t.prof", str_of(text), NULL, w.a, &w.d);

	ck_assert_msg(p != NULL, "%s", messages());
	w.m = &p->machines[0];
	w.f = facts_ask(w.m, w.a);
	diags_init(&w.d, w.a);
}

/* Compiles what is loaded with what is remembered. */
static inline void compile_again(void)
{
	struct memory after;

	diags_init(&w.d, w.a);
	w.p = plan_compile(w.m, w.f, &w.memory, &after, w.a, &w.d);
	if (w.p)
		w.memory = after;
}

static inline void compile_text(const char *text)
{
	load(text);
	compile_again();
	ck_assert_msg(w.p != NULL, "%s", messages());
}

/* Does the line's key begin with one of these words? */
static inline bool is_asked(const char *line, const char *words)
{
	if (!*words)
		return true;
	while (*words) {
		const size_t n = strcspn(words, " ");

		if (strncmp(line, words, n) == 0)
			return true;
		words += n + strspn(words + n, " ");
	}
	return false;
}

/* The lines of the plan whose keys begin with one of these words (none: all), in single blanks. */
static inline const char *lines(const char *words)
{
	auto_text struct text all = { 0 };
	auto_text struct text some = { 0 };

	plan_print(w.p, &all);
	for (const char *p = text_get(&all); *p; p += strcspn(p, "\n") + 1) {
		const size_t n = strcspn(p, "\n"), key = strcspn(p, " \n");

		if (!is_asked(p, words))
			continue;
		text_add(&some, p, key);
		if (key < n) {
			text_putc(&some, ' ');
			text_add(&some, p + key + strspn(p + key, " "), n - key - strspn(p + key, " "));
		}
		text_putc(&some, '\n');
	}
	return arena_copy(w.a, text_get(&some), some.n);
}

/* Check cannot carry texts as long as these. */
static inline void expect_text(const char *what, const char *found, const char *expected)
{
	if (strcmp(found, expected) == 0)
		return;
	(void)fprintf(stderr, "%s: found\n%s\ninstead of\n%s\n", what, found, expected);
	ck_abort_msg("%s", what);
}
#define expect_lines(words, expected) expect_text(__func__, lines(words), (expected))

/* The owners of a slot or turn map, by the end of their chains' names: "p1 p2 -". */
static inline const char *owners(const char *map)
{
	auto_text struct text t = { 0 };

	for (size_t i = 0; i < w.p->n_maps; i++) {
		const struct map *m = &w.p->maps[i];
		size_t k = 0;

		if (strcmp(m->name, map) != 0)
			continue;
		for (uint32_t e = 0; e < m->size; e++) {
			const bool there = k < m->n && m->entries[k].key == e;

			text_printf(&t, "%s%s", e ? " " : "", there ? strrchr(m->entries[k].chain, '_') + 1 : "-");
			k += there;
		}
		return arena_copy(w.a, text_get(&t), t.n);
	}
	return "no such map";
}

#endif
