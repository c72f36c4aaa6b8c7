/* SPDX-License-Identifier: MIT */
/* The words for a status: of the whole, of a path. */
#include "base/base.h"

#include <time.h>

#include "apply/status.h"
#include "base/arena.h"
#include "cli/status_show.h"

const char *member_text(json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

json_int_t member_number(json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

void status_add_state(struct table *t, json_t *path)
{
	const char *state = member_text(path, "state");
	bool up = strcmp(state, "up") == 0, down = strcmp(state, "down") == 0;
	char capitals[16];
	size_t n = 0;

	for (; state[n] && n + 1 < sizeof(capitals); n++)
		capitals[n] = (char)(state[n] >= 'a' && state[n] <= 'z' ? state[n] - 'a' + 'A' : state[n]);
	capitals[n] = 0;
	const char *reason = member_text(path, "reason");

	table_add(t, up ? TINT_GOOD : down ? TINT_BAD : TINT_CARE, *reason ? "%s (%s)" : "%s", capitals, reason);
}

/* Those of the members that are down: `, web/b DOWN (health)`; `of` and `slash` stand before a name. */
static void add_down(json_t *members, const char *of, const char *slash, struct text *names)
{
	const char *name;
	json_t *m;

	json_object_foreach(members, name, m) {
		const char *reason = member_text(m, "reason");

		if (strcmp(member_text(m, "state"), "down") == 0)
			text_printf(names, *reason ? ", %s%s%s DOWN (%s)" : ", %s%s%s DOWN", of, slash, name, reason);
	}
}

/* What makes it degraded: `p2 DOWN (hand), interface back PENDING`. */
static const char *names_down(json_t *status, struct arena *a)
{
	auto_text struct text names = { 0 };
	const char *name;
	json_t *p;
	size_t i;

	add_down(json_object_get(status, "paths"), "", "", &names);
	json_array_foreach(json_object_get(status, "pending"), i, p)
		text_printf(&names, ", interface %s PENDING", json_string_value(p));
	json_object_foreach(json_object_get(status, "proxies"), name, p)
		add_down(json_object_get(p, "servers"), name, "/", &names);
	json_array_foreach(json_object_get(status, "unreachable"), i, p)
		text_printf(&names, ", no answer at %s", json_string_value(p));
	return arena_printf(a, "degraded%s", text_get(&names));
}

static size_t count_up(json_t *members)
{
	const char *name;
	size_t n = 0;
	json_t *m;

	json_object_foreach(members, name, m)
		n += strcmp(member_text(m, "state"), "up") == 0;
	return n;
}

/* `, 5 of 6 servers up`. */
static void say_servers(json_t *proxies, struct text *out)
{
	size_t up = 0, n = 0;
	const char *name;
	json_t *p;

	json_object_foreach(proxies, name, p) {
		up += count_up(json_object_get(p, "servers"));
		n += json_object_size(json_object_get(p, "servers"));
	}
	if (n > 0)
		text_printf(out, ", %zu of %zu server%s up", up, n, n == 1 ? "" : "s");
}

/* What the head begins with: the profile's name, or what there is without one. */
static const char *subject_of(json_t *status)
{
	const char *profile = member_text(status, "profile");

	if (*profile)
		return profile;
	const bool has_proxies = json_object_size(json_object_get(status, "proxies")) > 0 ||
				 json_array_size(json_object_get(status, "unreachable")) > 0;

	return has_proxies ? "proxies" : "no profile";
}

static bool is_past(const char *when)
{
	char now[TIME_TEXT];

	return *when && strcmp(when, time_print((int64_t)time(NULL), now)) <= 0;
}

const char *status_say(json_t *status, struct arena *a)
{
	const char *state = member_text(status, "state");
	json_int_t n = member_number(status, "differences");

	if (strcmp(state, "in-sync") == 0)
		return "in sync";
	if (strcmp(state, "drift") == 0)
		return arena_printf(a, "drift, %" JSON_INTEGER_FORMAT " difference%s", n, n == 1 ? "" : "s");
	if (strcmp(state, "unfinished") == 0 && is_past(member_text(status, "confirm_until")))
		return "unconfirmed, the next command that may change something rolls it back";
	if (strcmp(state, "unfinished") == 0)
		return "unfinished, the next apply or flush ends it";
	if (strcmp(state, "degraded") == 0)
		return names_down(status, a);
	return state;
}

void status_show_head(json_t *status, bool colour, struct arena *a, struct text *out)
{
	const char *profile = member_text(status, "profile"), *until = member_text(status, "confirm_until");
	json_t *paths = json_object_get(status, "paths");
	bool good = status_is_good(status);

	if (!*profile && strcmp(member_text(status, "state"), "none") == 0) {
		text_puts(out, "nothing is applied\n");
		return;
	}
	text_printf(out, "%s: ", subject_of(status));
	tint_add(out, colour, good ? TINT_GOOD : strcmp(member_text(status, "state"), "degraded") == 0 ? TINT_CARE : TINT_BAD,
		 status_say(status, a));
	if (json_object_size(paths))
		text_printf(out, ", %zu of %zu paths up", count_up(paths), json_object_size(paths));
	say_servers(json_object_get(status, "proxies"), out);
	if (*until && !is_past(until))
		text_printf(out, ", awaits confirmation until %s", until);
	if (*profile)
		text_printf(out, "            generation %" JSON_INTEGER_FORMAT ", target %s, applied %s by %s",
			    member_number(status, "generation"), member_text(status, "target"), member_text(status, "applied_at"),
			    member_text(status, "applied_by"));
	text_putc(out, '\n');
}
