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

/* What makes it degraded: `p2 DOWN (hand), interface back PENDING`. */
static const char *names_down(json_t *status, struct arena *a)
{
	auto_text struct text names = { 0 };
	const char *name;
	json_t *p;
	size_t i;

	json_object_foreach(json_object_get(status, "paths"), name, p)
		if (strcmp(member_text(p, "state"), "down") == 0)
			text_printf(&names, "%s%s DOWN (%s)", names.n ? ", " : "", name, member_text(p, "reason"));
	json_array_foreach(json_object_get(status, "pending"), i, p)
		text_printf(&names, "%sinterface %s PENDING", names.n ? ", " : "", json_string_value(p));
	return arena_printf(a, "degraded, %s", text_get(&names));
}

static size_t count_up(json_t *paths)
{
	const char *name;
	size_t n = 0;
	json_t *p;

	json_object_foreach(paths, name, p)
		n += strcmp(member_text(p, "state"), "up") == 0;
	return n;
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
	text_printf(out, "%s: ", *profile ? profile : "no profile");
	tint_add(out, colour, good ? TINT_GOOD : strcmp(member_text(status, "state"), "degraded") == 0 ? TINT_CARE : TINT_BAD,
		 status_say(status, a));
	if (json_object_size(paths))
		text_printf(out, ", %zu of %zu paths up", count_up(paths), json_object_size(paths));
	if (*until && !is_past(until))
		text_printf(out, ", awaits confirmation until %s", until);
	if (*profile)
		text_printf(out, "            generation %" JSON_INTEGER_FORMAT ", target %s, applied %s by %s",
			    member_number(status, "generation"), member_text(status, "target"), member_text(status, "applied_at"),
			    member_text(status, "applied_by"));
	text_putc(out, '\n');
}
