/* SPDX-License-Identifier: MIT */
/* What the worst 1 MiB of profile costs: each kind is read and told what is wrong, read and printed both ways, and laid
 * out, each in a process of its own; a table shows processor time (the least of several runs) and memory. Fails where
 * 100 ms or 64 MiB do not suffice. No part of `make check`, as a busy machine has other times: make bench-profile. */
#include "base/base.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include "base/arena.h"
#include "base/text.h"
#include "profile/fmt.h"
#include "profile/profile.h"

enum { MIB = 1 << 20, LIMIT_MS = 100, LIMIT_MIB = 64, RUNS = 5 };

static void fill(struct text *t, const char *unit)
{
	while (t->n + strlen(unit) <= MIB)
		text_puts(t, unit);
}

static void begin(struct text *t)
{
	text_puts(t, "nlbc 1\nprofile nasty\n");
}

/* ---- text that is hardly a profile ------------------------------------------------------------------------------ */

static void one_word(struct text *t) { fill(t, "a"); }
static void line_ends(struct text *t) { fill(t, "\n"); }
static void semicolons(struct text *t) { fill(t, ";"); }
static void short_words(struct text *t) { fill(t, "a\n"); }
static void opening(struct text *t) { fill(t, "a{\n"); }
static void closing(struct text *t) { fill(t, "}\n"); }
static void open_strings(struct text *t) { fill(t, "a \"\n"); }
static void comments(struct text *t) { fill(t, "#\n"); }
static void joins(struct text *t) { fill(t, "\\\n"); }
static void not_utf8(struct text *t) { fill(t, "\xff\xfe\n"); }
static void control_bytes(struct text *t) { fill(t, "\1"); }
static void undefined(struct text *t) { fill(t, "a $x $y\n"); }

static void long_lines(struct text *t)
{
	while (t->n + 4096 <= MIB) {
		for (int i = 0; i < 4090; i++)
			text_putc(t, "abcd"[i % 4]);
		text_putc(t, '\n');
	}
}

static void joined_lines(struct text *t)
{
	begin(t);
	text_puts(t, "balance b { path p; to \\\n");
	fill(t, "10.0.0.0/24 \\\n");
}

static void columns(struct text *t)
{
	text_puts(t, "a 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0\n");
	fill(t, "a 1\n");
}

/* ---- profiles whose statements are wrong ------------------------------------------------------------------------- */

static void unknown_keywords(struct text *t)
{
	begin(t);
	text_puts(t, "shaper s {\n");
	fill(t, "qunatum 1514; rtae 1mbit\n");
}

static void given_twice(struct text *t)
{
	begin(t);
	text_puts(t, "kernel {\n");
	fill(t, "target nft\n");
}

static void named_twice(struct text *t)
{
	begin(t);
	fill(t, "path p { }\n");
}

static void dangling(struct text *t)
{
	begin(t);
	text_puts(t, "interface i { device i }\n");
	for (unsigned i = 0; i < 4000; i++)
		text_printf(t, "path path-number-%u { interface i }\n", i);
	text_puts(t, "balance b { in i\n");
	for (unsigned i = 0; t->n < MIB - 40; i++)
		text_printf(t, "path pathnumber-%u\n", i % 9000);
	text_puts(t, "}\n");
}

static void variables(struct text *t)
{
	begin(t);
	text_puts(t, "define a = 10.0.0.0/8 10.0.0.0/8 10.0.0.0/8 10.0.0.0/8 10.0.0.0/8 10.0.0.0/8 10.0.0.0/8 10.0.0.0/8\n"
		     "define b = $a $a $a $a $a $a $a $a\nbalance b { path p\n");
	fill(t, "to $b $b $b $b $b $b $b $b\n");
}

/* ---- profiles that are right, or nearly ------------------------------------------------------------------------- */

static void settings(struct text *t)
{
	begin(t);
	for (unsigned i = 0; i < 33000 && t->n < MIB - 40; i++)
		text_printf(t, "sysctl net.x%u 1\n", i);
}

static void paths(struct text *t)
{
	begin(t);
	text_puts(t, "kernel { mark-mask 0xffffff }\ninterface i { device i }\n");
	for (unsigned i = 0; i < 4094; i++)
		text_printf(t, "path p%u { interface i; via 10.0.%u.%u; probe ping 10.0.0.1; weight %u }\n", i, i / 256, i % 256,
			    i % 1000 + 1);
	text_puts(t, "balance b { in i\n");
	for (unsigned i = 0; i < 4094; i++)
		text_printf(t, "path p%u\n", i);
	text_puts(t, "}\n");
}

