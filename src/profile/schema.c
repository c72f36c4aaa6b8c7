/* SPDX-License-Identifier: MIT */
/* Table to schema: one definition per block and per type that is written as text. */
#include "base/base.h"

#include "base/json.h"
#include "core/policy.h"
#include "profile/keywords.h"
#include "profile/schema.h"
#include "profile/usage.h"

enum { REAL_DIGITS = 15, MILLION = 1000000 };

/* What the text of a type looks like; types that are not here have schemas of their own. */
static const struct {
	enum value_type type;
	const char *pattern;
} patterns[] = {
	{ VALUE_NAME, "^[a-z][a-z0-9-]{0,30}$" },
	{ VALUE_LABEL, "^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$" },
	{ VALUE_TEXT, "^.{0,1024}$" },
	{ VALUE_FILE, "^/.{0,1023}$" },
	{ VALUE_URL, "^/[!-~]{0,1023}$" },
	{ VALUE_DEVICE, "^[^/\\s]{1,15}$" },
	{ VALUE_RATE, "^[0-9]+(\\.[0-9]{1,6})?[kKmMgGtT]?[bB][iI][tT]$" },
	{ VALUE_SIZE, "^[0-9]+(\\.[0-9]{1,6})?([kKmMgG]?[bB]|[kKmMgG][bB][iI][tT])$" },
	{ VALUE_BYTES, "^[0-9]+(\\.[0-9]{1,6})?([kKmMgG]?[bB]|[kKmMgG][bB][iI][tT])$" },
	{ VALUE_PACKETS, "^[0-9]+[pP]$" },
	{ VALUE_TIME, "^[0-9]+(\\.[0-9]{1,6})?([uUmM]?[sS]|[mM][iI][nN]|[hH])$" },
	{ VALUE_PERCENT, "^[0-9]+(\\.[0-9]{1,6})?%$" },
	{ VALUE_ADDRESS, "^([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)$" },
	{ VALUE_PREFIX, "^([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)(/[0-9]{1,3})?$" },
	{ VALUE_ENDPOINT, "^([0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*\\]):[0-9]{1,5}$" },
	{ VALUE_CODES, "^[1-5][0-9]{2}(-[1-5][0-9]{2})?$" },
};

static json_t *reference(const char *name)
{
	return json_own(json_pack("{s:o}", "$ref", json_sprintf("#/$defs/%s", name)));
}

