/* SPDX-License-Identifier: MIT */
/* Steering by hand: the words that path and server share, and what they say of it. */
#ifndef NLBC_CLI_STEER_H
#define NLBC_CLI_STEER_H

#include "apply/apply.h"
#include "cli/command.h"

struct steering {
	enum hand_kind kind;
	enum member_state state;        /* HAND_STATE */
	uint32_t weight;                /* HAND_WEIGHT */
};

/* The words behind the name: up, down, drain, weight N or weight default. 0; -EINVAL explained; `usage` is the hint. */
int steer_read(struct invocation *v, const char *usage, struct steering *s) MUST_USE;

/* `path p2: up -> down (by hand)`, or in JSON. `more` are JSON members that stand first (NULL: none); taken over. */
struct steered {
	const char *name;               /* in JSON; for people the verb's first argument */
	const char *from, *to;
	bool changed;
	json_t *more;
};
void steer_say(struct invocation *v, const struct steering *s, const struct steered *done);

#endif
