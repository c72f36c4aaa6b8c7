/* SPDX-License-Identifier: MIT */
/* What nlbc weights solve says when it is done: a summary for people, or JSON. */
#include "base/base.h"

#include <inttypes.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/weights_solve.h"
#include "weights/decimal.h"
#include "weights/memory.h"
#include "weights/summary.h"

static size_t taking_part(const struct problem *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->in->n_relays; i++)
		n += p->group[i] != NO_GROUP;
	return n;
}

/* ---- for people ---------------------------------------------------------------------------------------------------- */

static void say_problem(const struct solving *s, struct out *o)
{
	const struct problem *p = s->p;

	out_say(o, "problem   %zu locations in %zu rows, %zu relays in %zu groups", p->in->n_locations, p->n_rows, taking_part(p),
		p->n_groups);
	if (!p->in->is_problem_file && p->in->values.rows)
		out_say(o, "scale     %.12g, penalties are rounded by at most %.3g", penalty_scale_value(&p->in->scale),
			p->in->scale_error);
}

/* A sum of x · p, as an expected penalty; in the arena. */
static const char *penalty_print(const struct solving *s, wide cost)
{
	const struct penalty_scale *scale = &s->in->scale;
	const wide all = (wide)s->p->clients * s->p->supply * scale->n;
	char buf[DECIMAL_TEXT];

	return arena_printf(s->v->arena, "%s", decimal_print(cost, all, scale->tens, 12, buf));
}

static void say_values(const struct solving *s, const struct summary *sum, struct out *o)
{
	const struct certificate *c = &s->certificate;
	char buf[WIDE_TEXT];

	if (s->p->objective != OBJECTIVE_TOTAL)
		out_say(o, "max       %s, the least maximum of vulnerable paths times load", wide_print(s->max, buf));
	if (s->p->objective == OBJECTIVE_MAX_ONLY) {
		if (s->in->values.rows)
			out_say(o, "total     %s expected penalty (vanilla %s)", penalty_print(s, sum->cost),
				penalty_print(s, sum->vanilla_cost));
		return;
	}
	out_say(o, "total     %s expected penalty (vanilla %s), lower bound equal, gap %s", penalty_print(s, sum->cost),
		penalty_print(s, sum->vanilla_cost), wide_print(c->gap, buf));
}

static void say_load(const struct solving *s, const struct summary *sum, struct out *o)
{
	auto_text struct text line = { 0 };

	text_printf(&line, "%zu of %zu groups full", sum->full_groups, s->p->n_groups);
	if (s->in->values.rows)
		text_printf(&line, ", %zu locations worse than vanilla", sum->worse_locations);
	if (s->in->values.rows && sum->has_ratio)
		text_printf(&line, " (worst %.2f of it)", sum->worst_ratio);
	out_say(o, "load      %s", text_get(&line));
	if (s->p->is_quantised)
		out_say(o, "clients   in %" PRId64 " parts; for the numbers as read the fullest relay carries %.4f %% of its capacity",
			s->p->clients, sum->load_max * 100);
}

static void say(struct solving *s)
{
	struct out *o = &s->run.said;
	struct summary sum;

	say_problem(s, o);
	if (s->mps)
		return;
	summary_make(s->result, s->in, s->v->arena, &sum);
	say_values(s, &sum, o);
	say_load(s, &sum, o);
	out_say(o, "time      %.2f s, %" PRIu64 " pivots%s, %s", s->seconds, s->answer.pivots, s->old ? " from an earlier result" : "",
		memory_print(s->v->arena, weights_peak_bytes()));
}

/* ---- for scripts --------------------------------------------------------------------------------------------------- */

static json_t *problem_json(const struct solving *s, const char *command)
{
	const struct problem *p = s->p;
	const struct inputs *in = p->in;

	return json_own(json_pack("{s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:f,s:f,s:I,s:b,s:o,s:o}", "command", command,
				  "objective", s->mps ? s->objective_name : objective_names[p->objective],
				  "position", position_names[in->position], "locations", (json_int_t)in->n_locations,
				  "rows", (json_int_t)p->n_rows, "relays", (json_int_t)taking_part(p),
				  "groups", (json_int_t)p->n_groups, "unit", (json_int_t)in->unit,
				  "scale", penalty_scale_value(&in->scale), "theta", in->theta / 1000.0,
				  "wgg", (json_int_t)in->weights.wgg, "quantised", p->is_quantised,
				  "supply", json_wide(p->supply), "clients", json_wide(p->clients)));
}

static void add_result(json_t *o, const struct solving *s)
{
	const struct certificate *c = &s->certificate;
	const bool has_matrix = s->in->values.rows > 0;
	struct summary sum;

	summary_make(s->result, s->in, s->v->arena, &sum);
	json_put(o, "load_max", json_real(sum.load_max));
	json_put(o, "value", json_wide(c->value));
	json_put(o, "bound", c->has_bound ? json_wide(c->bound) : json_null());
	json_put(o, "gap", c->has_bound ? json_wide(c->gap) : json_null());
	json_put(o, "max", s->p->objective != OBJECTIVE_TOTAL ? json_wide(s->max) : json_null());
	json_put(o, "penalty", has_matrix ? json_real(sum.penalty) : json_null());
	json_put(o, "vanilla_penalty", has_matrix ? json_real(sum.vanilla) : json_null());
	json_put(o, "full_groups", json_integer((json_int_t)sum.full_groups));
	json_put(o, "worse_locations", json_integer((json_int_t)sum.worse_locations));
	json_put(o, "worst_ratio", sum.has_ratio ? json_real(sum.worst_ratio) : json_null());
	json_put(o, "pivots", json_integer((json_int_t)s->answer.pivots));
	json_put(o, "warm", json_boolean(s->old));
	json_put(o, "threads", json_integer((json_int_t)s->problem_wish.threads));
	json_put(o, "cpu_seconds", json_real(s->cpu_seconds));
	json_put(o, "seconds", json_real(s->seconds));
	json_put(o, "peak_bytes", json_integer((json_int_t)weights_peak_bytes()));
}

void solving_tell(struct solving *s)
{
	struct invocation *v = s->v;

	if (!v->out.json) {
		say(s);
		return;
	}
	json_t *o = problem_json(s, s->mps ? "mps" : "solve");

	if (!s->mps)
		add_result(o, s);
	json_put(o, "files", json_incref(s->outputs.files));
	json_put(o, "warnings", weights_warnings(v));
	out_json(&v->out, "weights", o);
}
