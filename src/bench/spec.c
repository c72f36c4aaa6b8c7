/* SPDX-License-Identifier: MIT */
/* Reads an emulated server's description: the table of keys, changes put in order, and what does not go together. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/units.h"
#include "bench/spec.h"

/* What a value's reader may need besides. */
struct reading {
	struct arena *arena;
	struct diags *diags;
};

/* The part of *s before the next `end`; *s is what follows. */
static struct str take(struct str *s, char end)
{
	const char *at = s->n ? memchr(s->p, end, s->n) : NULL;
	const struct str part = { s->p, at ? (size_t)(at - s->p) : s->n };

	*s = at ? (struct str){ at + 1, s->n - part.n - 1 } : (struct str){ s->p + s->n, 0 };
	return part;
}

int listen_parse(struct str s, struct endpoint *e)
{
	const bool any_port = s.n > 2 && memcmp(s.p + s.n - 2, ":0", 2) == 0;
	char text[ENDPOINT_TEXT];

	if (!any_port || s.n >= sizeof(text))
		return endpoint_parse(s, e);
	memcpy(text, s.p, s.n);
	text[s.n - 1] = '1';
	const int err = endpoint_parse((struct str){ text, s.n }, e);

	e->port = 0;
	return err;
}

/* ---- values ---------------------------------------------------------------------------------------------------- */

static int read_name(struct str v, struct spec_conf *c, struct reading *r UNUSED)
{
	if (v.n == 0 || v.n > SPEC_NAME)
		return -EINVAL;
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] <= ' ' || v.p[i] > '~' || strchr("\"\\:=", v.p[i]))
			return -EINVAL;
	memcpy(c->name, v.p, v.n);
	c->name[v.n] = 0;
	return 0;
}

static int read_latency(struct str v, struct spec_conf *c, struct reading *r UNUSED)
{
	return latency_parse(v, &c->latency);
}

static int read_scale(struct str v, struct spec_conf *c, struct reading *r UNUSED)
{
	return parse_millionths(v, &c->scale_ppm);
}

static int read_slots(struct str v, struct spec_conf *c, struct reading *r UNUSED)
{
	uint64_t n;

	if (parse_uint(v, &n) || n > 1000000)
		return -EINVAL;
	c->slots = (uint32_t)n;
	return 0;
}

/* A whole number, with a unit or without. */
static int read_bytes(struct str v, uint64_t *bytes)
{
	if (parse_uint(v, bytes) && parse_measure(v, size_units, bytes))
		return -EINVAL;
	return *bytes <= UINT64_C(1) << 40 ? 0 : -EINVAL;
}

static int read_reply(struct str v, struct spec_conf *c, struct reading *r)
{
	static const char *const plain[] = {
		[REPLY_PATH] = "path", [REPLY_TARGET] = "target", [REPLY_HELLO] = "hello", [REPLY_FIXED58] = "fixed58",
		[REPLY_FILE] = NULL, [REPLY_ECHO] = "echo",
	};
	const struct str whole = v;
	const struct str kind = take(&v, ':');

	if (str_is(kind, "size")) {
		c->reply = REPLY_SIZE;
		return read_bytes(v, &c->reply_bytes);
	}
	if (str_is(kind, "file")) {
		c->reply = REPLY_FILE;
		c->reply_dir = arena_str(r->arena, v);
		return v.n ? 0 : -EINVAL;
	}
	for (unsigned i = 0; i < ARRAY_LEN(plain); i++) {
		if (!plain[i] || !str_is(whole, plain[i]))
			continue;
		c->reply = i;
		return 0;
	}
	return -EINVAL;
}

static int read_keep(struct str v, struct spec_conf *c, struct reading *r UNUSED)
{
	c->keep = str_is(v, "yes");
	return c->keep || str_is(v, "no") ? 0 : -EINVAL;
}

