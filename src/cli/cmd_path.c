/* SPDX-License-Identifier: MIT */
/* nlbc path: steer one path by hand, at once and without touching the other paths' traffic. */
#include "base/base.h"

#include <errno.h>

#include "apply/apply.h"
#include "cli/command.h"

static int wrong_words(struct invocation *v, const char *word)
{
	static const char *const words[] = { "up", "down", "drain", "weight" };
	struct diag *g = diag_error(&v->diags, NULL, "usage", "unexpected '%s' for 'path'", word);

	if (!diag_nearest(&v->diags, g, str_of(word), words, ARRAY_LEN(words)))
		diag_hint(&v->diags, g, "nlbc path NAME up/down/drain, or nlbc path [BALANCE/]NAME weight N/default");
	return -EINVAL;
}

static int read_state(struct invocation *v, struct hand *h)
{
	const char *word = v->args[1];
	const char *slash = strchr(h->path, '/');

	h->kind = HAND_STATE;
	if (v->n_args > 2)
		return wrong_words(v, v->args[2]);
	if (strcmp(word, "up") == 0)
		h->state = MEMBER_UP;
	else if (strcmp(word, "down") == 0)
		h->state = MEMBER_DOWN;
	else if (strcmp(word, "drain") == 0)
		h->state = MEMBER_DRAINING;
	else
		return wrong_words(v, word);
	if (!slash)
		return 0;
	diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "'%s' does not fit one balance: a path is %s in all", word,
		  member_state_name(h->state)), "nlbc path %s %s", slash + 1, word);
	return -EINVAL;
}

static int read_weight(struct invocation *v, struct hand *h)
{
	uint64_t weight = 0;
	char *slash;

	if (v->n_args < 3) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "'weight' needs a value"), "0 to 1000, or default");
		return -EINVAL;
	}
	h->kind = strcmp(v->args[2], "default") == 0 ? HAND_DEFAULT : HAND_WEIGHT;
	if (h->kind == HAND_WEIGHT && (parse_uint(str_of(v->args[2]), &weight) != 0 || weight > 1000)) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "'%s' is not a weight", v->args[2]),
			  "0 to 1000, or default");
		return -EINVAL;
	}
	h->weight = (uint32_t)weight;
	char *name = arena_strdup(v->arena, v->args[0]);

	h->path = name;
	slash = strchr(name, '/');
	if (slash) {
		*slash = 0;
		h->balance = name;
		h->path = slash + 1;
	}
	return 0;
}

static int read_hand(struct invocation *v, struct hand *h)
{
	*h = (struct hand){ .path = v->args[0] };
	return strcmp(v->args[1], "weight") == 0 ? read_weight(v, h) : read_state(v, h);
}

/* A weight is a number for scripts, a state a word. */
static json_t *value_json(const struct hand *h, const char *s)
{
	uint64_t weight = 0;

	return h->kind != HAND_STATE && parse_uint(str_of(s), &weight) == 0 ? json_integer((json_int_t)weight) : json_string(s);
}

static void say(struct invocation *v, const struct hand *h, const char *from, const char *to, bool changed)
{
	if (v->out.json) {
		out_json(&v->out, "path", json_pack("{s:s,s:o,s:o,s:b}", "name", h->path, "from", value_json(h, from), "to",
						    value_json(h, to), "changed", changed));
	} else if (!changed) {
		out_say(&v->out, "path %s: %s%s already", v->args[0], h->kind == HAND_STATE ? "" : "weight ", to);
	} else {
		out_say(&v->out, "path %s: %s%s -> %s%s", v->args[0], h->kind == HAND_STATE ? "" : "weight ", from, to,
			h->kind == HAND_DEFAULT || (h->kind == HAND_STATE && h->state == MEMBER_UP) ? "" : " (by hand)");
	}
}

static int run_path(struct invocation *v)
{
	struct apply_result r;
	const char *from, *to;
	struct session s;
	struct hand h;

	if (read_hand(v, &h) != 0 || cli_open_settled(v, &s) != 0)
		return 0;
	if (apply_hand(&s, &h, &r, &from, &to, &v->diags) == 0) {
		say(v, &h, from, to, r.changed);
	} else {
		v->rolled_back = r.rolled_back;
		v->generation = r.generation;
	}
	session_close(&s);
	return 0;
}

const struct command command_path = {
	.name = "path", .arguments = "[BALANCE/]NAME up/down/drain/weight N/default", .changes = true, .min_args = 2, .max_args = 3,
	.help = "Steer one path by hand, at once and without touching other paths' traffic. down: also running connections "
		"move. drain: running connections stay, new ones go elsewhere. up: back to what probes say. weight (0 to 1000) "
		"holds in one balance or in all. Both last until up, default, apply --reset or flush.",
	.run = run_path,
};
