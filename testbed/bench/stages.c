/* SPDX-License-Identifier: MIT */
/* stages [--no-merge] [--max] [--threads N] [--wgg UNITS] PROBLEM | RELAYS CLIENTS PENALTY | RELAYS VULN: what solving costs,
 * stage by stage: CPU seconds for reading the files, for making the problem of them (merging, for --max the vulnerable paths),
 * for its solution, with the wall clock of the last two, and the peak size of the process, as JSON. */
#include "base/base.h"

#include <errno.h>
#include <time.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "weights/inputs.h"
#include "weights/problem.h"
#include "weights/transport.h"

static double seconds(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu(void) { return seconds(CLOCK_PROCESS_CPUTIME_ID); }

/* The largest resident size since the program began; ru_maxrss would have that of whoever started it, too. */
static long peak_kib(void)
{
	auto_fclose FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kib = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmHWM: %ld", &kib) == 1)
			break;
	return kib;
}

struct wish {
	struct inputs_wish inputs;
	struct problem_wish problem;
	unsigned threads;
};

static bool wish_parse(int argc, char **argv, struct wish *out)
{
	const char **files[3] = { NULL };
	uint64_t v;
	int k = 1;

	*out = (struct wish){ .threads = 1, .inputs = { .needs_matrix = true } };
	for (; k < argc && argv[k][0] == '-'; k++)
		if (!strcmp(argv[k], "--no-merge")) {
			out->problem.no_merge = true;
		} else if (!strcmp(argv[k], "--max")) {
			out->problem.objective = OBJECTIVE_MAX_ONLY;
		} else if (k + 1 < argc && !parse_uint(str_of(argv[k + 1]), &v) && v > 0 && v <= 10000) {
			if (!strcmp(argv[k], "--threads"))
				out->threads = (unsigned)v;
			else if (!strcmp(argv[k], "--wgg"))
				out->inputs.wgg_number = WGG_ONE / 10000 * v;
			else
				return false;
			k++;
		} else {
			return false;
		}
	out->inputs.wgg = WGG_NUMBER;
	out->inputs.wgg_given = out->inputs.wgg_number > 0;
	out->problem.threads = out->threads;
	switch (argc - k) {
	case 1:
		files[0] = &out->inputs.problem;
		break;
	case 2:
		files[0] = &out->inputs.relays;
		files[1] = &out->inputs.vuln;
		out->inputs.needs_matrix = false;
		break;
	case 3:
		files[0] = &out->inputs.relays;
		files[1] = &out->inputs.clients;
		files[2] = &out->inputs.penalty;
		break;
	default:
		return false;
	}
	for (int f = 0; k + f < argc; f++)
		*files[f] = argv[k + f];
	return true;
}

/* Prints the value and what else is known of the solution: Z, or T for --max. */
static int solve(const struct problem *p, const struct wish *w, struct arena *a)
{
	const size_t n = p->n_groups;
	int64_t *capacity = arena_array(a, int64_t, n), *bound = arena_array(a, int64_t, n), *load = arena_array(a, int64_t, n);
	struct transport_answer answer = { 0 };
	char text[WIDE_TEXT];
	wide value;
	int err = 0;

	for (size_t g = 0; g < n; g++) {
		capacity[g] = p->groups[g].capacity;
		bound[g] = p->groups[g].bound;
	}
	if (p->objective == OBJECTIVE_MAX_ONLY) {
		for (size_t g = 0; g < n; g++)
			capacity[g] = MIN(capacity[g], bound[g]);
		minmax_solve(n, p->vuln, capacity, p->supply, &value, load);
	} else {
		err = transport_solve(&(struct transport){ .m = p->n_rows, .n = n, .weight = p->row_weight, .capacity = capacity,
							  .bound = bound, .supply = p->supply, .penalty = p->penalty },
				      &(struct transport_wish){ .threads = w->threads }, &answer);
		value = answer.value;
	}
	if (!err)
		(void)printf("\"value\": \"%s\", \"rows\": %zu, \"groups\": %zu, \"pivots\": %llu, ", wide_print(value, text), p->n_rows,
			     n, (unsigned long long)answer.pivots);
	transport_release(&answer);
	return err;
}

static int run(const struct wish *w, struct arena *a, struct diags *d)
{
	const struct inputs *in = inputs_read(&w->inputs, a, d);
	double read = cpu(), begun = seconds(CLOCK_MONOTONIC), made;

	if (!in)
		return -EINVAL;
	const struct problem *p = problem_new(in, &w->problem, a, d);

	if (!p)
		return -EINVAL;
	made = cpu();
	(void)printf("{");
	int err = solve(p, w, a);

	(void)printf("\"read\": %.6f, \"made\": %.6f, \"cpu\": %.6f, \"wall\": %.6f, \"peak_kib\": %ld}\n", read, made - read, cpu() - read,
		     seconds(CLOCK_MONOTONIC) - begun, peak_kib());
	return err;
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new();
	auto_text struct text said = { 0 };
	struct diags d;
	struct wish w;

	if (!wish_parse(argc, argv, &w)) {
		(void)fprintf(stderr, "usage: stages [--no-merge] [--max] [--threads N] [--wgg UNITS] PROBLEM | RELAYS CLIENTS PENALTY |"
				      " RELAYS VULN\n");
		return 1;
	}
	diags_init(&d, a);
	int err = run(&w, a, &d);

	diags_print(&d, DIAG_HUMAN, NULL, false, &said);
	(void)fputs(text_get(&said), stderr);
	arena_free(a);
	return err ? 2 : 0;
}
