/* SPDX-License-Identifier: MIT */
/* nlbc weights penalty: the matrix of penalties that follows from AS relationships. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/verbs.h"
#include "cli/weights.h"
#include "weights/penalty.h"

enum { RELAYS_A_LINE = 1000 };

struct charging {
	struct invocation *v;
	struct weights_run run;
	struct penalty_wish wish;
	const struct penalties *p;
	struct outputs outputs;
};

static int check_files(struct invocation *v, const struct penalty_wish *w)
{
	static const char *const needed[] = { "relations", "relays", "clients", "out" };

	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!option_given(v, needed[i]))
			return weights_refuse(v, arena_printf(v->arena, "'--%s' is missing", needed[i]), "nlbc help weights penalty");
	if (!w->prefixes == !w->location)
		return weights_refuse(v, w->prefixes ? "'--prefixes' and '--location' exclude each other" :
						       "the relays' ASes are not given",
				      "--prefixes FILE or --location FILE");
	if (!w->destinations == !w->suspects)
		return weights_refuse(v, w->suspects ? "'--destinations' and '--suspects' exclude each other" :
						       "no penalties are asked for",
				      "--destinations FILE or --suspects FILE");
	if (w->suspects && option_given(v, "samples"))
		return weights_refuse(v, "'--samples' is for '--destinations'", "suspects are counted, not sampled");
	return files_check(v);
}

static int read_options(struct charging *s)
{
	struct invocation *v = s->v;
	uint64_t samples = 4096, threads = 1;
	struct penalty_wish *w = &s->wish;

	*w = (struct penalty_wish){
		.relations = option_value(v, "relations"), .relays = option_value(v, "relays"), .clients = option_value(v, "clients"),
		.prefixes = option_value(v, "prefixes"), .location = option_value(v, "location"),
		.destinations = option_value(v, "destinations"), .suspects = option_value(v, "suspects"),
		.lenient = option_given(v, "lenient"),
	};
	int err = check_files(v, w);

	if (!err)
		err = weights_memory(v);
	if (!err)
		err = weights_number(v, "samples", 64, 65536, &samples);
	if (!err && samples % 64)
		err = weights_refuse(v, arena_printf(v->arena, "'%s' for '--samples' is not a multiple of 64", option_value(v, "samples")),
				     "from 64 to 65536");
	if (!err)
		err = weights_number(v, "threads", 1, 64, &threads);
	w->samples = (unsigned)samples;
	w->threads = (unsigned)threads;
	return err;
}

/* ---- what is written ----------------------------------------------------------------------------------------------- */

static void print_head(const struct penalties *p, FILE *f)
{
	fprintf(f, "nlbc-penalty 1\nscale %" PRIu32 "\n", p->scale);
	for (size_t i = 0; i < p->values.columns; i++) {
		const bool is_last = i + 1 == p->values.columns || i % RELAYS_A_LINE == RELAYS_A_LINE - 1;

		fprintf(f, "%sAS%" PRIu32 "%s", i % RELAYS_A_LINE ? " " : "relays ", p->columns[i], is_last ? "\n" : "");
	}
}

static int print_matrix(struct charging *s, FILE *f)
{
	const struct penalties *p = s->p;

	print_head(p, f);
	for (size_t i = 0; i < p->values.rows && !ferror(f); i++) {
		fputs(p->rows[i], f);
		for (size_t j = 0; j < p->values.columns; j++)
			fprintf(f, " %" PRIu32, values_at(&p->values, i, j));
		fputc('\n', f);
		if (*s->v->interrupted)
			return -EINTR;
	}
	return ferror(f) ? -errno : 0;
}

static int write_matrix(struct charging *s)
{
	FILE *f = outputs_open(&s->outputs, s->v, option_value(s->v, "out"));

	return f ? outputs_close(&s->outputs, print_matrix(s, f)) : -EIO;
}

static void tell(struct charging *s)
{
	const struct penalties *p = s->p;
	struct invocation *v = s->v;
	struct out *o = &s->run.said;

	if (v->out.json) {
		out_json(&v->out, "weights",
			 json_own(json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:O,s:o}", "command", "penalty",
					    "locations", (json_int_t)p->values.rows, "columns", (json_int_t)p->values.columns,
					    "scale", (json_int_t)p->scale, "relations", (json_int_t)p->n_relations,
					    "ases", (json_int_t)p->n_as, "relays_without_as", (json_int_t)p->relays_without_as,
					    "pairs_without_route", (json_int_t)p->pairs_without_route, "files", s->outputs.files,
					    "warnings", weights_warnings(v))));
		return;
	}
	out_say(o, "relations %zu between %zu ASes", p->n_relations, p->n_as);
	out_say(o, "penalties %zu locations, %zu ASes of guards, scale %" PRIu32, p->values.rows, p->values.columns, p->scale);
}

static int run_penalty(struct invocation *v)
{
	const char *out = option_value(v, "out");
	struct charging s = { .v = v };

	weights_run_init(&s.run, v, out && strcmp(out, "-") == 0);
	if (read_options(&s) == 0) {
		weights_run_start(&s.run, "routes");
		s.p = penalty_compute(&s.wish, &s.run.progress, v->arena, &v->diags);
		if (s.p && weights_run_keep(&s.run, &s.outputs, write_matrix(&s)) == 0)
			tell(&s);
	}
	outputs_drop(&s.outputs);
	return weights_told(v, 0);
}

const struct command command_weights_penalty = {
	.name = "weights penalty", .arguments = "",
	.help = "Compute penalties from AS relationships: how many of a sample of circuits' far ends share an AS with the way from a "
		"location to a guard and back, or how many suspects stand on that way. Writes a matrix with a row for each "
		"location and a column for each AS that has guards.",
	.options = {
		{ "relations", 0, "FILE", false, "relationships of ASes, CAIDA's serial-1 or serial-2" },
		{ "relays", 0, "CONSENSUS", false, "the network's guards and exits" },
		{ "prefixes", 0, "FILE", false, "prefixes of ASes (pfx2as)" },
		{ "location", 0, "FILE", false, "the same from the output of `location dump`" },
		{ "clients", 0, "FILE", false, "locations, as `nlbc weights clients` writes them" },
		{ "destinations", 0, "FILE", false, "where circuits lead: CSV as,weight" },
		{ "samples", 0, "N", false, "of exit and destination, a multiple of 64 up to 65536 (4096)" },
		{ "suspects", 0, "FILE", false, "ASes to be avoided, one a line" },
		{ "threads", 0, "N", false, "1 to 64; the result does not depend on it (1)" },
		WEIGHTS_MEMORY,
		{ "lenient", 0, NULL, false, "leave out malformed lines of data files, with a warning" },
		{ "out", 0, "FILE", false, "where the matrix is written" },
	},
	.run = run_penalty,
};