static void prefixes(struct text *t)
{
	begin(t);
	text_puts(t, "interface i { device i }\npath p { interface i }\n");
	for (unsigned b = 0; b < 64; b++) {
		text_printf(t, "balance b%u { path p; from", b);
		for (unsigned i = 0; i < 240; i++)
			text_printf(t, " 10.%u.%u.0/24 \\\n", b, i);
		text_puts(t, "\nto");
		for (unsigned i = 0; i < 240; i++)
			text_printf(t, " 11.%u.%u.0/24 \\\n", i, b);
		text_puts(t, "\n}\n");
	}
}

static void overlaps(struct text *t)
{
	begin(t);
	text_puts(t, "interface i { device i }\npath p { interface i }\n");
	for (unsigned b = 0; b < 64; b++) {
		text_printf(t, "balance b%u { path p; from 10.%u.0.0/16 11.%u.0.0/16; to", b, b, b);
		for (unsigned i = 0; i < 760; i++)
			text_printf(t, " 12.%u.%u.0/24 \\\n", i / 256, i % 256);
		text_puts(t, "\n}\n");
	}
}

static void roles(struct text *t)
{
	begin(t);
	text_puts(t, "kernel { mark-mask 0xffffff }\n");
	for (unsigned i = 0; i < 1024; i++)
		text_printf(t, "interface i%u { device i%u; shaper { rate 1mbit } }\n", i, i);
	for (unsigned i = 0; i < 4094; i++)
		text_printf(t, "path p%u { interface i%u; probe ping 10.0.0.1 }\n", i, i % 1024);
	for (unsigned r = 0; r < 64; r++) {
		text_printf(t, "role r%u { balance b { in i0\n", r);
		for (unsigned i = 0; i < 400; i++)
			text_printf(t, "path p%u\n", i);
		text_puts(t, "} }\n");
	}
}

