/* SPDX-License-Identifier: MIT */
/* Listening on many control sockets at once. */
#include "base/base.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "cli/command.h"
#include "cli/events.h"
#include "cli/look.h"
#include "cli/proxies.h"
#include "cli/status_show.h"
#include "daemon/report.h"

enum {
	MOST_SOURCES = 256,
	LINES_AT_ONCE = 1000,           /* of one source; then the others have their turn */
	SPEAK_US = 2 * 1000000,         /* who is silent for 5 s is taken as gone */
};

struct event_source {
	char *path;
	struct control control;
	int64_t spoke_us;
};

void events_init(struct events *e, struct invocation *v)
{
	*e = (struct events){ .v = v, .time = arena_alloc(v->arena, TIME_TEXT) };
	e->list = calloc(MOST_SOURCES, sizeof(*e->list));
	if (!e->list)
		out_of_memory();
}

static bool has_source(const struct events *e, const char *path)
{
	for (size_t i = 0; i < e->n; i++)
		if (strcmp(e->list[i].path, path) == 0)
			return true;
	return false;
}

static void drop(struct events *e, size_t i)
{
	control_close(&e->list[i].control);
	free(e->list[i].path);
	memmove(&e->list[i], &e->list[i + 1], (--e->n - i) * sizeof(*e->list));
}

int events_find(struct events *e)
{
	struct arena *a = arena_new();
	struct proxy_places at;
	int err = 0;

	proxies_find(e->v, a, &at);
	for (size_t i = 0; i < at.n && e->n < MOST_SOURCES && err != -EINTR; i++) {
		struct event_source *s = &e->list[e->n];

		if (has_source(e, at.paths[i]))
			continue;
		err = proxies_open(e->v, &at, i, &s->control);
		if (err)
			continue;
		s->path = strdup(at.paths[i]);
		if (!s->path)
			out_of_memory();
		s->spoke_us = look_clock_us();
		e->n++;
	}
	arena_free(a);
	return err == -EINTR ? err : 0;
}

/* `2026-01-05T10:11:12Z server web/a: up -> down (health)`. */
static void show_text(struct events *e, json_t *event)
{
	const char *name = member_text(event, "name"), *to = member_text(event, "to"), *reason = member_text(event, "reason");
	const char *from = member_text(event, "from");
	auto_text struct text out = { 0 };

	text_printf(&out, "%s %s%s%s", member_text(event, "time"), member_text(event, "kind"), *name ? " " : "", name);
	if (*from || *to)
		text_printf(&out, ": %s%s%s", from, *from && *to ? " -> " : "", to);
	if (*reason)
		text_printf(&out, " (%s)", reason);
	text_putc(&out, '\n');
	out_result(&e->v->out, &out);
}

static void show(struct events *e, const struct line *l)
{
	json_t *event = e->most == 0 || e->shown < e->most ? report_event(l) : NULL;

	if (!event)
		return;
	e->shown++;
	e->v->out.time = time_print((int64_t)time(NULL), e->time);
	if (e->v->out.json || !e->v->out.is_terminal)
		out_json(&e->v->out, "event", json_incref(event));
	else
		show_text(e, event);
	json_decref(event);
}

/* What one source has to say. False: it is gone. */
static bool hear(struct events *e, struct control *c)
{
	struct line l;

	for (int i = 0; i < LINES_AT_ONCE; i++) {
		const int came = control_next(c, &l, 0);

		if (came <= 0)
			return came == 0;
		show(e, &l);
	}
	return true;
}

/* So that nobody takes us as gone. */
static void speak(struct events *e, int64_t now_us)
{
	for (size_t i = e->n; i > 0; i--) {
		struct event_source *s = &e->list[i - 1];

		if (now_us - s->spoke_us < SPEAK_US)
			continue;
		s->spoke_us = now_us;
		if (control_hello(&s->control) != 0)
			drop(e, i - 1);
	}
}

/* 0; -EPIPE: the reader is gone; else -errno of poll. */
static int poll_once(struct events *e, int timeout_ms, int reader)
{
	struct pollfd fds[MOST_SOURCES + 1] = { { .fd = reader } };

	for (size_t i = 0; i < e->n; i++)
		fds[i + 1] = (struct pollfd){ .fd = e->list[i].control.fd, .events = POLLIN };
	if (poll(fds, e->n + 1, timeout_ms) < 0)
		return errno == EINTR ? 0 : -errno;
	if (fds[0].revents)
		return -EPIPE;
	for (size_t i = e->n; i > 0; i--)
		if (fds[i].revents && !hear(e, &e->list[i - 1].control))
			drop(e, i - 1);
	return 0;
}

int events_wait(struct events *e, int64_t until_us, int reader)
{
	const uint64_t before = e->shown;

	for (;;) {
		const int64_t now_us = look_clock_us(), left_us = MIN(until_us - now_us, (int64_t)SPEAK_US);

		if (*e->v->interrupted)
			return -EINTR;
		if (left_us <= 0)
			return 0;
		speak(e, now_us);
		int err = poll_once(e, (int)((left_us + 999) / 1000), reader);

		if (!err && e->shown == before)
			continue;
		if (!err)
			err = out_finish(&e->v->out);
		return err ? err : 1;
	}
}

void events_release(struct events *e)
{
	while (e->n > 0)
		drop(e, e->n - 1);
	free(e->list);
	e->list = NULL;
}
