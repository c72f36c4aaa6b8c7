/* SPDX-License-Identifier: MIT */
/* What the verbs of `nlbc weights` share: reading their options, telling how far a run is, and how it ends. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/weights.h"
#include "profile/value.h"
#include "weights/lines.h"

/* ---- options ------------------------------------------------------------------------------------------------------- */

int weights_refuse(struct invocation *v, const char *text, const char *hint)
{
	struct diag *g = diag_error(&v->diags, NULL, "usage", "%s", text);

	if (hint)
		diag_hint(&v->diags, g, "%s", hint);
	return -EINVAL;
}

static int refuse(struct invocation *v, const char *name, const char *kind, const char *hint)
{
	return weights_refuse(v, arena_printf(v->arena, "'%s' for '--%s' is not %s", option_value(v, name), name, kind), hint);
}

int weights_number(struct invocation *v, const char *name, uint64_t least, uint64_t most, uint64_t *out)
{
	const char *text = option_value(v, name);
	uint64_t n;

	if (!text)
		return 0;
	if (parse_uint(str_of(text), &n) != 0 || n < least || n > most)
		return refuse(v, name, arena_printf(v->arena, "a number from %" PRIu64 " to %" PRIu64, least, most), NULL);
	*out = n;
	return 0;
}

/* A line of a file in /proc, such as `MemAvailable:   12345 kB`; 0 if it is not there. */
static uint64_t proc_bytes(const char *file, const char *name)
{
	auto_fclose FILE *f = fopen(file, "re");
	const size_t n = strlen(name);
	char line[128];
	uint64_t kib = 0;

	while (f && !kib && fgets(line, sizeof(line), f)) {
		const char *p = line + n;

		if (strncmp(line, name, n) != 0)
			continue;
		p += strspn(p, " \t");
		if (parse_uint((struct str){ p, strcspn(p, " ") }, &kib) != 0)
			kib = 0;
	}
	return kib * 1024;
}

/* Not that of getrusage(), which knows also what was before exec. */
uint64_t weights_peak_bytes(void)
{
	return proc_bytes("/proc/self/status", "VmHWM:");
}

int weights_memory(struct invocation *v)
{
	const char *text = option_value(v, "memory");
	struct value value = { .number = proc_bytes("/proc/meminfo", "MemAvailable:") / 4 * 3 };

	if (text && (value_parse(VALUE_SIZE, str_of(text), &value) != 0 || !value.number))
		return refuse(v, "memory", "a size", "write a unit, for example 500mb or 2gb");
	arena_allow(v->arena, value.number);
	return 0;
}

/* In thousandths. */
static int read_theta(struct invocation *v, unsigned *theta)
{
	enum { MOST = 1000000 };
	const char *text = option_value(v, "theta");
	uint64_t millionths;

	if (!text)
		return 0;
	if (parse_millionths(str_of(text), &millionths) != 0 || millionths % 1000 || !millionths || millionths / 1000 > MOST)
		return refuse(v, "theta", "a theta", "from 0.001 to 1000, with at most 3 digits after the point");
	*theta = (unsigned)(millionths / 1000);
	return 0;
}

/* 0 to 1, exactly. */
static int parse_part(struct str s, uint64_t *out)
{
	enum { DIGITS = 18 };
	struct str rest = s, whole, part = { NULL, 0 };
	uint64_t ones, fraction = 0;

	if (!field_next(&rest, '.', &whole) || parse_whole(whole, 1, &ones) != 0)
		return -EINVAL;
	if (field_next(&rest, '.', &part) && (rest.p || part.n > DIGITS || parse_whole(part, WGG_ONE, &fraction) != 0))
		return -EINVAL;
	for (size_t i = part.n; i < DIGITS; i++)
		fraction *= 10;
	*out = ones * WGG_ONE + fraction;
	return *out <= WGG_ONE ? 0 : -EINVAL;
}

static int read_wgg(struct invocation *v, struct inputs_wish *w)
{
	static const char *const rules[] = { [WGG_CONSENSUS] = "consensus", [WGG_COMPUTED] = "computed", [WGG_EXITS] = "exits" };
	const char *text = option_value(v, "wgg");

	if (!text)
		return 0;
	w->wgg_given = true;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (strcmp(text, rules[i]) == 0) {
			w->wgg = (enum wgg_rule)i;
			return 0;
		}
	if (parse_part(str_of(text), &w->wgg_number) != 0 || w->wgg_number < WGG_ONE / 10000)
		return refuse(v, "wgg", "a part of a guard's weight",
			      "consensus, computed, exits, or a number from 0.0001 to 1, with at most 18 digits after the point");
	w->wgg = WGG_NUMBER;
	return 0;
}

static bool option_is(const struct invocation *v, const char *name, const char *value)
{
	const char *given = option_value(v, name);

	return given && strcmp(given, value) == 0;
}

