/* SPDX-License-Identifier: MIT */
/* nlbc watch: what passes over paths, queues and proxies, again and again: a table that renews itself on a terminal, else
 * lines of JSON; between them what happens. */
#include "base/base.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <time.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/events.h"
#include "cli/look.h"
#include "cli/proxies.h"
#include "cli/proxies_show.h"
#include "cli/status_show.h"
#include "cli/tick.h"

enum {
	INTERVAL_US = 1000000,
	INTERVAL_LEAST_US = 100000,
	FIND_US = 1000000,              /* between two looks for sockets, where there are no ticks */
};

/* ---- the table ---------------------------------------------------------------------------------------------------- */

/* Three digits that count: `49.9mbit`. */
static void add_bits(struct table *t, json_t *rate_bps)
{
	static const char *const units[] = { "bit", "kbit", "mbit", "gbit", "tbit" };
	double bps = (double)json_integer_value(rate_bps);
	size_t i = 0;

	for (; bps >= 999.5 && i + 1 < ARRAY_LEN(units); i++)
		bps /= 1000;
	if (json_is_integer(rate_bps))
		table_add(t, TINT_NONE, "%.*f%s", i == 0 || bps >= 99.95 ? 0 : bps >= 9.995 ? 1 : 2, bps, units[i]);
	else
		table_add(t, TINT_NONE, "-");
}

static void add_per_second(struct table *t, json_t *o, const char *name)
{
	json_t *v = json_object_get(o, name);

	if (json_is_real(v))
		table_add(t, TINT_NONE, "%.0f", json_real_value(v));
	else
		table_add(t, TINT_NONE, "-");
}

static const struct column path_columns[] = {
	{ "path", false }, { "state", false }, { "device", false }, { "packets/s", true }, { "rate", true },
};

static void show_paths(const struct look *l, json_t *tick, bool colour, struct text *out)
{
	json_t *path, *paths = json_object_get(l->status, "paths");
	const char *name;
	struct table t;

	table_init(&t, l->arena, path_columns, ARRAY_LEN(path_columns));
	json_object_foreach(paths, name, path) {
		json_t *o = json_object_get(json_object_get(tick, "paths"), name);

		table_add(&t, TINT_NONE, "%s", name);
		status_add_state(&t, path);
		table_add(&t, TINT_NONE, "%s", member_text(path, "device"));
		add_per_second(&t, o, "packets_per_second");
		add_bits(&t, json_object_get(o, "rate_bps"));
	}
	if (json_object_size(paths))
		table_print(&t, "  ", colour, out);
}

static const struct column shaper_columns[] = {
	{ "interface", false }, { "device", false }, { "packets/s", true }, { "rate", true }, { "backlog", true },
	{ "dropped/s", true },
};

static void show_shapers(const struct look *l, json_t *tick, bool colour, struct text *out)
{
	json_t *shaper, *shapers = json_object_get(l->status, "shapers");
	const char *name;
	struct table t;

	table_init(&t, l->arena, shaper_columns, ARRAY_LEN(shaper_columns));
	json_object_foreach(shapers, name, shaper) {
		json_t *o = json_object_get(json_object_get(tick, "shapers"), name);

		table_add(&t, TINT_NONE, "%s", name);
		table_add(&t, TINT_NONE, "%s", member_text(shaper, "device"));
		add_per_second(&t, o, "packets_per_second");
		add_bits(&t, json_object_get(o, "rate_bps"));
		table_add(&t, TINT_NONE, "%" JSON_INTEGER_FORMAT "b", member_number(shaper, "backlog_bytes"));
		add_per_second(&t, o, "dropped_per_second");
	}
	if (json_object_size(shapers))
		table_print(&t, "  ", colour, out);
}

/* ---- watching ----------------------------------------------------------------------------------------------------- */

struct watch {
	struct invocation *v;
	bool table, moves;              /* for people; the cursor may be moved */
	size_t lines;                   /* of the table that is on the screen */
	struct look last;
	struct events events;           /* not where a table is shown */
	char *time;                     /* of the line; as long-lived as what is printed with it */
};

/* The lines that fit on the screen, so that going up leads back to the first of them. */
static size_t fit_lines(struct text *t)
{
	struct winsize size = { 0 };
	size_t most = SIZE_MAX, n = 0;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1)
		most = size.ws_row - 1u;
	for (size_t i = 0; i < t->n; i++) {
		n += t->p[i] == '\n';
		if (n == most)
			t->p[t->n = i + 1] = 0;
	}
	return n;
}

/* Over the table before. The terminal cuts lines that are too long, instead of making two of one. */
static void show_table(struct watch *w, const struct look *l, json_t *tick)
{
	const bool colour = w->v->out.colour;
	auto_text struct text body = { 0 }, out = { 0 };

	status_show_head(l->status, colour, l->arena, &body);
	show_paths(l, tick, colour, &body);
	show_shapers(l, tick, colour, &body);
	proxies_show_rates(json_object_get(l->status, "proxies"), json_object_get(tick, "proxies"), colour, l->arena, &body);
	if (w->moves) {
		if (w->lines)
			text_printf(&out, "\033[%zuA", w->lines);
		text_puts(&out, "\033[J\033[?7l");
		w->lines = fit_lines(&body);
	}
	text_add(&out, text_get(&body), body.n);
	if (w->moves)
		text_puts(&out, "\033[?7h");
	out_result(&w->v->out, &out);
}

