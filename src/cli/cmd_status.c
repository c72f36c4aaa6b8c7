/* SPDX-License-Identifier: MIT */
/* nlbc status and nlbc get: what is applied, for people and for scripts. Both read the one status object. */
#include "base/base.h"

#include <inttypes.h>

#include "apply/status.h"
#include "cli/command.h"
#include "plan/plan.h"

static const char *text_of(json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

static json_int_t number_of(json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

/* "-" stands for a number that has no meaning here. */
static void add_number(struct table *t, json_t *o, const char *name, const char *unit)
{
	json_t *v = json_object_get(o, name);

	if (json_is_integer(v))
		table_add(t, TINT_NONE, "%" JSON_INTEGER_FORMAT "%s", json_integer_value(v), unit);
	else
		table_add(t, TINT_NONE, "-");
}

static void add_state(struct table *t, json_t *path)
{
	const char *state = text_of(path, "state");
	bool up = strcmp(state, "up") == 0, down = strcmp(state, "down") == 0;
	char capitals[16];
	size_t n = 0;

	for (; state[n] && n + 1 < sizeof(capitals); n++)
		capitals[n] = (char)(state[n] >= 'a' && state[n] <= 'z' ? state[n] - 'a' + 'A' : state[n]);
	capitals[n] = 0;
	const char *reason = text_of(path, "reason");

	table_add(t, up ? TINT_GOOD : down ? TINT_BAD : TINT_CARE, *reason ? "%s (%s)" : "%s", capitals, reason);
}

static const struct column path_columns[] = {
	{ "path", false }, { "state", false }, { "weight", true }, { "share", true }, { "packets", true },
	{ "bytes", true }, { "new flows", true },
};

static const struct balance *find_balance(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n_balances; i++)
		if (strcmp(p->balances[i].conf->name, name) == 0)
			return p->balances[i].conf;
	BUG("balance '%s' is not in the plan", name);
}

static void put_prefixes(const char *word, const struct prefix_value *list, size_t n, struct text *out)
{
	char buf[PREFIX_TEXT];

	for (size_t i = 0; i < n; i++)
		text_printf(out, "%s%s", i ? " " : word, prefix_print(&list[i].prefix, buf));
}

/* `  in lan from 10.10.1.0/24 to 10.10.3.0/24`; the usual scope is not said. */
static void put_conditions(const struct balance *b, struct text *out)
{
	text_putc(out, ' ');
	for (size_t i = 0; i < b->n_in; i++)
		text_printf(out, "%s%s", i ? " " : " in ", b->in[i]->name);
	put_prefixes(" from ", b->from, b->n_from, out);
	put_prefixes(" to ", b->to, b->n_to, out);
	if (b->scope != SCOPE_FORWARDED)
		text_printf(out, " scope %s", b->scope == SCOPE_LOCAL ? "local" : "all");
}

static void show_balance(struct invocation *v, json_t *status, const struct balance *conf, json_t *balance,
			 struct text *out)
{
	json_t *member, *paths = json_object_get(status, "paths");
	const char *path;
	struct table t;

	text_printf(out, "balance %s  %s", conf->name, text_of(balance, "method"));
	put_conditions(conf, out);
	text_putc(out, '\n');
	table_init(&t, v->arena, path_columns, ARRAY_LEN(path_columns));
	json_object_foreach(json_object_get(balance, "paths"), path, member) {
		bool backup = json_is_true(json_object_get(member, "backup"));

		table_add(&t, TINT_NONE, backup ? "%s (backup)" : "%s", path);
		add_state(&t, json_object_get(paths, path));
		add_number(&t, member, "weight", "");
		table_add(&t, TINT_NONE, "%.1f%%", json_real_value(json_object_get(member, "share")) * 100);
		add_number(&t, member, "packets", "");
		add_number(&t, member, "bytes", "");
		add_number(&t, member, "new_flows", "");
	}
	table_print(&t, "  ", v->out.colour, out);
}

/* A rate in the largest unit that keeps it whole. */
static const char *rate_text(struct arena *a, json_t *rate)
{
	static const struct {
		json_int_t bps;
		const char *unit;
	} units[] = { { 1000000000, "gbit" }, { 1000000, "mbit" }, { 1000, "kbit" }, { 1, "bit" } };

	if (!json_is_integer(rate))
		return "-";
	json_int_t bps = json_integer_value(rate);
	size_t i = 0;

	while (bps % units[i].bps)
		i++;
	return arena_printf(a, "%" JSON_INTEGER_FORMAT "%s", bps / units[i].bps, units[i].unit);
}

static const struct column shaper_columns[] = {
	{ "interface", false }, { "device", false }, { "kind", false }, { "rate", true }, { "queue", true },
	{ "backlog", true }, { "dropped", true }, { "sent", true },
};

static void show_shapers(struct invocation *v, json_t *shapers, struct text *out)
{
	const char *name;
	struct table t;
	json_t *s;

	text_puts(out, "shapers\n");
	table_init(&t, v->arena, shaper_columns, ARRAY_LEN(shaper_columns));
	json_object_foreach(shapers, name, s) {
		bool bytes = json_is_integer(json_object_get(s, "queue_bytes"));

		table_add(&t, TINT_NONE, "%s", name);
		table_add(&t, TINT_NONE, "%s", text_of(s, "device"));
		table_add(&t, TINT_NONE, "%s", text_of(s, "kind"));
		table_add(&t, TINT_NONE, "%s", rate_text(v->arena, json_object_get(s, "rate_bps")));
		add_number(&t, s, bytes ? "queue_bytes" : "queue_packets", bytes ? "b" : "p");
		add_number(&t, s, "backlog_bytes", "b");
		add_number(&t, s, "dropped_packets", "");
		add_number(&t, s, "sent_bytes", "b");
	}
	table_print(&t, "  ", v->out.colour, out);
}

/* What makes it degraded: `p2 DOWN (hand), interface back PENDING`. */
static const char *names_down(struct invocation *v, json_t *status)
{
	auto_text struct text names = { 0 };
	const char *name;
	json_t *p;
	size_t i;

	json_object_foreach(json_object_get(status, "paths"), name, p)
		if (strcmp(text_of(p, "state"), "down") == 0)
			text_printf(&names, "%s%s DOWN (%s)", names.n ? ", " : "", name, text_of(p, "reason"));
	json_array_foreach(json_object_get(status, "pending"), i, p)
		text_printf(&names, "%sinterface %s PENDING", names.n ? ", " : "", json_string_value(p));
	return arena_printf(v->arena, "degraded, %s", text_get(&names));
}

static size_t count_up(json_t *paths)
{
	const char *name;
	size_t n = 0;
	json_t *p;

	json_object_foreach(paths, name, p)
		n += strcmp(text_of(p, "state"), "up") == 0;
	return n;
}

static const char *state_for_people(struct invocation *v, json_t *status)
{
	const char *state = text_of(status, "state");
	json_int_t n = number_of(status, "differences");

	if (strcmp(state, "in-sync") == 0)
		return "in sync";
	if (strcmp(state, "drift") == 0)
		return arena_printf(v->arena, "drift, %" JSON_INTEGER_FORMAT " difference%s", n, n == 1 ? "" : "s");
	if (strcmp(state, "unfinished") == 0)
		return "unfinished, the next apply or flush ends it";
	if (strcmp(state, "degraded") == 0)
		return names_down(v, status);
	return state;
}

static void show_head(struct invocation *v, json_t *status, struct text *out)
{
	const char *profile = text_of(status, "profile");
	json_t *paths = json_object_get(status, "paths");
	bool good = status_is_good(status);

	if (!*profile && strcmp(text_of(status, "state"), "none") == 0) {
		text_puts(out, "nothing is applied\n");
		return;
	}
	text_printf(out, "%s: ", *profile ? profile : "no profile");
	tint_add(out, v->out.colour, good ? TINT_GOOD : strcmp(text_of(status, "state"), "degraded") == 0 ? TINT_CARE : TINT_BAD,
		 state_for_people(v, status));
	if (json_object_size(paths))
		text_printf(out, ", %zu of %zu paths up", count_up(paths), json_object_size(paths));
	if (*profile)
		text_printf(out, "            generation %" JSON_INTEGER_FORMAT ", target %s, applied %s by %s",
			    number_of(status, "generation"), text_of(status, "target"), text_of(status, "applied_at"),
			    text_of(status, "applied_by"));
	text_putc(out, '\n');
}

static void show(struct invocation *v, json_t *status, const struct plan *p, struct text *out)
{
	json_t *balance, *shapers = json_object_get(status, "shapers");
	const char *name;

	show_head(v, status, out);
	json_object_foreach(json_object_get(status, "balances"), name, balance)
		show_balance(v, status, find_balance(p, name), balance, out);
	if (json_object_size(shapers))
		show_shapers(v, shapers, out);
}

static int status(struct invocation *v, json_t *whole, const struct plan *p)
{
	auto_text struct text out = { 0 };
	const char *part = v->n_args ? v->args[0] : "";
	json_t *value = status_get(whole, part, v->arena, &v->diags);

	if (!value)
		return 0;
	if (v->out.json) {
		out_json(&v->out, "status", json_incref(value));
	} else if (*part) {
		auto_free char *printed = json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY);

		text_printf(&out, "%s\n", printed ? printed : "");
		out_result(&v->out, &out);
	} else {
		show(v, whole, p, &out);
		out_result(&v->out, &out);
	}
	return status_is_good(whole) ? 0 : failure_of("state")->exit;
}

