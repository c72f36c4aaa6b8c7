/* SPDX-License-Identifier: MIT */
/* nlbc status and nlbc get: what is applied, for people and for scripts. Both read the one status object. */
#include "base/base.h"

#include "apply/status.h"
#include "cli/command.h"
#include "cli/proxies_show.h"
#include "cli/status_show.h"
#include "plan/plan.h"

/* "-" stands for a number that has no meaning here. */
static void add_number(struct table *t, json_t *o, const char *name, const char *unit)
{
	json_t *v = json_object_get(o, name);

	if (json_is_integer(v))
		table_add(t, TINT_NONE, "%" JSON_INTEGER_FORMAT "%s", json_integer_value(v), unit);
	else
		table_add(t, TINT_NONE, "-");
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

	text_printf(out, "balance %s  %s", conf->name, member_text(balance, "method"));
	put_conditions(conf, out);
	text_putc(out, '\n');
	table_init(&t, v->arena, path_columns, ARRAY_LEN(path_columns));
	json_object_foreach(json_object_get(balance, "paths"), path, member) {
		bool backup = json_is_true(json_object_get(member, "backup"));

		table_add(&t, TINT_NONE, backup ? "%s (backup)" : "%s", path);
		status_add_state(&t, json_object_get(paths, path));
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
		table_add(&t, TINT_NONE, "%s", member_text(s, "device"));
		table_add(&t, TINT_NONE, "%s", member_text(s, "kind"));
		table_add(&t, TINT_NONE, "%s", rate_text(v->arena, json_object_get(s, "rate_bps")));
		add_number(&t, s, bytes ? "queue_bytes" : "queue_packets", bytes ? "b" : "p");
		add_number(&t, s, "backlog_bytes", "b");
		add_number(&t, s, "dropped_packets", "");
		add_number(&t, s, "sent_bytes", "b");
	}
	table_print(&t, "  ", v->out.colour, out);
}

static void show(struct invocation *v, json_t *status, const struct plan *p, struct text *out)
{
	json_t *balance, *shapers = json_object_get(status, "shapers");
	const char *name;

	status_show_head(status, v->out.colour, v->arena, out);
	json_object_foreach(json_object_get(status, "balances"), name, balance)
		show_balance(v, status, find_balance(p, name), balance, out);
	if (json_object_size(shapers))
		show_shapers(v, shapers, out);
	proxies_show(json_object_get(status, "proxies"), v->out.colour, v->arena, out);
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

/* All of it, or the parts that the arguments name. */
static int with_status(struct invocation *v, int (*use)(struct invocation *v, json_t *whole, const struct plan *p))
{
	const struct plan *p = NULL;
	unsigned parts = v->n_args ? 0 : STATUS_ALL;

	for (size_t i = 0; i < v->n_args; i++)
		parts |= cli_status_parts(v->args[i]);
	json_t *whole = cli_status(v, v->arena, parts, &p);
	int code = whole ? use(v, whole, p) : 0;

	json_decref(whole);
	return code;
}

static int run_status(struct invocation *v)
{
	return with_status(v, status);
}

const struct command command_status = {
	.name = "status", .arguments = "[PART]", .usual = true, .max_args = 1,
	.help = "What is applied, whether the kernel still matches it, the proxies that run, and the counters. PART narrows it: "
		"paths, shapers.back, proxies.web. Exit 0 if everything is in step and no path or server is down, else 3.",
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

	if (strcmp(member_text(whole, "state"), "none") == 0) {
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
		"paths.p1.state, balances.forward.paths.p2.packets, proxies.web.servers.a.state.",
	.run = run_get,
};
