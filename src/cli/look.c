/* SPDX-License-Identifier: MIT */
/* What watch and wait share: the status with memory that goes with it, and the time between two looks. */
#include "base/base.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "cli/command.h"
#include "cli/look.h"
#include "profile/value.h"

enum { LONGEST_H = 1000 };

int64_t look_clock_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int look_at(struct invocation *v, struct look *l)
{
	const struct diags told = v->diags;

	*l = (struct look){ .arena = arena_new() };
	l->status = cli_status(v, l->arena, STATUS_ALL, &l->plan);
	if (!l->status) {
		/* Messages point into what was read: it is read again where it lasts as long as they do. */
		v->diags = told;
		l->status = cli_status(v, v->arena, STATUS_ALL, &l->plan);
	}
	l->at_us = look_clock_us();
	if (l->status) {
		v->diags = told;
		return 0;
	}
	look_release(l);
	return -EIO;
}

void look_release(struct look *l)
{
	json_decref(l->status);
	arena_free(l->arena);
	*l = (struct look){ 0 };
}

int look_sleep(struct invocation *v, int64_t until_us, int reader)
{
	struct pollfd end = { .fd = reader };

	for (;;) {
		const int64_t left_us = until_us - look_clock_us();

		if (*v->interrupted)
			return -EINTR;
		if (left_us <= 0)
			return 0;
		/* Rounded up: a wait of no milliseconds at all would burn the last one. */
		if (poll(&end, 1, (int)MIN((left_us + 999) / 1000, (int64_t)INT32_MAX)) > 0)
			return -EPIPE;
	}
}

int look_time_option(struct invocation *v, const char *name, int64_t least_us, int64_t standard_us, int64_t *us)
{
	const char *text = option_value(v, name);
	struct value value;

	*us = standard_us;
	if (!text)
		return 0;
	const int wrong = value_parse(VALUE_TIME, str_of(text), &value);

	if (wrong) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "'%s' for '--%s' is not a time", text, name),
			  "write a unit, us, ms, s, min or h, for example 500ms");
		return -EINVAL;
	}
	if (value.number < (uint64_t)least_us || value.number > (uint64_t)LONGEST_H * 3600 * 1000000) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "'--%s %s' is out of range", name, text),
			  "from %dms to %dh", (int)(least_us / 1000), LONGEST_H);
		return -EINVAL;
	}
	*us = (int64_t)value.number;
	return 0;
}

void look_needs_daemon(struct invocation *v, const char *what, const char *hint)
{
	const char *socket = option_value(v, "socket"), *from_environment = getenv("NLBC_SOCKET");

	if (!socket)
		socket = from_environment && *from_environment ? from_environment : "/run/nlbc/nlbcd.sock";
	diag_hint(&v->diags, diag_error(&v->diags, NULL, "unreachable", "%s: nlbcd does not answer at '%s'", what, socket),
		  "%s", hint);
}
