/* SPDX-License-Identifier: MIT */
/* The master's life: start, reload, drain, stop; signals and the ends of processes. */
#include "base/base.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

#include "base/out.h"
#include "proxy/child.h"
#include "proxy/event.h"
#include "proxy/edition.h"
#include "proxy/master.h"
#include "proxy/options.h"
#include "proxy/rights.h"
#include "proxy/service.h"
#include "proxy/watch.h"

enum { SECOND_US = 1000000, READY_US = 10 * SECOND_US, GRACE_US = 10 * SECOND_US, CUT_US = 2 * SECOND_US };

/* ---- events ---------------------------------------------------------------------------------------------------------- */

static void tell(struct master *m, const struct text *line)
{
	if (!m->options->quiet)
		(void)fwrite(line->p, 1, line->n, stderr);      /* who reads it is not ours to know */
	control_tell(&m->control, line);
}

void master_tell(struct master *m, const struct event *e)
{
	auto_text struct text line = { 0 };

	event_print(&line, e, (int64_t)time(NULL));
	tell(m, &line);
}

void master_pass_on(struct master *m, const char *proxy, const struct line *said)
{
	auto_text struct text line = { 0 };

	event_pass_on(&line, said, proxy, (int64_t)time(NULL));
	tell(m, &line);
}

static void tell_reload(struct master *m, const char *to, const char *reason)
{
	master_tell(m, &(struct event){ .kind = "reload", .to = to, .reason = reason });
}

/* ---- editions ----------------------------------------------------------------------------------------------------- */

static uint64_t longest_drain_us(const struct edition *g)
{
	uint64_t most = 0;

	for (size_t i = 0; i < g->n; i++)
		most = MAX(most, g->services[i]->conf->drain_us);
	return most;
}

/* Its workers leave; it is freed when they have. */
static void retire(struct master *m, struct edition *g, const struct edition *keep, const char *order)
{
	edition_close(g, keep);
	edition_send(g, order);
	edition_leave(g);
	g->kill_us = m->loop.now_us + longest_drain_us(g) + GRACE_US;
	g->next = m->retired;
	m->retired = g;
}

static void free_retired(struct master *m)
{
	for (struct edition **at = &m->retired; *at;) {
		struct edition *g = *at;

		if (!edition_is_empty(g)) {
			at = &g->next;
			continue;
		}
		*at = g->next;
		edition_free(g);
	}
	if (m->state == MASTER_STOPPING && !m->retired)
		loop_stop(&m->loop);
}

/* What was changed in the profile since the reload or start before was begun must not be missed. */
static void reload_again(struct master *m)
{
	if (!m->reload_again)
		return;
	m->reload_again = false;
	(void)master_reload(m);         /* it has told */
}

void master_take_over(struct master *m)
{
	if (control_serve(&m->control))
		master_tell(m, &(struct event){ .kind = "listener", .name = m->control.path, .to = "failed" });
	if (m->handover.taken)
		master_tell(m, &(struct event){ .kind = "reload", .name = "upgrade", .to = "done" });
	m->state = MASTER_SERVING;
	watch_restart(m);
	edition_serve(m->current);
	watch_status(m, "READY=1\n");
	reload_again(m);
}

void master_hand_over(struct master *m)
{
	control_end(&m->control, "upgrade", true);
	loop_stop(&m->loop);
}

static void serve(struct master *m)
{
	struct edition *before = m->current;

	loop_timer_clear(&m->deadline);
	m->current = m->next;
	m->next = NULL;
	if (before) {
		edition_tell_listeners(m, before, m->current);
		edition_take_over(m->current, before);
		retire(m, before, m->current, "drain");
		tell_reload(m, "done", NULL);
		control_reloaded(&m->control, NULL, NULL);
		free_retired(m);
		edition_serve(m->current);
		watch_status(m, "READY=1\n");
		reload_again(m);
	} else if (!m->handover.taken || upgrade_ready(&m->upgrade, m->handover.pair)) {
		master_take_over(m);
	}
}

/* The workers of a new edition did not come up. */
static void give_up(struct master *m, const char *why)
{
	struct edition *g = m->next;

	m->next = NULL;
	loop_timer_clear(&m->deadline);
	edition_kill(g);
	retire(m, g, m->current, "cut");
	if (m->current) {
		tell_reload(m, "refused", why);
		control_reloaded(&m->control, "kernel", why);
		watch_status(m, "READY=1\n");
		reload_again(m);
		return;
	}
	fprintf(stderr, "nlbc: error: a worker was not ready: %s\n", why);
	m->state = MASTER_STOPPING;
	m->exit_code = failure_of("kernel")->exit;
}

static void on_deadline(struct loop *l UNUSED, struct loop_timer *t)
{
	struct master *m = container_of(t, struct master, deadline);

	if (m->next)
		give_up(m, "it took more than 10 s");
	else if (m->state == MASTER_STOPPING)
		for (struct edition *g = m->retired; g; g = g->next)
			edition_kill(g);
}