static const struct {
	const char *name;
	enum fail_kind kind, with_number;       /* FAIL_NONE: it takes no number; or it needs one */
} fails[] = {
	{ "none", FAIL_NONE, FAIL_NONE },       { "refuse", FAIL_REFUSE, FAIL_NONE },
	{ "hang", FAIL_HANG, FAIL_NONE },       { "reset", FAIL_RESET, FAIL_RESET_AFTER },
	{ "cut", FAIL_NONE, FAIL_CUT },         { "slow", FAIL_NONE, FAIL_SLOW },
	{ "garbage", FAIL_GARBAGE, FAIL_NONE }, { "status", FAIL_NONE, FAIL_STATUS },
};

static int read_fail_number(enum fail_kind kind, struct str v, uint64_t *number)
{
	if (kind == FAIL_SLOW)
		return parse_measure(v, rate_units, number) || *number == 0 ? -EINVAL : 0;
	if (kind == FAIL_STATUS)
		return parse_uint(v, number) || *number < 200 || *number > 599 ? -EINVAL : 0;
	return read_bytes(v, number);
}

static int read_fail(struct str v, struct spec_conf *c, struct reading *r UNUSED)
{
	const bool has_number = v.n && memchr(v.p, ':', v.n);
	const struct str name = take(&v, ':');

	for (size_t i = 0; i < ARRAY_LEN(fails); i++) {
		if (!str_is(name, fails[i].name))
			continue;
		c->fail = has_number ? fails[i].with_number : fails[i].kind;
		if (has_number)
			return c->fail == FAIL_NONE ? -EINVAL : read_fail_number(c->fail, v, &c->fail_number);
		return c->fail == FAIL_NONE && fails[i].with_number != FAIL_NONE ? -EINVAL : 0;
	}
	return -EINVAL;
}

static int read_share(struct str v, struct spec_conf *c, struct reading *r UNUSED)
{
	uint64_t percent;

	if (v.n < 2 || v.p[v.n - 1] != '%' || parse_millionths((struct str){ v.p, v.n - 1 }, &percent) || percent > 100000000)
		return -EINVAL;
	c->share_ppm = (uint32_t)(percent / 100);
	return 0;
}

static int read_record(struct str v, struct spec_conf *c, struct reading *r)
{
	c->record = arena_str(r->arena, v);
	return v.n ? 0 : -EINVAL;
}

/* ---- keys ------------------------------------------------------------------------------------------------------ */

static const struct key {
	const char *name;
	int (*read)(struct str value, struct spec_conf *c, struct reading *r);
	bool fixed;                     /* cannot change later */
	const char *hint;
} keys[] = {
	{ "name", read_name, true, "at most 31 printable characters without blank, quote, \\, : and =" },
	{ "latency", read_latency, false,
	  "0, 20ms, exp:5ms, uniform:5ms:15ms, pareto:2ms:1.5, list:10ms:15ms:20ms, seed-a, seed-b or seed-c" },
	{ "scale", read_scale, false, "a number, for example 0.1" },
	{ "slots", read_slots, false, "a whole number; 0 is without limit" },
	{ "reply", read_reply, false, "size:128, path, target, hello, fixed58, file:DIR or echo" },
	{ "keep", read_keep, false, "yes or no" },
	{ "fail", read_fail, false, "none, refuse, hang, reset, cut:N, reset:N, slow:8kbit, garbage or status:503" },
	{ "share", read_share, false, "a percentage, for example 5%" },
	{ "record", read_record, true, "the name of a file" },
};

static const struct key *find_key(struct str name, struct reading *r)
{
	const char *names[ARRAY_LEN(keys) + 1];

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (str_is(name, keys[i].name))
			return &keys[i];
		names[i] = keys[i].name;
	}
	names[ARRAY_LEN(keys)] = "at";
	struct diag *g = diag_error(r->diags, NULL, "usage", "unknown key '%.*s'", (int)name.n, name.p);

	if (!diag_nearest(r->diags, g, name, names, ARRAY_LEN(names)))
		diag_hint(r->diags, g, "there are name, latency, scale, slots, reply, keep, fail, share, record and at");
	return NULL;
}

