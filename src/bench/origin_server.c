/* SPDX-License-Identifier: MIT */
/* One emulated server: its listener, its slots and their queue, the times of its answers, and what changes with time. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>

#include "base/line.h"
#include "base/log.h"
#include "bench/origin.h"
#include "bench/sockets.h"

enum { PAUSE_US = 100000 };

/* ---- slots ----------------------------------------------------------------------------------------------------- */

static bool has_slot(const struct origin_server *s)
{
	return s->conf.slots == 0 || s->busy < s->conf.slots;
}

static void begin_service(struct origin_conn *c);

/* Those who wait, in their order. What begins and ends at once comes back here, hence the mark. */
static void serve_queue(struct origin_server *s)
{
	if (s->serving)
		return;
	s->serving = true;
	while (s->queue && has_slot(s)) {
		struct origin_conn *c = s->queue;

		s->queue = c->next_waiting;
		if (!s->queue)
			s->queue_end = &s->queue;
		s->waiting--;
		begin_service(c);
		origin_conn_step(c);
	}
	s->serving = false;
}

static void end_service(struct origin_conn *c)
{
	struct origin_server *s = c->server;

	s->busy--;
	s->busy_us += c->service_us;
	c->state = ORIGIN_ANSWER;
	if (c->io.fd < 0) {
		s->failed++;
		origin_conn_drop(c, false);
	} else {
		origin_answer(c);
	}
	serve_queue(s);
}

static void on_served(struct moments *m UNUSED, struct moment *t)
{
	struct origin_conn *c = container_of(t, struct origin_conn, moment);

	end_service(c);
	origin_conn_step(c);
}

static void begin_service(struct origin_conn *c)
{
	struct origin_server *s = c->server;

	s->busy++;
	c->state = ORIGIN_SERVICE;
	if (c->service_us == 0) {
		end_service(c);
		return;
	}
	c->moment.on_moment = on_served;
	moments_set(&s->origin->moments, &c->moment, clock_us() + c->service_us);
}

void origin_server_arrive(struct origin_conn *c)
{
	struct origin_server *s = c->server;

	s->requests++;
	c->service_us = latency_draw(&s->conf.latency, s->conf.scale_ppm, &s->turn, &s->chance);
	if (!s->queue && has_slot(s)) {
		begin_service(c);
		return;
	}
	c->state = ORIGIN_QUEUE;
	c->next_waiting = NULL;
	*s->queue_end = c;
	s->queue_end = &c->next_waiting;
	s->waiting++;
}

/* ---- the listener ---------------------------------------------------------------------------------------------- */

static void on_pause_end(struct loop *l, struct loop_timer *t)
{
	struct origin_server *s = container_of(t, struct origin_server, pause);

	if (s->listener.fd >= 0 && loop_add(l, &s->listener, EPOLLIN))
		loop_timer_set(l, t, l->now_us + PAUSE_US);
}

/* Out of descriptors or memory: those who come wait in the kernel's queue. */
static void pause_accepting(struct origin_server *s, int err)
{
	struct loop *l = &s->origin->loop;

	log_event(LOG_LEVEL_WARNING, "accept", "name=%s error=\"%s\"", s->conf.name, strerror(err));
	loop_remove(l, &s->listener);
	loop_timer_set(l, &s->pause, l->now_us + PAUSE_US);
}