static int start_workers(struct master *m)
{
	for (size_t i = 0; i < m->next->n; i++) {
		const int err = service_start(m->next->services[i]);

		if (err) {
			give_up(m, strerror(-err));
			return err;
		}
	}
	loop_timer_set(&m->loop, &m->deadline, clock_us() + READY_US);
	return 0;
}

void master_child_ready(struct master *m, struct edition *g)
{
	if (g == m->next && edition_is_ready(g))
		serve(m);
}

bool master_child_died(struct master *m, struct edition *g)
{
	if (g == m->next)
		give_up(m, "it ended");
	return g == m->current && m->state != MASTER_STOPPING;
}

bool master_is_leaving(const struct master *m, const struct edition *g)
{
	return m->state == MASTER_STOPPING || (g != m->current && g != m->next);
}

/* ---- orders ---------------------------------------------------------------------------------------------------------- */

bool master_is_busy(const struct master *m)
{
	return m->state != MASTER_SERVING || m->next || upgrade_is_under_way(&m->upgrade);
}

int master_reload(struct master *m)
{
	int code = 0;

	if (master_is_busy(m)) {
		tell_reload(m, "refused", "busy");
		return -EBUSY;
	}
	notify_send(&m->notify, "RELOADING=1\nMONOTONIC_USEC=%llu\n", (unsigned long long)clock_us());
	m->next = edition_new(m, m->current, &code);
	if (m->next)
		return start_workers(m);
	tell_reload(m, "refused", "profile");
	watch_status(m, "READY=1\n");
	return -EINVAL;
}

static int reopen(const struct edition *g)
{
	int first = 0;

	for (size_t i = 0; g && i < g->n; i++) {
		const int err = service_reopen_log(g->services[i]);

		if (err)
			fprintf(stderr, "nlbc: error: cannot write '%s': %s\n", g->services[i]->conf->log_file, strerror(-err));
		first = first ? first : err;
	}
	return first;
}

/* Who starts has opened the old file already, who drains still writes to it. */
int master_reopen(struct master *m)
{
	const int err = reopen(m->current), next = reopen(m->next);

	for (const struct edition *g = m->retired; g; g = g->next)
		(void)reopen(g);        /* it has told */
	return err ? err : next;
}

static void cut(struct master *m)
{
	m->cutting = true;
	for (struct edition *g = m->retired; g; g = g->next)
		edition_send(g, "cut");
	loop_timer_set(&m->loop, &m->deadline, clock_us() + CUT_US);
}

void master_stop(struct master *m)
{
	uint64_t longest_us = 0;

	if (m->state == MASTER_STOPPING) {
		cut(m);
		return;
	}
	m->state = MASTER_STOPPING;
	notify_send(&m->notify, "STOPPING=1\n");
	upgrade_cancel(&m->upgrade);
	control_end(&m->control, "stop", false);
	for (struct edition *g = m->retired; g; g = g->next)
		edition_send(g, "stop");
	if (m->next)
		retire(m, m->next, m->current, "cut");
	if (m->current)
		retire(m, m->current, NULL, "stop");
	m->next = m->current = NULL;
	for (struct edition *g = m->retired; g; g = g->next)
		longest_us = MAX(longest_us, longest_drain_us(g));
	loop_timer_set(&m->loop, &m->deadline, clock_us() + longest_us + GRACE_US);
	free_retired(m);
}

/* ---- signals, ends of processes, seconds ----------------------------------------------------------------------------- */

static struct child *find_child(struct edition *g, pid_t pid)
{
	for (size_t i = 0; g && i < g->n; i++)
		for (size_t k = 0; k < g->services[i]->n_children; k++)
			if (g->services[i]->children[k].pid == pid)
				return &g->services[i]->children[k];
	return NULL;
}

static void reap(struct master *m)
{
	struct rusage used;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0) {
		struct child *c = find_child(m->current, pid);

		c = c ? c : find_child(m->next, pid);
		for (struct edition *g = m->retired; g && !c; g = g->next)
			c = find_child(g, pid);
		if (c)
			child_ended(c, status, &used);
	}
	free_retired(m);
}

static void obey(struct master *m, uint32_t number)
{
	switch (number) {
	case SIGTERM:
	case SIGINT:
		master_stop(m);
		break;
	case SIGHUP:
		m->reload_again = m->next;
		if (!m->next)
			(void)master_reload(m);         /* it has told */
		break;
	case SIGUSR1:
		(void)master_reopen(m);         /* it has told */
		break;
	case SIGUSR2:
		upgrade_begin(&m->upgrade);
		break;
	case SIGCHLD:
		reap(m);
		break;
	}
}

static void on_signals(struct loop *l UNUSED, struct loop_fd *f, uint32_t events UNUSED)
{
	struct master *m = container_of(f, struct master, signals);
	struct signalfd_siginfo s;

	while (read(f->fd, &s, sizeof(s)) == sizeof(s))
		obey(m, s.ssi_signo);
}