static int set(struct str name, struct str value, bool later, struct spec_conf *c, struct reading *r)
{
	const struct key *k = find_key(name, r);

	if (!k)
		return -EINVAL;
	if (later && k->fixed) {
		diag_error(r->diags, NULL, "usage", "'%s' cannot change later", k->name);
		return -EINVAL;
	}
	if (k->read(value, c, r) == 0)
		return 0;
	diag_hint(r->diags, diag_error(r->diags, NULL, "usage", "'%.*s' is no value for '%s'", (int)value.n, value.p, k->name),
		  "%s", k->hint);
	return -EINVAL;
}

/* What fits only HTTP, or only all of the requests. */
static int check(const struct spec_conf *c, struct diags *d)
{
	if (c->fail == FAIL_STATUS && spec_is_raw(c))
		diag_error(d, NULL, "usage", "'fail=status' needs an HTTP reply: size, path, target or hello");
	else if (c->fail == FAIL_REFUSE && c->share_ppm != 1000000)
		diag_error(d, NULL, "usage", "'fail=refuse' takes all connections: it has no share");
	else
		return 0;
	return -EINVAL;
}

/* at=5s:fail=hang */
static int add_change(struct str value, struct spec *s, size_t *room, struct reading *r)
{
	struct spec_change c = { 0 };
	const struct str whole = value;
	const struct str at = take(&value, ':');

	c.key = take(&value, '=');
	c.value = value;
	if (parse_measure(at, time_units, &c.at_us) || c.key.n == 0 || c.value.n == 0) {
		diag_hint(r->diags, diag_error(r->diags, NULL, "usage", "'%.*s' is no value for 'at'", (int)whole.n, whole.p),
			  "write for example at=5s:fail=hang");
		return -EINVAL;
	}
	s->changes = arena_grow(r->arena, s->changes, s->n_changes, room, sizeof(c));
	size_t i = s->n_changes++;

	for (; i > 0 && s->changes[i - 1].at_us > c.at_us; i--)
		s->changes[i] = s->changes[i - 1];
	s->changes[i] = c;
	return 0;
}

/* Each change on top of those before it. */
static int apply_changes(struct spec *s, struct reading *r)
{
	struct spec_conf conf = s->conf;

	for (size_t i = 0; i < s->n_changes; i++) {
		struct spec_change *c = &s->changes[i];

		if (set(c->key, c->value, true, &conf, r))
			return -EINVAL;
		c->conf = conf;
		/* Of several at one time only the last has to make sense. */
		if ((i + 1 == s->n_changes || s->changes[i + 1].at_us != c->at_us) && check(&conf, r->diags))
			return -EINVAL;
	}
	return 0;
}

int spec_parse(const char *text, struct spec *s, struct arena *a, struct diags *d)
{
	struct reading r = { a, d };
	struct str rest = str_of(text);
	const struct str listen = take(&rest, ',');
	size_t room = 0;

	*s = (struct spec){ .conf = { .latency.n = 1, .scale_ppm = 1000000, .reply = REPLY_SIZE, .reply_bytes = 128, .keep = true,
				      .share_ppm = 1000000 } };
	if (listen_parse(listen, &s->listen)) {
		diag_hint(d, diag_error(d, NULL, "usage", "'%.*s' is not an address and port", (int)listen.n, listen.p),
			  "names are not looked up; write for example 127.0.0.1:9001");
		return -EINVAL;
	}
	while (rest.n > 0) {
		struct str value = take(&rest, ',');
		const struct str word = value;
		const struct str key = take(&value, '=');

		if (key.n == word.n) {
			diag_hint(d, diag_error(d, NULL, "usage", "'%.*s' is not key=value", (int)word.n, word.p),
				  "write for example latency=20ms");
			return -EINVAL;
		}
		if (str_is(key, "at") ? add_change(value, s, &room, &r) : set(key, value, false, &s->conf, &r))
			return -EINVAL;
	}
	return check(&s->conf, d) ? -EINVAL : apply_changes(s, &r);
}