static void servers(struct text *t)
{
	begin(t);
	for (unsigned p = 0; p < 21; p++) {
		text_printf(t, "proxy p%u { listen 127.0.0.1:%u\n", p, p + 1);
		for (unsigned s = 0; s < 1024; s++)
			text_printf(t, "server s%u { address 127.0.1.1:%u }\n", s, s + 1);
		text_puts(t, "}\n");
	}
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static void json_arrays(struct text *t)
{
	text_puts(t, "{\"a\":");
	fill(t, "[");
}

static void json_objects(struct text *t)
{
	fill(t, "{\"a\":");
}

static void json_numbers(struct text *t)
{
	text_puts(t, "{\"nlbc\":1,\"profile\":\"a\",\"sysctl\":[1");
	while (t->n < MIB - 8)
		text_puts(t, ",1");
	text_puts(t, "]}");
}

static void json_members(struct text *t)
{
	text_puts(t, "{\"nlbc\":1,\"profile\":\"a\"");
	for (unsigned i = 0; t->n < MIB - 20; i++)
		text_printf(t, ",\"a%u\":1", i);
	text_puts(t, "}");
}

static void json_prefixes(struct text *t)
{
	text_puts(t, "{\"nlbc\":1,\"profile\":\"a\",\"interface\":{\"i\":{\"device\":\"i\"}},\"path\":{\"p\":{\"interface\":\"i\"}},"
		     "\"balance\":{\"b\":{\"path\":[\"p\"],\"to\":[\"10.0.0.0/8\"");
	for (unsigned i = 0; i < 60000 && t->n < MIB - 40; i++)
		text_printf(t, ",\"11.%u.%u.%u/32\"", i / 65536, i / 256 % 256, i % 256);
	text_puts(t, "]}}}");
}

static void json_order(struct text *t)
{
	text_puts(t, "{\"nlbc\":1,\"profile\":\"a\",\"interface\":{\"i\":{\"device\":\"i\"}},"
		     "\"kernel\":{\"mark-mask\":16777215},\"path\":{\"p\":1");
	for (unsigned i = 0; i < 4000; i++)
		text_printf(t, ",\"p%u\":{\"interface\":\"i\"}", i);
	text_puts(t, "},\"path-order\":[\"p\"");
	for (unsigned i = 0; t->n < MIB - 20; i++)
		text_printf(t, ",\"p%u\"", 4000 - i % 8000);
	text_puts(t, "]}");
}

static const struct {
	const char *name;
	void (*make)(struct text *t);
} kinds[] = {
	{ "one word", one_word }, { "line ends", line_ends }, { "semicolons", semicolons }, { "short words", short_words },
	{ "opening braces", opening }, { "closing braces", closing }, { "open strings", open_strings },
	{ "comments", comments }, { "joins", joins }, { "not UTF-8", not_utf8 }, { "control bytes", control_bytes },
	{ "undefined variables", undefined }, { "long lines", long_lines }, { "joined lines", joined_lines },
	{ "columns", columns }, { "unknown keywords", unknown_keywords }, { "given twice", given_twice },
	{ "named twice", named_twice }, { "dangling names", dangling }, { "variables", variables },
	{ "settings", settings }, { "4094 paths", paths }, { "prefixes", prefixes }, { "overlaps", overlaps },
	{ "64 roles", roles }, { "servers", servers }, { "JSON arrays", json_arrays }, { "JSON objects", json_objects },
	{ "JSON numbers", json_numbers }, { "JSON members", json_members }, { "JSON prefixes", json_prefixes },
	{ "JSON path-order", json_order },
};

struct cost {
	double ms;
	long mib;
	size_t errors;
};

static struct cost cost_now(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (struct cost){ .ms = (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e3 +
				    (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e3,
			      .mib = r.ru_maxrss / 1024 };
}

static const struct profile *read_it(struct str text, struct arena *a, struct text *out, size_t *errors)
{
	struct diags d;

	diags_init(&d, a);
	const struct profile *p = profile_read_text("nasty", text, NULL, a, &d);

	diags_print(&d, DIAG_HUMAN, "nasty", false, out);
	*errors = d.n_errors;
	return p;
}

static size_t check(struct str text)
{
	struct arena *a = arena_new();
	auto_text struct text out = { 0 };
	size_t errors;

	(void)read_it(text, a, &out, &errors);
	arena_free(a);
	return errors;
}

/* Reading, and printing both ways. */
static size_t convert(struct str text)
{
	struct arena *a = arena_new();
	auto_text struct text out = { 0 };
	size_t errors;
	const struct profile *p = read_it(text, a, &out, &errors);

	if (p) {
		profile_print(p, &out);
		profile_print_json(p, 0, &out);
	}
	arena_free(a);
	return errors;
}

static size_t lay_out(struct str text)
{
	const struct source source = { .name = "nasty", .text = text };
	struct arena *a = arena_new();
	auto_text struct text out = { 0 };
	struct diags d;

	diags_init(&d, a);
	if (fmt_text(&source, &out, &d) < 0)
		diags_print(&d, DIAG_HUMAN, "nasty", false, &out);
	arena_free(a);
	return d.n_errors;
}

/* In a process of its own, so that memory is counted from nothing. */
static struct cost measure_once(struct str text, size_t (*work)(struct str text))
{
	struct cost c = { .ms = -1 };
	int ends[2];

	if (pipe(ends) < 0)
		return c;
	const pid_t child = fork();

	if (child == 0) {
		const struct cost before = cost_now();
		const size_t errors = work(text);
		struct cost after = cost_now();

		after.ms -= before.ms;
		after.mib -= before.mib;
		after.errors = errors;
		_exit(write(ends[1], &after, sizeof(after)) == sizeof(after) ? 0 : 1);
	}
	(void)close(ends[1]);
	if (child < 0 || read(ends[0], &c, sizeof(c)) != sizeof(c))
		c.ms = -1;
	(void)close(ends[0]);
	if (child > 0)
		(void)waitpid(child, NULL, 0);
	return c;
}

static struct cost measure(struct str text, size_t (*work)(struct str text))
{
	struct cost least = measure_once(text, work);

	for (int i = 1; i < RUNS && least.ms >= 0; i++) {
		const struct cost c = measure_once(text, work);

		if (c.ms < least.ms)
			least = c;
	}
	return least;
}

static bool fits(const struct cost *c)
{
	return c->ms >= 0 && c->ms <= LIMIT_MS && c->mib <= LIMIT_MIB;
}

int main(void)
{
	int failed = 0;

	printf("%-20s %8s %7s  %6s %4s  %8s %4s  %6s %4s\n", "kind", "bytes", "errors", "check", "", "convert", "", "fmt", "");
	printf("%-20s %8s %7s  %6s %4s  %8s %4s  %6s %4s\n", "", "", "", "ms", "MiB", "ms", "MiB", "ms", "MiB");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		auto_text struct text t = { 0 };

		kinds[i].make(&t);
		const struct str text = { text_get(&t), MIN(t.n, (size_t)MIB) };

		fflush(stdout);
		const struct cost r = measure(text, check);
		const struct cost c = measure(text, convert);
		const struct cost f = measure(text, lay_out);
		const bool good = fits(&r) && c.ms >= 0 && c.mib <= LIMIT_MIB && fits(&f);

		printf("%-20s %8zu %7zu  %6.1f %4ld  %8.1f %4ld  %6.1f %4ld%s\n", kinds[i].name, text.n, r.errors, r.ms, r.mib,
		       c.ms, c.mib, f.ms, f.mib, good ? "" : "   TOO MUCH");
		failed |= !good;
	}
	return failed;
}