/* One of the list's schemas; the list becomes part of the result. */
static json_t *any_of(json_t *list)
{
	if (json_array_size(list) != 1)
		return json_own(json_pack("{s:o}", "anyOf", list));
	json_t *only = json_incref(json_array_get(list, 0));

	json_decref(list);
	return only;
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

static json_t *number_json(uint64_t millionths)
{
	return millionths % MILLION ? json_real((double)millionths / MILLION)
				    : json_integer((json_int_t)(millionths / MILLION));
}

/* A bound that names another keyword is a check of meaning. */
static void put_bound(json_t *schema, const char *name, enum value_type type, const char *bound)
{
	struct value v;

	if (!bound || value_parse(type, str_of(bound), &v) < 0)
		return;
	json_put(schema, name, type == VALUE_NUMBER ? number_json(v.number) : json_integer((json_int_t)v.number));
}

static json_t *powers_of_two(const struct value_spec *spec)
{
	json_t *list = json_own(json_array());
	struct value min, max;

	if (value_parse(VALUE_INT, str_of(spec->min), &min) < 0 || value_parse(VALUE_INT, str_of(spec->max), &max) < 0)
		BUG("bounds of a power of two");
	for (uint64_t n = min.number; n <= max.number; n *= 2)
		json_push(list, json_integer((json_int_t)n));
	return json_own(json_pack("{s:o}", "enum", list));
}

static json_t *number_schema(const struct value_spec *spec)
{
	if (spec->rule == RULE_POWER_OF_TWO)
		return powers_of_two(spec);
	json_t *schema = json_own(json_pack("{s:s}", "type", spec->type == VALUE_INT ? "integer" : "number"));

	put_bound(schema, "minimum", spec->type, spec->min);
	put_bound(schema, "maximum", spec->type, spec->max);
	if (spec->rule == RULE_NOT_RESERVED_TABLE)
		json_put(schema, "not", json_pack("{s:i,s:i}", "minimum", 253, "maximum", 255));
	return schema;
}

static json_t *choice_schema(const char *const *choices)
{
	json_t *list = json_own(json_array());

	for (; *choices; choices++)
		json_push(list, json_string(*choices));
	return json_own(json_pack("{s:o}", "enum", list));
}

static json_t *method_schema(const struct keyword *k)
{
	json_t *list = json_own(json_array());

	for (size_t i = 0; i < ARRAY_LEN(policies); i++)
		if (usage_fits(k, policies[i]))
			json_push(list, json_string(policies[i]->name));
	return json_own(json_pack("{s:o}", "enum", list));
}

static json_t *spec_schema(const struct keyword *k, const struct arg *arg, const struct value_spec *spec)
{
	switch (spec->type) {
	case VALUE_INT:
	case VALUE_NUMBER:
		return number_schema(spec);
	case VALUE_CHOICE:
		return choice_schema(arg->choices);
	case VALUE_METHOD:
		return method_schema(k);
	case VALUE_SWITCH:
		return json_own(json_pack("{s:s}", "type", "boolean"));
	case VALUE_WRONG:
	case VALUE_TYPES:
		BUG("'%s' has an argument without a type", k->word);
	case VALUE_NAME:
	case VALUE_LABEL:
	case VALUE_TEXT:
	case VALUE_FILE:
	case VALUE_URL:
	case VALUE_DEVICE:
	case VALUE_RATE:
	case VALUE_SIZE:
	case VALUE_BYTES:
	case VALUE_PACKETS:
	case VALUE_TIME:
	case VALUE_PERCENT:
	case VALUE_ADDRESS:
	case VALUE_PREFIX:
	case VALUE_ENDPOINT:
	case VALUE_CODES:
		break;
	}
	return reference(value_kinds[spec->type].name);
}

static void push_new(json_t *list, json_t *schema)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_equal(json_array_get(list, i), schema)) {
			json_decref(schema);
			return;
		}
	json_push(list, schema);
}

/* All rows of the argument's name: which one it is depends on the first value. */
static json_t *arg_schema(const struct keyword *k, const struct arg *arg)
{
	json_t *list = json_own(json_array());

	if (arg->kind == ARG_FLAG) {
		json_push(list, json_pack("{s:b}", "const", 1));
		return any_of(list);
	}
	for (size_t i = 0; i < k->n_args; i++)
		for (size_t t = 0; t < ARRAY_LEN(k->args[i].types) && k->args[i].types[t].type != VALUE_WRONG; t++)
			if (strcmp(arg_name(&k->args[i]), arg_name(arg)) == 0)
				push_new(list, spec_schema(k, &k->args[i], &k->args[i].types[t]));
	return any_of(list);
}

/* ---- statements ------------------------------------------------------------------------------------------------- */

static json_t *object_schema(json_t *properties, json_t *required)
{
	json_t *schema = json_own(json_pack("{s:s,s:b,s:o}", "type", "object", "additionalProperties", 0,
				       "properties", properties));

	if (json_array_size(required) > 0)
		json_put(schema, "required", json_incref(required));
	json_decref(required);
	return schema;
}

/* The form with a member for each argument, and the short form where one positional value is enough. */
static json_t *arguments_schema(const struct keyword *k)
{
	json_t *properties = json_own(json_object());
	json_t *required = json_own(json_array());
	json_t *forms = json_own(json_array());

	for (size_t i = 0; i < k->n_args; i++) {
		const char *name = arg_name(&k->args[i]);

		if (json_object_get(properties, name))
			continue;
		json_put(properties, name, arg_schema(k, &k->args[i]));
		if (k->args[i].kind == ARG_VALUE)
			json_push(required, json_string(name));
	}
	if (json_array_size(required) == 1)
		json_push(forms, arg_schema(k, &k->args[0]));
	json_push(forms, object_schema(properties, required));
	return any_of(forms);
}

