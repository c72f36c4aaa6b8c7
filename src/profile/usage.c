/* SPDX-License-Identifier: MIT */
/* The notation of profile.md section 4, made from the table. */
#include "base/base.h"

#include "core/policy.h"
#include "profile/usage.h"

static bool is_option(const struct arg *arg)
{
	return arg->kind == ARG_OPTION || arg->kind == ARG_FLAG;
}

static void add_separator(struct text *out, size_t start, const char *separator)
{
	if (out->n > start)
		text_puts(out, separator);
}

void usage_types(const struct arg *arg, const char *separator, struct text *out)
{
	const size_t start = out->n;

	for (size_t i = 0; i < ARRAY_LEN(arg->types) && arg->types[i].type != VALUE_WRONG; i++) {
		const enum value_type type = arg->types[i].type;

		if (type == VALUE_CHOICE) {
			for (const char *const *c = arg->choices; *c; c++) {
				add_separator(out, start, separator);
				text_puts(out, *c);
			}
			continue;
		}
		add_separator(out, start, separator);
		if (type == VALUE_SWITCH)
			text_printf(out, "on%soff", separator);
		else
			text_printf(out, "<%s>%s", value_kinds[type].name, arg->many ? "…" : "");
	}
}

/* The types of all positional rows of one name: which of them it is depends on the first value. */
static void add_positional(const struct keyword *k, size_t at, struct text *out)
{
	const struct arg *arg = &k->args[at];
	const char *separator = arg->name ? "/" : " / ";

	if (arg->kind == ARG_OPTIONAL)
		text_puts(out, "[=");
	if (arg->name)
		text_printf(out, "%s=", arg->name);
	usage_types(arg, separator, out);
	for (size_t i = at + 1; i < k->n_args; i++)
		if (!is_option(&k->args[i]) && strcmp(arg_name(&k->args[i]), arg_name(arg)) == 0) {
			text_puts(out, separator);
			usage_types(&k->args[i], separator, out);
		}
	if (arg->kind == ARG_OPTIONAL)
		text_putc(out, ']');
}

static void add_option(const struct arg *arg, struct text *out)
{
	text_printf(out, "[%s", arg->name);
	if (arg->kind == ARG_OPTION) {
		text_putc(out, ' ');
		usage_types(arg, "/", out);
	}
	text_putc(out, ']');
}

static bool is_first_of_name(const struct keyword *k, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(arg_name(&k->args[i]), arg_name(&k->args[at])) == 0)
			return false;
	return true;
}

static bool takes_method(const struct keyword *k)
{
	return k->n_args > 0 && k->args[0].types[0].type == VALUE_METHOD;
}

void usage_arguments(const struct keyword *k, struct text *out)
{
	const size_t start = out->n;

	for (size_t i = 0; i < k->n_args; i++) {
		const struct arg *arg = &k->args[i];

		if ((is_option(arg) && takes_method(k)) || !is_first_of_name(k, i))
			continue;
		add_separator(out, start, " ");
		if (is_option(arg))
			add_option(arg, out);
		else if (k->named)
			text_puts(out, "<name>");
		else
			add_positional(k, i, out);
	}
	if (k->inner != BLOCK_NONE) {
		add_separator(out, start, k->inner_or_value ? " or " : " ");
		text_puts(out, "{ }");
	}
	if (out->n == start)
		text_puts(out, "–");
}

void usage_method(const struct keyword *method, const struct policy *policy, struct text *out)
{
	const size_t start = out->n;

	for (size_t i = 0; i < method->n_args; i++)
		if (is_option(&method->args[i]) && arg_fits(&method->args[i], policy->name)) {
			add_separator(out, start, " ");
			add_option(&method->args[i], out);
		}
	if (out->n == start)
		text_puts(out, "–");
}

bool usage_range(const struct value_spec *spec, struct text *out)
{
	if (spec->range)
		text_puts(out, spec->range);
	else if (spec->min)
		text_printf(out, "%s to %s", spec->min, spec->max);
	return spec->range || spec->min;
}

bool usage_fits(const struct keyword *method, const struct policy *policy)
{
	return !(policy->where & POLICY_BALANCE) == (method->block == BLOCK_PROXY);
}
