/* SPDX-License-Identifier: MIT */
/* nlbc weights solve: reads a problem, solves it, lets the certificate look at the result, and only then writes it. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>
#include <time.h>

#include "cli/command.h"
#include "cli/verbs.h"
#include "cli/weights.h"
#include "cli/weights_solve.h"
#include "weights/problem.h"

/* What the options ask for, and whether they fit each other. */
static int read_objective(struct solving *s)
{
	static const char *const names[] = {
		[MPS_TOTAL] = "total", [MPS_MAX] = "max", [MPS_MAX_RELAY] = "max-relay", [MPS_MAX_LOCATION] = "max-location",
		[MPS_MAX_CLIENT] = "max-client",
	};
	struct invocation *v = s->v;
	const char *given = option_value(v, "objective"), *second = option_value(v, "second");
	const bool has_matrix = s->inputs.problem || s->inputs.penalty;

	for (size_t i = 0; given && i < ARRAY_LEN(names); i++)
		if (strcmp(given, names[i]) == 0)
			s->mps_objective = (enum mps_objective)i;
	s->objective_name = names[s->mps_objective];
	if (s->mps_objective > MPS_MAX && !s->mps)
		return weights_refuse(v, arena_printf(v->arena, "objective '%s' is for '--mps' alone", s->objective_name), "total or max");
	if (s->mps && (s->out || s->warm))
		return weights_refuse(v, arena_printf(v->arena, "'--mps' and '--%s' exclude each other", s->out ? "out" : "warm"),
				      "--mps writes the problem and does not solve it");
	if (s->mps_objective != MPS_MAX && second)
		return weights_refuse(v, "'--second' is for '--objective max'", "objective total has one stage");
	if (s->mps_objective != MPS_MAX && s->inputs.vuln)
		return weights_refuse(v, "'--vuln' is for '--objective max'", "add --objective max");
	if (second && strcmp(second, "total") == 0 && !has_matrix)
		return weights_refuse(v, "'--second total' needs penalties", "add --clients and --penalty");
	s->inputs.needs_matrix = s->mps_objective != MPS_MAX || !s->inputs.vuln;
	if (s->mps_objective == MPS_MAX)
		s->problem_wish.objective = (second ? strcmp(second, "none") == 0 : !has_matrix) ? OBJECTIVE_MAX_ONLY : OBJECTIVE_MAX;
	return 0;
}

static int read_options(struct solving *s)
{
	struct invocation *v = s->v;
	uint64_t threads = 1;
	int err = files_check(v);

	if (!err)
		err = weights_inputs(v, &s->inputs);
	if (!err)
		err = weights_number(v, "threads", 1, 64, &threads);
	if (!err)
		err = read_objective(s);
	s->problem_wish.no_merge = option_given(v, "no-merge");
	s->problem_wish.threads = (unsigned)threads;
	return err;
}

/* All that is read and made before the work begins. 0, -EINVAL explained. */
static int read_problem(struct solving *s)
{
	struct invocation *v = s->v;

	s->in = inputs_read(&s->inputs, v->arena, &v->diags);
	if (s->in && s->warm)
		s->old = result_read(s->warm, v->arena, &v->diags);
	if (!s->in || (s->warm && !s->old))
		return -EINVAL;
	if (s->mps)
		problem_wish_mps(&s->problem_wish, s->mps_objective);
	s->p = problem_new(s->in, &s->problem_wish, v->arena, &v->diags);
	return s->p ? 0 : -EINVAL;
}

/* ---- the work ------------------------------------------------------------------------------------------------------ */

