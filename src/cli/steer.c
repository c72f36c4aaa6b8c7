/* SPDX-License-Identifier: MIT */
/* What may be set by hand, read and told. */
#include "base/base.h"

#include <errno.h>

#include "base/json.h"
#include "cli/steer.h"

static int wrong_words(struct invocation *v, const char *usage, const char *word)
{
	static const char *const words[] = { "up", "down", "drain", "weight" };
	struct diag *g = diag_error(&v->diags, NULL, "usage", "unexpected '%s' for '%s'", word, v->command->name);

	if (!diag_nearest(&v->diags, g, str_of(word), words, ARRAY_LEN(words)))
		diag_hint(&v->diags, g, "%s", usage);
	return -EINVAL;
}

static int read_state(struct invocation *v, const char *usage, struct steering *s)
{
	const char *word = v->args[1];

	s->kind = HAND_STATE;
	if (v->n_args > 2)
		return wrong_words(v, usage, v->args[2]);
	if (strcmp(word, "up") == 0)
		s->state = MEMBER_UP;
	else if (strcmp(word, "down") == 0)
		s->state = MEMBER_DOWN;
	else if (strcmp(word, "drain") == 0)
		s->state = MEMBER_DRAINING;
	else
		return wrong_words(v, usage, word);
	return 0;
}

static int read_weight(struct invocation *v, struct steering *s)
{
	uint64_t weight = 0;

	if (v->n_args < 3) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "'weight' needs a value"), "0 to 1000, or default");
		return -EINVAL;
	}
	s->kind = strcmp(v->args[2], "default") == 0 ? HAND_DEFAULT : HAND_WEIGHT;
	if (s->kind == HAND_WEIGHT && (parse_uint(str_of(v->args[2]), &weight) != 0 || weight > 1000)) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "'%s' is not a weight", v->args[2]),
			  "0 to 1000, or default");
		return -EINVAL;
	}
	s->weight = (uint32_t)weight;
	return 0;
}

int steer_read(struct invocation *v, const char *usage, struct steering *s)
{
	*s = (struct steering){ .kind = HAND_STATE };
	return strcmp(v->args[1], "weight") == 0 ? read_weight(v, s) : read_state(v, usage, s);
}

/* A weight is a number for scripts, a state a word. */
static json_t *value_json(const struct steering *s, const char *value)
{
	uint64_t weight = 0;

	return s->kind != HAND_STATE && parse_uint(str_of(value), &weight) == 0 ? json_integer((json_int_t)weight)
										: json_string(value);
}

void steer_say(struct invocation *v, const struct steering *s, const struct steered *done)
{
	const char *verb = v->command->name, *word = s->kind == HAND_STATE ? "" : "weight ";
	const bool ends = s->kind == HAND_DEFAULT || (s->kind == HAND_STATE && s->state == MEMBER_UP);

	if (v->out.json) {
		json_t *o = done->more ? done->more : json_own(json_object());

		json_put(o, "name", json_string(done->name));
		json_put(o, "from", value_json(s, done->from));
		json_put(o, "to", value_json(s, done->to));
		json_put(o, "changed", json_boolean(done->changed));
		out_json(&v->out, verb, o);
		return;
	}
	json_decref(done->more);
	if (!done->changed)
		out_say(&v->out, "%s %s: %s%s already", verb, v->args[0], word, done->to);
	else
		out_say(&v->out, "%s %s: %s%s -> %s%s", verb, v->args[0], word, done->from, done->to, ends ? "" : " (by hand)");
}