/* Relays, clients and penalties, or a problem file that is all of them. */
static int check_inputs(struct invocation *v, const struct inputs_wish *w)
{
	static const char *const not_with_problem[] = { "relays", "clients", "penalty", "prefixes", "location", "clusters" };
	const char *text = NULL, *hint = "nlbc help weights solve";

	for (size_t i = 0; w->problem && i < ARRAY_LEN(not_with_problem); i++)
		if (option_given(v, not_with_problem[i]))
			text = arena_printf(v->arena, "'--problem' and '--%s' exclude each other", not_with_problem[i]);
	if (!w->problem && !w->relays)
		text = "no problem is given", hint = "--problem FILE, or --relays, --clients and --penalty";
	else if (w->prefixes && w->location)
		text = "'--prefixes' and '--location' exclude each other";
	else if (w->position == POSITION_EXIT && !w->guard_result)
		text = "'--position exit' needs '--guard-result'";
	else if (w->guard_result && w->position != POSITION_EXIT)
		text = "'--guard-result' is for '--position exit'";
	return text ? weights_refuse(v, text, hint) : 0;
}

int weights_inputs(struct invocation *v, struct inputs_wish *w)
{
	*w = (struct inputs_wish){
		.problem = option_value(v, "problem"),
		.relays = option_value(v, "relays"), .clients = option_value(v, "clients"), .penalty = option_value(v, "penalty"),
		.prefixes = option_value(v, "prefixes"), .location = option_value(v, "location"),
		.clusters = option_value(v, "clusters"), .relcost = option_value(v, "relcost"), .vuln = option_value(v, "vuln"),
		.guard_result = option_value(v, "guard-result"),
		.guards_only = option_is(v, "guards", "only"),
		.position = option_is(v, "position", "exit") ? POSITION_EXIT : POSITION_GUARD,
		.missing_worst = option_is(v, "missing", "worst"),
		.lenient = option_given(v, "lenient"),
		.needs_matrix = true,
	};
	int err = read_theta(v, &w->theta);

	if (!err)
		err = read_wgg(v, w);
	if (!err)
		err = weights_memory(v);
	return err ? err : check_inputs(v, w);
}

/* ---- a run --------------------------------------------------------------------------------------------------------- */

static void tell_json(const struct out *o, const struct progress *p, double seconds)
{
	json_t *steps_all = p->steps_all ? json_integer((json_int_t)p->steps_all) : json_null();
	struct out aside = *o;

	aside.results = o->errors;
	out_json(&aside, "progress",
		 json_own(json_pack("{s:s,s:f,s:I,s:o,s:f,s:f}", "stage", p->stage, "seconds", seconds, "steps", (json_int_t)p->steps,
				    "steps_all", steps_all, "overload", p->overload, "bound", p->bound)));
	(void)fflush(o->errors);
}

static void on_progress(struct progress *p)
{
	const struct weights_run *r = container_of(p, struct weights_run, progress);
	const double seconds = (double)(p->now_us - p->begun_us) / 1e6;
	auto_text struct text line = { 0 };

	if (r->v->out.json) {
		tell_json(&r->v->out, p, seconds);
		return;
	}
	text_printf(&line, "%s: %.1f s, ", p->stage, seconds);
	if (p->steps_all)
		text_printf(&line, "%" PRIu64 " of %" PRIu64, p->steps, p->steps_all);
	else
		text_printf(&line, "%" PRIu64 " pivots, overload %.*f %%, lower bound %.5g", p->steps, p->overload < 0.001 ? 4 : 1,
			    p->overload * 100, p->bound);
	fprintf(r->v->out.errors, "%s\n", text_get(&line));
}

void weights_run_init(struct weights_run *r, struct invocation *v, bool aside)
{
	*r = (struct weights_run){ .v = v, .said = v->out };
	if (aside)
		r->said.results = v->out.errors;
}

void weights_run_start(struct weights_run *r, const char *stage)
{
	const struct out *o = &r->v->out;
	const bool is_told = !o->quiet && (o->verbose || isatty(STDERR_FILENO));

	cli_watch_signals();
	progress_init(&r->progress, r->v->interrupted, is_told ? on_progress : NULL);
	r->progress.stage = stage;
}

bool weights_run_stopped(struct weights_run *r)
{
	if (!*r->v->interrupted)
		return false;
	diag_error(&r->v->diags, NULL, "interrupted", "stopped by a signal");
	return true;
}

int weights_run_keep(struct weights_run *r, struct outputs *o, int err)
{
	if (weights_run_stopped(r))
		return -EINTR;
	return err ? err : outputs_keep(o);
}

/* ---- its end ------------------------------------------------------------------------------------------------------- */

int weights_told(struct invocation *v, int code)
{
	const char *file = NULL;

	for (size_t i = 0; i < v->diags.n; i++) {
		const struct diag *g = v->diags.list[i];

		if (g->severity != DIAG_ERROR)
			continue;
		if (!g->place.source || (file && strcmp(file, g->place.source->name) != 0))
			return code;
		file = g->place.source->name;
	}
	v->file = file;
	return code;
}

json_t *json_wide(wide n)
{
	char buf[WIDE_TEXT];

	return json_own(json_string(wide_print(n, buf)));
}

json_t *weights_warnings(struct invocation *v)
{
	return json_own(diags_json(&v->diags));
}