static int with_status(struct invocation *v, int (*use)(struct invocation *v, json_t *whole, const struct plan *p))
{
	const struct diags told = v->diags;
	const struct plan *p = NULL;
	json_t *whole = NULL;
	struct session s;

	for (int tries = 1;; tries++) {
		v->diags = told;
		if (cli_open(v, &s, false) != 0)
			return 0;
		whole = status_read(&s, &p, &v->diags);
		if (!cli_reads_again(&s, tries))
			break;
		json_decref(whole);
	}
	int code = whole ? use(v, whole, p) : 0;

	json_decref(whole);
	session_close(&s);
	return code;
}

static int run_status(struct invocation *v)
{
	return with_status(v, status);
}

const struct command command_status = {
	.name = "status", .arguments = "[PART]", .usual = true, .max_args = 1,
	.help = "What is applied, whether the kernel still matches it, and the counters. PART narrows it: paths, shapers.back. "
		"Exit 0 if everything is in step and no path is down, else 3.",
	.run = run_status,
};

/* Text and numbers bare, true and false as words, null as an empty line, objects as their names, arrays a line each. */
static void put_value(json_t *value, struct text *out)
{
	size_t i;
	const char *name, *separator = "";
	json_t *element;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		json_object_foreach(value, name, element) {
			text_printf(out, "%s%s", separator, name);
			separator = " ";
		}
		break;
	case JSON_ARRAY:
		json_array_foreach(value, i, element)
			put_value(element, out);
		return;
	case JSON_STRING:
		text_puts(out, json_string_value(value));
		break;
	case JSON_INTEGER:
		text_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		break;
	case JSON_REAL:
		text_printf(out, "%.15g", json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		text_puts(out, json_is_true(value) ? "true" : "false");
		break;
	case JSON_NULL:
		break;
	}
	text_putc(out, '\n');
}

static int get(struct invocation *v, json_t *whole, const struct plan *p UNUSED)
{
	auto_text struct text out = { 0 };
	json_t *picked = json_object();

	if (strcmp(text_of(whole, "state"), "none") == 0) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "state", "nothing is applied"), "nlbc apply FILE");
		json_decref(picked);
		return 0;
	}
	for (size_t i = 0; i < v->n_args; i++) {
		json_t *value = status_get(whole, v->args[i], v->arena, &v->diags);

		if (!value)
			continue;
		put_value(value, &out);
		(void)json_object_set(picked, v->args[i], value);
	}
	if (v->diags.n_errors)
		json_decref(picked);
	else if (v->out.json)
		out_json(&v->out, "get", picked);
	else
		out_result(&v->out, &out), json_decref(picked);
	return 0;
}

static int run_get(struct invocation *v)
{
	return with_status(v, get);
}

const struct command command_get = {
	.name = "get", .arguments = "PATH…", .min_args = 1, .max_args = 1000,
	.help = "Print single values of the status for scripts, one line each. A PATH is names joined by dots: "
		"paths.p1.state, balances.forward.paths.p2.packets.",
	.run = run_get,
};