static double clock_seconds(clockid_t clock)
{
	struct timespec t = { 0 };

	(void)clock_gettime(clock, &t);         /* cannot fail for clocks that every system has */
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* 6.3: T, and L of each group. */
static void solve_max(struct solving *s)
{
	const struct problem *p = s->p;
	int64_t *limit = arena_array(s->v->arena, int64_t, p->n_groups);

	for (size_t i = 0; i < p->n_groups; i++)
		limit[i] = MIN(p->groups[i].capacity, p->groups[i].bound);
	s->load = arena_array(s->v->arena, int64_t, p->n_groups);
	minmax_solve(p->n_groups, p->vuln, limit, p->supply, &s->max, s->load);
}

/* 6.2, after 6.3 with its loads for capacities. */
static int solve_total(struct solving *s)
{
	const struct problem *p = s->p;
	struct arena *a = s->v->arena;
	struct transport_tree tree;
	struct transport t;
	const struct transport_wish w = {
		.threads = s->problem_wish.threads, .warm = s->old ? &tree : NULL, .progress = &s->run.progress,
		.progress_scale = 1 / ((double)p->clients * (double)p->supply * penalty_scale_value(&p->in->scale)),
	};

	problem_transport(p, s->load, a, &t);
	if (s->old)
		result_warm_tree(s->old, p, a, &tree);
	return transport_solve(&t, &w, &s->answer);
}

static int solve(struct solving *s)
{
	const double begun = clock_seconds(CLOCK_MONOTONIC), begun_cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
	const enum objective objective = s->p->objective;
	int err = 0;

	if (objective != OBJECTIVE_TOTAL)
		solve_max(s);
	if (objective != OBJECTIVE_MAX_ONLY)
		err = solve_total(s);
	if (!err)
		s->result = result_new(s->p, objective == OBJECTIVE_MAX_ONLY ? NULL : &s->answer, s->load, s->max, s->v->arena);
	s->seconds = clock_seconds(CLOCK_MONOTONIC) - begun;
	s->cpu_seconds = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - begun_cpu;
	return err;
}

/* The result's own certificate. 0, -EINTR, or -EDOM: it fails, explained. */
static int prove(struct solving *s)
{
	struct invocation *v = s->v;
	struct certificate *c = &s->certificate;
	char by[WIDE_TEXT], gap[WIDE_TEXT];

	s->run.progress.stage = "certify";
	int err = certify(s->result, s->in, &s->run.progress, v->arena, c);

	if (err || (c->is_feasible && (!c->has_bound || c->gap == 0)))
		return err;
	struct diag *g;

	if (c->is_feasible)
		g = diag_error(&v->diags, NULL, "state", "the result is not proved the best: gap %s", wide_print(c->gap, gap));
	else
		g = diag_error(&v->diags, NULL, "state", "the result breaks condition %s: %s, by %s",
			       condition_names[c->broken[0].condition], c->broken[0].where, wide_print(c->broken[0].by, by));
	diag_hint(&v->diags, g, "a fault of nlbc, nothing is written; please report it with the input files");
	return -EDOM;
}

static int write_result(struct solving *s)
{
	FILE *f = s->out ? outputs_open(&s->outputs, s->v, s->out) : NULL;

	if (!f)
		return s->out ? -EIO : 0;
	return outputs_close(&s->outputs, result_write(s->result, f));
}

static int write_mps(struct solving *s)
{
	FILE *f = outputs_open(&s->outputs, s->v, s->mps);

	return f ? outputs_close(&s->outputs, problem_print_mps(s->p, s->mps_objective, &s->run.progress, f)) : -EIO;
}

/* 0, or -errno, explained but for an interruption. */
static int work(struct solving *s)
{
	weights_run_start(&s->run, "solve");
	if (s->mps)
		return write_mps(s);
	int err = solve(s);

	if (!err)
		err = prove(s);
	return err ? err : write_result(s);
}

static int run_solve(struct invocation *v)
{
	struct solving s = {
		.v = v, .out = option_value(v, "out"), .mps = option_value(v, "mps"), .warm = option_value(v, "warm"),
	};
	const char *written = s.mps ? s.mps : s.out;

	weights_run_init(&s.run, v, written && strcmp(written, "-") == 0);
	int err = read_options(&s);

	if (!err)
		err = read_problem(&s);
	if (!err)
		err = weights_run_keep(&s.run, &s.outputs, work(&s));
	if (!err)
		solving_tell(&s);
	outputs_drop(&s.outputs);
	transport_release(&s.answer);
	return weights_told(v, 0);
}

const struct command command_weights_solve = {
	.name = "weights solve", .arguments = "",
	.help = "Compute for clients of each location with which probability they should choose each guard, so that the expected "
		"penalty of all of them is least while every relay carries the load that Tor plans for it. The result is proved "
		"to be allowed and optimal before it is written; without --out only the summary is printed.",
	.options = {
		WEIGHTS_INPUTS,
		{ "objective", 0, "total/max/max-relay/max-location/max-client", false,
		  "least total penalty, or the least maximum of load times vulnerable paths; the others for --mps" },
		{ "second", 0, "total/none", false, "after objective max: least total penalty at these loads" },
		{ "no-merge", 0, NULL, false, "do not merge locations and relays that are alike" },
		{ "warm", 0, "RESULT", false, "begin from an earlier result" },
		{ "mps", 0, "FILE", false, "write the linear program in free MPS form, and do not solve it" },
		{ "threads", 0, "N", false, "1 to 64; the result does not depend on it (1)" },
		{ "out", 0, "FILE", false, "where the result is written" },
	},
	.run = run_solve,
};
