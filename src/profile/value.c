/* SPDX-License-Identifier: MIT */
/* The types of values: what their text means, in exact integers, and what to say of text that means nothing. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/units.h"
#include "core/policy.h"
#include "profile/keywords.h"
#include "profile/limits.h"
#include "profile/value.h"

const struct value_kind value_kinds[VALUE_TYPES] = {
	[VALUE_WRONG] = { "", "", NULL, NULL },
	[VALUE_NAME] = { "name", "is not a name", "lower-case letters, digits and hyphens, at most 31, a letter first", NULL },
	[VALUE_LABEL] = { "label", "is not a label", NULL, NULL },
	[VALUE_TEXT] = { "text", "is not a text", NULL, NULL },
	[VALUE_FILE] = { "file", "is not an absolute path", NULL, NULL },
	[VALUE_URL] = { "url", "is not a URL path", "begin it with /", NULL },
	[VALUE_DEVICE] = { "device", "is not a device name", NULL, NULL },
	[VALUE_INT] = { "int", "is not a whole number", NULL, "" },
	[VALUE_NUMBER] = { "number", "is not a number", NULL, "" },
	[VALUE_RATE] = { "rate", "is not a rate", "write a unit, for example 50mbit", "bit" },
	[VALUE_SIZE] = { "size", "is not a size", "write a unit, for example 64kb or 1mbit", "b" },
	[VALUE_BYTES] = { "bytes", "is not a number of bytes", NULL, "" },
	[VALUE_PACKETS] = { "packets", "is not a number of packets", "write it as 100p", "p" },
	[VALUE_TIME] = { "time", "is not a time", "write a unit, for example 500ms", "s" },
	[VALUE_PERCENT] = { "percent", "is not a percentage", "write it as 1%", "%" },
	[VALUE_ADDRESS] = { "address", "is not an address", NULL, NULL },
	[VALUE_PREFIX] = { "prefix", "is not a prefix", "write for example 10.10.3.0/24", NULL },
	[VALUE_ENDPOINT] = { "endpoint", "is not an address and port",
			     "names are not looked up; write for example 127.0.0.1:80", NULL },
	[VALUE_CODES] = { "codes", "is not a status", "write for example 200 or 200-299", NULL },
	[VALUE_CHOICE] = { "choice", "is not one of the choices", NULL, NULL },
	[VALUE_SWITCH] = { "on / off", "is neither on nor off", NULL, NULL },
	[VALUE_METHOD] = { "method", "is not a method", NULL, NULL },
};

/* tc's units of bytes per second, refused as rates. */
static const struct unit byte_rate_units[] = {
	{ "bps", 1 }, { "kbps", 1 }, { "mbps", 1 }, { "gbps", 1 }, { "tbps", 1 }, { NULL, 0 },
};
static const struct unit packet_units[] = { { "p", 1 }, { NULL, 0 } };
static const struct unit percent_units[] = { { "%", 10000 }, { NULL, 0 } };

static size_t span(struct str s, const char *accept)
{
	size_t n = 0;

	while (n < s.n && s.p[n] && strchr(accept, s.p[n]))
		n++;
	return n;
}

static int parse_packets(struct str s, uint64_t *number)
{
	if (span(s, "0123456789") + 1 != s.n)
		return -EINVAL;
	return parse_measure(s, packet_units, number);
}

static int parse_code(struct str s, uint32_t *code)
{
	uint64_t number;

	if (s.n != 3 || parse_uint(s, &number) || number < 100 || number > 599)
		return -EINVAL;
	*code = (uint32_t)number;
	return 0;
}

static int parse_codes(struct str s, struct value *v)
{
	const size_t first = span(s, "0123456789");
	const struct str last = first < s.n ? (struct str){ s.p + first + 1, s.n - first - 1 } : s;

	if ((first < s.n && s.p[first] != '-') || parse_code((struct str){ s.p, first }, &v->codes.min) ||
	    parse_code(last, &v->codes.max))
		return -EINVAL;
	return v->codes.min <= v->codes.max ? 0 : -EINVAL;
}

