/* SPDX-License-Identifier: MIT */
/* nlbc weights certify: is a result allowed, and can none be better? Judged from the inputs alone. */
#include "base/base.h"

#include <errno.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/verbs.h"
#include "cli/weights.h"
#include "weights/certify.h"
#include "weights/result.h"

struct certifying {
	struct invocation *v;
	struct weights_run run;
	struct inputs_wish inputs;
	const struct result *result;
	const struct inputs *in;
	struct certificate c;
};

/* Words are wrong by no amount. */
static bool has_amount(const struct broken *k)
{
	return k->condition != CONDITION_FORM || k->by != 0;
}

/* What was computed anew: T with its proof, then the total penalty with its bound. Of max-only T alone is the least. */
static void say_values(const struct certifying *s)
{
	const struct certificate *c = &s->c;
	struct out *o = &s->v->out;
	char a[WIDE_TEXT], b[WIDE_TEXT], g[WIDE_TEXT];

	if (!c->has_value) {
		out_say(o, "value     not computed: the result is not of these inputs");
		return;
	}
	if (c->has_max && c->max > 0)
		out_say(o, "max       %s is the least: at one less the relays take %s of %s", wide_print(c->max, a),
			wide_print(c->below, b), wide_print(c->supply, g));
	else if (c->has_max)
		out_say(o, "max       0");
	if (c->has_bound)
		out_say(o, "value     %s, lower bound %s, gap %s", wide_print(c->value, a), wide_print(c->bound, b), wide_print(c->gap, g));
	else if (s->in->values.rows > 0)
		out_say(o, "value     %s, which objective max alone leaves as it comes", wide_print(c->value, a));
}

static void say(const struct certifying *s)
{
	const struct certificate *c = &s->c;
	struct out *o = &s->v->out;
	char a[WIDE_TEXT];

	for (size_t i = 0; i < MIN(c->n_broken, DIAGS_SHOWN); i++) {
		const struct broken *k = &c->broken[i];

		out_say(o, has_amount(k) ? "broken    %s: %s, by %s" : "broken    %s: %s", condition_names[k->condition], k->where,
			wide_print(k->by, a));
	}
	if (c->n_broken > DIAGS_SHOWN)
		out_say(o, "broken    %zu more", c->n_broken - DIAGS_SHOWN);
	out_say(o, "feasible  %s", c->is_feasible ? "yes, all conditions hold" : "no");
	say_values(s);
}

static json_t *result_json(const struct certifying *s)
{
	const struct certificate *c = &s->c;
	json_t *broken = json_own(json_array());

	for (size_t i = 0; i < MIN(c->n_broken, BROKEN_KEPT); i++) {
		const struct broken *k = &c->broken[i];

		json_push(broken, json_pack("{s:s,s:s,s:o}", "condition", condition_names[k->condition], "where", k->where,
					    "by", has_amount(k) ? json_wide(k->by) : json_null()));
	}
	return json_own(json_pack("{s:s,s:b,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "command", "certify", "feasible", c->is_feasible,
				  "broken", broken, "value", c->has_value ? json_wide(c->value) : json_null(),
				  "bound", c->has_bound ? json_wide(c->bound) : json_null(),
				  "gap", c->has_bound ? json_wide(c->gap) : json_null(),
				  "max", c->has_max ? json_wide(c->max) : json_null(),
				  "ratio", c->has_bound && c->bound > 0 ? json_real((double)c->value / (double)c->bound) : json_null(),
				  "warnings", weights_warnings(s->v)));
}

static int read_all(struct certifying *s)
{
	struct invocation *v = s->v;
	int err = files_check(v);

	if (!err)
		err = weights_inputs(v, &s->inputs);
	if (err)
		return err;
	s->result = result_read(v->args[0], v->arena, &v->diags);
	if (!s->result)
		return -EINVAL;
	s->inputs.needs_matrix = s->result->objective == OBJECTIVE_TOTAL || !s->inputs.vuln;
	s->in = inputs_read(&s->inputs, v->arena, &v->diags);
	return s->in ? 0 : -EINVAL;
}

static int run_certify(struct invocation *v)
{
	struct certifying s = { .v = v };

	if (read_all(&s) != 0)
		return weights_told(v, 0);
	weights_run_init(&s.run, v, false);
	weights_run_start(&s.run, "certify");
	int err = certify(s.result, s.in, &s.run.progress, v->arena, &s.c);

	if (weights_run_stopped(&s.run) || err)
		return 0;
	if (v->out.json)
		out_json(&v->out, "weights", result_json(&s));
	else
		say(&s);
	return s.c.is_feasible && (!s.c.has_bound || s.c.gap == 0) ? 0 : failure_of("state")->exit;
}

const struct command command_weights_certify = {
	.name = "weights certify", .arguments = "RESULT", .min_args = 1, .max_args = 1,
	.help = "Check a result against the inputs that it is said to be of, by code that shares nothing with the solver but the "
		"readers of files: that all conditions hold, that every number in it is right, and that no weights are better. "
		"Exit 0 if so.",
	.options = { WEIGHTS_INPUTS },
	.run = run_certify,
};