static void on_tick(struct loop *l, struct loop_timer *t)
{
	struct master *m = container_of(t, struct master, tick);

	loop_timer_set(l, t, MAX(l->now_us, clock_us()) + SECOND_US);
	m->seconds++;
	watch_second(m);
	control_second(&m->control);
	for (struct edition *g = m->retired; g; g = g->next)
		if (l->now_us > g->kill_us)
			edition_kill(g);
}

static int open_signals(struct master *m)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD };
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		(void)sigaddset(&set, numbers[i]);
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);        /* a log that may grow no more is one that is full */
	m->signals = (struct loop_fd){ .fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .on_event = on_signals };
	return m->signals.fd < 0 ? -errno : loop_add(&m->loop, &m->signals, EPOLLIN);
}

/* ---- all of it ------------------------------------------------------------------------------------------------------- */

/* Where it was asked for, it must be; else where the folder of such sockets can be written. */
static int open_control(struct master *m)
{
	static const char folder[] = "/run/nlbc";
	const struct options *o = m->options;
	auto_text struct text path = { 0 };

	if (m->handover.control >= 0) {
		control_adopt(&m->control, m->handover.control, m->handover.control_path);
		return 0;
	}
	if (o->socket)
		text_puts(&path, o->socket);
	else if (o->report)
		return 0;
	else
		text_printf(&path, "%s/proxy-%s.sock", folder, m->next->machine->profile);
	const int err = !o->socket && access(folder, W_OK) < 0 ? -errno : control_listen(&m->control, text_get(&path));

	if (!err)
		return 0;
	if (o->socket || !o->quiet)
		fprintf(stderr, "nlbc: %s: %s '%s': %s\n", o->socket ? "error" : "warning",
			o->socket ? "cannot listen on" : "no control socket", text_get(&path), strerror(-err));
	return o->socket ? err : 0;
}

static int begin(struct master *m)
{
	const char *report = m->options->report;
	int err = control_init(&m->control, m, report);

	if (err) {
		fprintf(stderr, "nlbc: error: cannot report to '%s': %s\n", report, strerror(-err));
		return failure_of("kernel")->exit;
	}
	err = loop_init(&m->loop);
	if (!err)
		err = open_signals(m);
	if (err) {
		fprintf(stderr, "nlbc: error: cannot begin: %s\n", strerror(-err));
		return failure_of("kernel")->exit;
	}
	m->files = files_raise_limit();
	notify_init(&m->notify);
	err = handover_read(&m->handover, m->arena);
	if (err) {
		fprintf(stderr, "nlbc: error: cannot take over: %s\n", strerror(-err));
		return failure_of("kernel")->exit;
	}
	if (m->handover.taken)
		m->given = m->handover.listeners;
	else
		listeners_given(&m->given, m->arena);
	m->next = edition_new(m, NULL, &m->exit_code);
	if (!m->next)
		return m->exit_code;
	for (size_t i = 0; i < m->next->n; i++)
		handover_apply(&m->handover, m->next->services[i]);
	listeners_close(&m->given, &m->next->listeners);
	err = open_control(m);
	if (err)
		return failure_of("kernel")->exit;
	err = rights_of_master();
	if (err) {
		fprintf(stderr, "nlbc: error: cannot give up rights: %s\n", strerror(-err));
		return failure_of("permission")->exit;
	}
	return 0;
}

/* Sockets stay open: workers that drain see the end of their pairs when the process ends. */
static void release(struct master *m)
{
	control_end(&m->control, "stop", m->handover.taken);    /* the one before us still has it */
	for (struct edition *g = m->retired, *next; g; g = next) {
		next = g->next;
		edition_free(g);
	}
	if (m->next)
		edition_free(m->next);
	if (m->current)
		edition_free(m->current);
	handover_release(&m->handover);
	upgrade_release(&m->upgrade);
	text_release(&m->refusal);
	arena_free(m->arena);
	free(m);
}

int master_run(const struct options *o, struct out *out)
{
	struct master *m = calloc(1, sizeof(*m));

	if (!m)
		out_of_memory();
	m->options = o;
	m->out = out;
	m->arena = arena_new();
	m->tick.on_timer = on_tick;
	m->deadline.on_timer = on_deadline;
	upgrade_init(&m->upgrade, m);
	tzset();                        /* workers open no file, not even that of the time zone */
	int code = begin(m);

	if (!code) {
		loop_timer_set(&m->loop, &m->tick, m->loop.now_us + SECOND_US);
		(void)start_workers(m);         /* it has told */
		const int err = loop_run(&m->loop);

		code = m->exit_code ? m->exit_code : err ? failure_of("kernel")->exit : m->cut > 0 ? failure_of("state")->exit : 0;
	}
	release(m);
	return code;
}