bool name_is_valid(struct str s)
{
	return s.n > 0 && s.n <= LIMIT_NAME && s.p[0] >= 'a' && s.p[0] <= 'z' &&
	       span(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == s.n;
}

static bool is_label(struct str s)
{
	return s.n > 0 && s.n <= 63 && s.p[0] != '.' && s.p[0] != '-' &&
	       span(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == s.n;
}

static bool is_file(struct str s)
{
	if (s.n == 0 || s.n > LIMIT_TEXT || s.p[0] != '/')
		return false;
	for (size_t i = 0; i + 2 < s.n; i++)
		if (memcmp(s.p + i, "/..", 3) == 0 && (i + 3 == s.n || s.p[i + 3] == '/'))
			return false;
	return true;
}

static bool is_url(struct str s)
{
	if (s.n == 0 || s.n > LIMIT_TEXT || s.p[0] != '/')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return true;
}

static bool is_device(struct str s)
{
	if (s.n == 0 || s.n > 15 || str_is(s, ".") || str_is(s, ".."))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f || s.p[i] == '/')
			return false;
	return true;
}

static int parse_switch(struct str s, uint64_t *number)
{
	*number = str_is(s, "on");
	return *number || str_is(s, "off") ? 0 : -EINVAL;
}

static int parse_meaning(enum value_type type, struct str s, struct value *v)
{
	switch (type) {
	case VALUE_NAME:
		return name_is_valid(s) ? 0 : -EINVAL;
	case VALUE_LABEL:
		return is_label(s) ? 0 : -EINVAL;
	case VALUE_TEXT:
		return s.n <= LIMIT_TEXT ? 0 : -EINVAL;
	case VALUE_FILE:
		return is_file(s) ? 0 : -EINVAL;
	case VALUE_URL:
		return is_url(s) ? 0 : -EINVAL;
	case VALUE_DEVICE:
		return is_device(s) ? 0 : -EINVAL;
	case VALUE_INT:
		return parse_uint(s, &v->number);
	case VALUE_NUMBER:
		return parse_millionths(s, &v->number);
	case VALUE_RATE:
		return parse_measure(s, rate_units, &v->number);
	case VALUE_SIZE:
		return parse_measure(s, size_units, &v->number);
	case VALUE_BYTES:
		return parse_uint(s, &v->number) == -EINVAL ? parse_measure(s, size_units, &v->number) :
							      parse_uint(s, &v->number);
	case VALUE_PACKETS:
		return parse_packets(s, &v->number);
	case VALUE_TIME:
		return parse_measure(s, time_units, &v->number);
	case VALUE_PERCENT:
		return parse_measure(s, percent_units, &v->number);
	case VALUE_ADDRESS:
		return addr_parse(s, &v->address);
	case VALUE_PREFIX:
		v->prefix.has_length = s.n > 0 && memchr(s.p, '/', s.n);
		return prefix_parse(s, &v->prefix.prefix, &v->prefix.raw);
	case VALUE_ENDPOINT:
		return endpoint_parse(s, &v->endpoint);
	case VALUE_CODES:
		return parse_codes(s, v);
	case VALUE_SWITCH:
		return parse_switch(s, &v->number);
	case VALUE_METHOD:
		v->method = policy_find(s);
		return v->method ? 0 : -EINVAL;
	case VALUE_CHOICE:
	case VALUE_WRONG:
	case VALUE_TYPES:
		break;
	}
	BUG("value type %d has no text of its own", type);
}

int value_parse(enum value_type type, struct str text, struct value *v)
{
	const int err = parse_meaning(type, text, v);

	v->type = err == -EINVAL ? VALUE_WRONG : type;
	return err;
}

static int parse_choice(const struct arg *arg, struct str s, struct value *v)
{
	for (unsigned i = 0; arg->choices[i]; i++) {
		if (!str_is(s, arg->choices[i]))
			continue;
		v->type = VALUE_CHOICE;
		v->number = i;
		return 0;
	}
	return -EINVAL;
}

static bool is_number(enum value_type type)
{
	return type >= VALUE_INT && type <= VALUE_PERCENT;
}

/* The text that a word has as this type; false: a word of its kind cannot be one. `buf` holds what has to be made up. */
static bool text_as(enum value_type type, const struct word *w, struct text *buf, struct str *text)
{
	const char *unit = value_kinds[type].unit;

	*text = w->text;
	switch (w->kind) {
	case WORD_BARE:
	case WORD_QUOTED:
		return true;
	case WORD_JSON_STRING:
		return type != VALUE_INT && type != VALUE_NUMBER && type != VALUE_SWITCH;
	case WORD_JSON_BOOL:
		*text = str_is(w->text, "true") ? STR("on") : STR("off");
		return type == VALUE_SWITCH;
	case WORD_JSON_NUMBER:
		if (!unit)
			return false;
		text_clear(buf);
		text_add(buf, w->text.p, w->text.n);
		text_puts(buf, unit);
		*text = (struct str){ text_get(buf), buf->n };
		return true;
	}
	return false;
}

static bool bound(const struct value_spec *spec, const char *text, uint64_t *number)
{
	struct value v;

	if (!text || !is_number(spec->type) || value_parse(spec->type, str_of(text), &v))
		return false;
	*number = v.number;
	return true;
}

static bool rule_holds(enum value_rule rule, uint64_t number)
{
	switch (rule) {
	case RULE_NONE:
	case RULE_VERSION:
		return true;
	case RULE_POWER_OF_TWO:
		return number > 0 && (number & (number - 1)) == 0;
	case RULE_ADJACENT_BITS:
		return __builtin_popcountll(number) >= 2 &&
		       __builtin_popcountll(number) + __builtin_ctzll(number) + __builtin_clzll(number) == 64;
	case RULE_NOT_RESERVED_TABLE:
		return number < 253 || number > 255;
	}
	return false;
}

static bool in_range(const struct value_spec *spec, const struct value *v)
{
	uint64_t limit;

	if (bound(spec, spec->min, &limit) && v->number < limit)
		return false;
	if (bound(spec, spec->max, &limit) && v->number > limit)
		return false;
	return rule_holds(spec->rule, v->number);
}

static void tell_range(const struct value_spec *spec, const char *owner, const struct word *w, struct diags *d)
{
	if (spec->rule == RULE_VERSION) {
		struct diag *v = diag_error(d, &w->place, "out-of-range", "language version %.*s is not known", (int)w->text.n,
					    w->text.p);
		diag_hint(d, v, "this nlbc reads version %s", spec->max);
		return;
	}
	struct diag *g = diag_error(d, &w->place, "out-of-range", "'%.*s' is out of range for '%s'", (int)w->text.n, w->text.p,
				    owner);

	if (spec->range)
		diag_hint(d, g, "%s", spec->range);
	else if (spec->min)
		diag_hint(d, g, "%s to %s", spec->min, spec->max);
}

/* A rate in tc's bytes per second: the same in bits. */
static bool hint_byte_rate(const struct word *w, struct diags *d, struct diag *g)
{
	const size_t digits = span(w->text, "0123456789.");
	uint64_t ignored;
	uint64_t millionths;

	if (parse_measure(w->text, byte_rate_units, &ignored) ||
	    parse_millionths((struct str){ w->text.p, digits }, &millionths) || millionths > UINT64_MAX / 8)
		return false;
	millionths *= 8;
	auto_text struct text t = { 0 };
	text_printf(&t, "%llu.%06llu", (unsigned long long)(millionths / 1000000), (unsigned long long)(millionths % 1000000));
	while (t.p[t.n - 1] == '0')
		t.p[--t.n] = '\0';
	if (t.p[t.n - 1] == '.')
		t.p[--t.n] = '\0';
	for (size_t i = digits; w->text.p[i] != 'p' && w->text.p[i] != 'P'; i++)
		text_putc(&t, (char)(w->text.p[i] | 0x20));
	/* "mbps" up to its p is "mb": the b begins "bit". */
	diag_hint(d, g, "in tc this means bytes per second; write %sit", text_get(&t));
	return true;
}

static size_t count_choices(const struct arg *arg)
{
	size_t n = 0;

	while (arg->choices && arg->choices[n])
		n++;
	return n;
}

/* "one of: tcp, udp, <int>" */
static void hint_choices(const struct arg *arg, bool twin, struct diags *d, struct diag *g)
{
	auto_text struct text t = { 0 };

	for (size_t i = 0; i < count_choices(arg); i++)
		text_printf(&t, ", %s", arg->choices[i]);
	for (size_t i = 0; i < ARRAY_LEN(arg->types); i++) {
		const enum value_type type = arg->types[i].type;
		if (type == VALUE_SWITCH)
			text_puts(&t, twin ? ", true, false" : ", on, off");
		else if (type != VALUE_WRONG && type != VALUE_CHOICE && type != VALUE_METHOD)
			text_printf(&t, ", <%s>", value_kinds[type].name);
	}
	diag_hint(d, g, "one of: %s", text_get(&t) + 2);
}

/* The message is that of the type listed first. */
static struct diag *wrong_text(const struct arg *arg, const char *owner, const struct word *w, struct diags *d)
{
	const enum value_type type = arg->types[0].type;
	const int n = (int)w->text.n;

	if (type == VALUE_CHOICE || type == VALUE_SWITCH)
		return diag_error(d, &w->place, "bad-value", "unknown value '%.*s' for '%s'", n, w->text.p, owner);
	if (type == VALUE_METHOD)
		return diag_error(d, &w->place, "bad-value", "unknown method '%.*s'", n, w->text.p);
	if (w->text.n > LIMIT_TEXT && type == VALUE_TEXT)
		return diag_error(d, &w->place, "bad-value", "text is longer than %d bytes", LIMIT_TEXT);
	return diag_error(d, &w->place, "bad-value", "'%.*s' %s", n, w->text.p, value_kinds[type].wrong);
}

/* JSON has no hex digits. */
static void hint_number(const struct word *w, const struct value *v, struct diags *d, struct diag *g)
{
	if (w->text.n > 1 && w->text.p[1] == 'x')
		diag_hint(d, g, "write it without quotes: %llu", (unsigned long long)v->number);
	else
		diag_hint(d, g, "write it without quotes");
}

/* Its values are words of a list, and not any text of a form. */
static bool has_words(enum value_type type)
{
	return type == VALUE_CHOICE || type == VALUE_SWITCH || type == VALUE_METHOD;
}

static void tell_wrong(const struct arg *arg, const char *owner, const struct word *w, struct diags *d)
{
	const enum value_type type = arg->types[0].type;
	const bool twin = w->kind >= WORD_JSON_STRING;
	struct diag *g = wrong_text(arg, owner, w, d);
	struct value v;

	if (w->kind == WORD_JSON_STRING && is_number(type) && value_parse(type, w->text, &v) == 0)
		hint_number(w, &v, d, g);
	else if (w->kind == WORD_JSON_NUMBER && !has_words(type) && value_parse(type, w->text, &v) == 0)
		diag_hint(d, g, "write it in quotes");
	else if (arg->choices && diag_nearest(d, g, w->text, arg->choices, count_choices(arg)))
		return;
	else if (type == VALUE_RATE && hint_byte_rate(w, d, g))
		return;
	else if (has_words(type))
		hint_choices(arg, twin, d, g);
	else if (value_kinds[type].hint)
		diag_hint(d, g, "%s", value_kinds[type].hint);
}

void value_read(const struct arg *arg, const char *owner, const struct word *w, struct diags *d, struct value *v)
{
	auto_text struct text buf = { 0 };
	struct str text = w->text;

	*v = (struct value){ .place = w->place };
	for (size_t i = 0; i < ARRAY_LEN(arg->types) && arg->types[i].type != VALUE_WRONG; i++) {
		const struct value_spec *spec = &arg->types[i];
		if (!text_as(spec->type, w, &buf, &text))
			continue;
		const int err = spec->type == VALUE_CHOICE ? parse_choice(arg, text, v) : value_parse(spec->type, text, v);
		if (err == -EINVAL)
			continue;
		v->text = arena_str(d->arena, text);
		v->out_of_range = err || (is_number(spec->type) && !in_range(spec, v));
		if (v->out_of_range)
			tell_range(spec, owner, w, d);
		return;
	}
	v->type = VALUE_WRONG;
	v->text = arena_str(d->arena, w->text);
	tell_wrong(arg, owner, w, d);
}

bool value_equal(const struct value *a, const struct value *b)
{
	return a->type == b->type && strcmp(a->text, b->text) == 0;
}