static json_t *statement_schema(const struct keyword *k)
{
	json_t *forms = json_own(json_array());

	if (k->n_args == 0 && k->inner == BLOCK_NONE)
		json_push(forms, json_pack("{s:b}", "const", 1));
	else if (k->n_args > 0 && !k->named)
		json_push(forms, arguments_schema(k));
	if (k->inner != BLOCK_NONE)
		json_push(forms, reference(block_name(k->inner)));
	return any_of(forms);
}

static json_t *named_schema(const struct keyword *k)
{
	json_t *schema = json_own(json_pack("{s:s,s:o,s:o}", "type", "object", "propertyNames", reference("name"),
				       "additionalProperties", reference(block_name(k->inner))));

	if (k->times == TIMES_SOME)
		json_put(schema, "minProperties", json_integer(1));
	if (k->most)
		json_put(schema, "maxProperties", json_integer(k->most));
	return schema;
}

static bool takes_many(const struct keyword *k)
{
	return k->n_args > 0 && k->args[0].many;
}

static json_t *keyword_schema(const struct keyword *k)
{
	json_t *schema;

	if (k->named) {
		schema = named_schema(k);
	} else if (takes_many(k) || k->times == TIMES_ANY || k->times == TIMES_SOME) {
		schema = json_own(json_pack("{s:s,s:o,s:i}", "type", "array", "items",
				       takes_many(k) ? arg_schema(k, &k->args[0]) : statement_schema(k), "minItems", 1));
		if (k->most)
			json_put(schema, "maxItems", json_integer(k->most));
	} else {
		schema = statement_schema(k);
	}
	json_put(schema, "description", json_string(k->help));
	return schema;
}

static json_t *block_schema(enum block_kind block)
{
	json_t *properties = json_own(json_object());
	json_t *required = json_own(json_array());

	if (block == BLOCK_TOP)
		json_put(properties, "$schema", json_pack("{s:s}", "type", "string"));
	for (const struct keyword *k = keyword_next(block, NULL); k; k = keyword_next(block, k)) {
		json_put(properties, k->word, keyword_schema(k));
		if (k->times == TIMES_ONE || k->times == TIMES_SOME)
			json_push(required, json_string(k->word));
		if (k->named && (k->inner == BLOCK_PATH || k->inner == BLOCK_SERVER)) {
			auto_text struct text name = { 0 };

			text_printf(&name, "%s-order", k->word);
			json_put(properties, text_get(&name),
			    json_pack("{s:s,s:o,s:b,s:s}", "type", "array", "items", reference("name"), "uniqueItems", 1,
				      "description", "all the names, where their order is not that of their bytes"));
		}
	}
	return object_schema(properties, required);
}

/* A type that is written as text; where it has a unit a bare number may stand too. */
static json_t *pattern_schema(enum value_type type, const char *pattern)
{
	json_t *text = json_own(json_pack("{s:s,s:s}", "type", "string", "pattern", pattern));
	const char *unit = value_kinds[type].unit;

	if (!unit)
		return text;
	return json_own(json_pack("{s:[o,{s:s,s:i}]}", "anyOf", text,
			     "type", type == VALUE_PACKETS || type == VALUE_BYTES ? "integer" : "number", "minimum", 0));
}

void schema_profile_print(struct text *out)
{
	json_t *schema = json_own(json_pack("{s:s,s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema",
				       "title", "nlbc profile, JSON twin, language version 1"));
	json_t *defs = json_own(json_object());
	json_t *top = block_schema(BLOCK_TOP);

	for (enum block_kind b = BLOCK_ROLE; b < BLOCK_KINDS; b++)
		json_put(defs, block_name(b), block_schema(b));
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++)
		json_put(defs, value_kinds[patterns[i].type].name, pattern_schema(patterns[i].type, patterns[i].pattern));
	if (json_object_update_new(schema, top) < 0)
		out_of_memory();
	json_put(schema, "$defs", defs);

	json_print(schema, JSON_INDENT(2) | JSON_REAL_PRECISION(REAL_DIGITS), out);
	text_putc(out, '\n');
	json_decref(schema);
}