static void on_connect(struct loop *l UNUSED, struct loop_fd *f, uint32_t events UNUSED)
{
	struct origin_server *s = container_of(f, struct origin_server, listener);

	while (s->listener.fd >= 0) {
		const int fd = accept4(s->listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			origin_conn_open(s, fd);
		else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			pause_accepting(s, errno);
		if (fd < 0 && errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

static int listen_again(struct origin_server *s, struct diags *d)
{
	s->listener.fd = socket_listen_or_say(&s->address, d);
	return s->listener.fd < 0 ? s->listener.fd : loop_add(&s->origin->loop, &s->listener, EPOLLIN);
}

/* As when a server's process ends: nobody listens, requests are reset, idle connections closed. */
static void refuse(struct origin_server *s)
{
	loop_remove(&s->origin->loop, &s->listener);
	loop_timer_clear(&s->pause);
	(void)close(s->listener.fd);
	s->listener.fd = -1;
	for (struct origin_conn *c = s->conns, *next; c; c = next) {
		next = c->next;         /* dropped ones leave the list at the end of the turn only */
		if (c->io.fd >= 0)
			origin_conn_drop(c, c->state != ORIGIN_HEAD || c->n_held > 0);
	}
}

/* ---- changes --------------------------------------------------------------------------------------------------- */

/* Whoever hung is answered after all, as the new settings say. */
static void wake_hung(struct origin_server *s)
{
	for (struct origin_conn *c = s->conns, *next; c; c = next) {
		next = c->next;
		if (c->state != ORIGIN_HUNG)
			continue;
		origin_answer(c);
		origin_conn_step(c);
	}
}

static void adopt(struct origin_server *s, const struct spec_conf *conf)
{
	const struct spec_conf before = s->conf;

	s->conf = *conf;
	memcpy(s->conf.name, before.name, sizeof(before.name));
	if (memcmp(&before.latency, &conf->latency, sizeof(before.latency)) != 0)
		s->turn = 0;
	origin_answer_prepare(s);
	if (conf->fail == FAIL_REFUSE && s->listener.fd >= 0)
		refuse(s);
	if (conf->fail != FAIL_REFUSE && s->listener.fd < 0 && listen_again(s, &s->origin->bench->diags))
		loop_stop(&s->origin->loop);
	if (before.fail == FAIL_HANG && conf->fail != FAIL_HANG)
		wake_hung(s);
	serve_queue(s);
}

static void await_change(struct origin_server *s)
{
	if (s->n_changed < s->spec.n_changes)
		moments_set(&s->origin->moments, &s->change, s->origin->start_us + s->spec.changes[s->n_changed].at_us);
}

static void on_change(struct moments *m UNUSED, struct moment *t)
{
	struct origin_server *s = container_of(t, struct origin_server, change);
	const uint64_t at_us = s->spec.changes[s->n_changed].at_us;
	size_t last = s->n_changed;

	while (last + 1 < s->spec.n_changes && s->spec.changes[last + 1].at_us == at_us)
		last++;
	s->n_changed = last + 1;
	adopt(s, &s->spec.changes[last].conf);
	await_change(s);
}

/* ---- beginning and end ----------------------------------------------------------------------------------------- */

static int open_record(struct origin_server *s, struct diags *d)
{
	s->record = s->conf.record ? origin_record_open(s->conf.record) : -1;
	if (!s->conf.record || s->record >= 0)
		return 0;
	diag_error(d, NULL, s->record == -EACCES ? "permission" : "kernel", "cannot write '%s': %s", s->conf.record,
		   strerror(-s->record));
	return s->record;
}

int origin_server_start(struct origin_server *s, struct origin *o, struct diags *d)
{
	s->origin = o;
	s->conf = s->spec.conf;
	s->listener = (struct loop_fd){ -1, on_connect };
	s->pause.on_timer = on_pause_end;
	s->change.on_moment = on_change;
	s->chance.state = chance_next(&o->bench->chance);
	s->queue_end = &s->queue;
	s->address = s->spec.listen;
	int err = open_record(s, d);

	if (!err)
		err = listen_again(s, d);
	if (err)
		return err;
	if (!*s->conf.name)
		(void)snprintf(s->conf.name, sizeof(s->conf.name), "%u", s->address.port);
	origin_answer_prepare(s);
	if (s->conf.fail == FAIL_REFUSE)
		refuse(s);
	await_change(s);
	return 0;
}

void origin_server_release(struct origin_server *s)
{
	while (s->conns)
		origin_conn_free(s->conns);
	if (s->listener.fd >= 0)
		(void)close(s->listener.fd);
	if (s->record >= 0)
		(void)close(s->record);
}

void origin_server_report(const struct origin_server *s, struct text *out)
{
	line_begin(out, "report");
	line_word(out, "kind", "origin");
	line_word(out, "name", s->conf.name);
	line_word_number(out, "connections", s->connections);
	line_word_number(out, "requests", s->requests);
	line_word_number(out, "failed", s->failed);
	line_word_number(out, "refused", s->refused);
	line_word_number(out, "open", s->open);
	line_word_number(out, "waiting", s->waiting);
	line_word_number(out, "busy_us", s->busy_us);
	line_end(out);
}