/* Shows what passed since the look before and keeps this one. 0; -errno, -EPIPE: nobody reads on. */
static int step(struct watch *w)
{
	struct invocation *v = w->v;
	struct look l;
	int err = look_at(v, &l);

	if (err)
		return err;
	const struct between b = {
		.before = w->last.status, .now = l.status, .seconds = (double)MAX(l.at_us - w->last.at_us, 1) / 1e6,
	};
	json_t *tick = tick_make(&b);

	v->out.time = time_print((int64_t)time(NULL), w->time);
	if (w->table)
		show_table(w, &l, tick);
	else if (b.before)
		out_json(&v->out, "tick", json_incref(tick));
	json_decref(tick);
	look_release(&w->last);
	w->last = l;
	return out_finish(&v->out);
}

/* From one whole interval to the next; those that went by meanwhile are left out. */
static int64_t next_us(int64_t began_us, int64_t interval_us)
{
	return began_us + ((look_clock_us() - began_us) / interval_us + 1) * interval_us;
}

/* Why there is nobody to listen to. */
static void tell_nobody(struct invocation *v)
{
	struct proxies p;

	if (proxies_ask(v, v->arena, &p) < 0)
		return;
	proxies_tell_none(v, &p, "cannot watch events");
	proxies_release(&p);
}

/* Up to the next tick, showing what happens meanwhile. */
static int pass(struct watch *w, int64_t until_us)
{
	if (w->table)
		return look_sleep(w->v, until_us, STDOUT_FILENO);
	int err = events_find(&w->events);

	while (err >= 0) {
		err = events_wait(&w->events, until_us, STDOUT_FILENO);
		if (err == 0)
			return 0;
	}
	return err;
}

static int watch_events(struct watch *w, uint64_t count)
{
	w->events.most = count;
	int err = events_find(&w->events);

	if (!err && w->events.n == 0) {
		tell_nobody(w->v);
		return 0;
	}
	while (err >= 0 && (count == 0 || w->events.shown < count)) {
		err = events_wait(&w->events, look_clock_us() + FIND_US, STDOUT_FILENO);
		if (err == 0)
			err = events_find(&w->events);
	}
	return err;
}

static int watch(struct watch *w, int64_t interval_us, uint64_t count)
{
	int err = step(w);
	const int64_t began_us = w->last.at_us;

	if (!err && strcmp(member_text(w->last.status, "state"), "none") == 0) {
		diag_hint(&w->v->diags, diag_error(&w->v->diags, NULL, "state", "nothing is applied"), "nlbc apply FILE");
		return 0;
	}
	for (uint64_t n = 0; !err && (count == 0 || n < count); n++) {
		err = pass(w, next_us(began_us, interval_us));
		if (!err)
			err = step(w);
	}
	return err;
}

static int read_count(struct invocation *v, uint64_t *count)
{
	const char *text = option_value(v, "count");

	*count = 0;
	if (!text || (parse_uint(str_of(text), count) == 0 && *count > 0))
		return 0;
	diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "'%s' for '--count' is not a number of ticks", text), "1 or more");
	return -EINVAL;
}

static int run_watch(struct invocation *v)
{
	const char *term = getenv("TERM");
	struct watch w = {
		.v = v, .table = v->out.is_terminal && !v->out.json, .time = arena_alloc(v->arena, TIME_TEXT),
	};
	int64_t interval_us = 0;
	uint64_t count = 0;

	w.moves = w.table && !(term && strcmp(term, "dumb") == 0);
	if (look_time_option(v, "interval", INTERVAL_LEAST_US, INTERVAL_US, &interval_us) != 0 || read_count(v, &count) != 0)
		return 0;
	events_init(&w.events, v);
	int err = option_given(v, "events") ? watch_events(&w, count) : watch(&w, interval_us, count);

	events_release(&w.events);
	look_release(&w.last);
	v->reader_gone = err == -EPIPE;
	return err == -EINTR ? failure_of("interrupted")->exit : 0;
}

const struct command command_watch = {
	.name = "watch", .arguments = "", .lasts = true,
	.help = "Show what passes over paths, queues and proxies, again and again: a table that renews itself on a terminal, lines of "
		"JSON with -j or into a pipe, and between them what happens to proxies. It goes on when another profile is applied, and "
		"ends with Ctrl-C.",
	.options = {
		{ "interval", 0, "TIME", false, "between two ticks, 1s if not given" },
		{ "count", 0, "N", false, "end after so many" },
		{ "events", 0, NULL, false, "only what happens, without ticks" },
	},
	.run = run_watch,
};
