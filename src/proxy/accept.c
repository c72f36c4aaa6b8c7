/* SPDX-License-Identifier: MIT */
/* Clients come in: as long as there is room for them, descriptors, and nothing drains. */
#include "base/base.h"

#include <errno.h>
#include <netinet/tcp.h>

#include "proxy/parts.h"

enum {
	BATCH = 64,
	WAITING_MOST = 4096,            /* as many as the kernel lets wait */
};

static void forget(struct worker *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		loop_remove(&w->loop, &w->listeners[i].event);
}

/* Where the kernel has no memory to wait for a listener, it is tried again later. */
static void set_accepting(struct worker *w, bool on)
{
	if (w->accepting == on)
		return;
	for (size_t i = 0; on && i < w->setup->n_listeners; i++) {
		if (loop_add(&w->loop, &w->listeners[i].event, EPOLLIN) < 0) {
			forget(w, i);
			loop_timer_set(&w->loop, &w->accept_again, w->loop.now_us + SHORT_US);
			return;
		}
	}
	if (!on)
		forget(w, w->setup->n_listeners);
	w->accepting = on;
}

void accept_check(struct worker *w)
{
	set_accepting(w, !w->draining && w->n_clients < w->setup->max_connections && !loop_timer_is_set(&w->accept_again) &&
			 w->buffers.bytes <= UNTAKEN_HIGH);
}

static void on_accept_again(struct loop *l, struct loop_timer *t)
{
	(void)l;
	accept_check(container_of(t, struct worker, accept_again));
}

bool worker_is_short(struct worker *w, int e)
{
	if (e != EMFILE && e != ENFILE && e != ENOBUFS && e != ENOMEM && e != EADDRNOTAVAIL)
		return false;
	orders_tell_seldom(w, &w->short_told_us, "files-short");
	loop_timer_set(&w->loop, &w->accept_again, w->loop.now_us + SHORT_US);
	accept_check(w);
	return servers_drop_oldest(w);
}

struct endpoint endpoint_of(const struct sockaddr_storage *a)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)a;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)a;
	struct endpoint e = { .addr.family = (uint8_t)a->ss_family };

	if (a->ss_family == AF_INET) {
		memcpy(e.addr.b, &v4->sin_addr, 4);
		e.port = ntohs(v4->sin_port);
	} else if (a->ss_family == AF_INET6) {
		memcpy(e.addr.b, &v6->sin6_addr, 16);
		e.port = ntohs(v6->sin6_port);
	}
	return e;
}

static void welcome(struct worker *w, int fd, const struct sockaddr_storage *from)
{
	const struct endpoint peer = endpoint_of(from);
	struct client *c = client_new(w, fd, &peer);

	if (!c) {
		(void)close(fd);
		(void)worker_is_short(w, ENOMEM);
		return;
	}
	w->reads = 0;
	w->moved = 0;
	if (client_begin(c) == STEP_ON || c->state == CLIENT_QUEUE)
		client_step(c);
}

/* At most n of those that wait. */
static void accept_some(struct listener *of, int n)
{
	struct worker *w = of->w;

	for (int i = 0; i < n && w->accepting; i++) {
		struct sockaddr_storage from;
		socklen_t size = sizeof(from);
		const int fd = accept4(of->event.fd, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			welcome(w, fd, &from);
			if (w->n_clients >= w->setup->max_connections)
				accept_check(w);
			continue;
		}
		/* A client that has gone again is no reason to stop; an empty queue is. */
		if (errno == ECONNABORTED || errno == EINTR)
			continue;
		(void)worker_is_short(w, errno);
		return;
	}
}

static void on_event(struct loop *l, struct loop_fd *f, uint32_t events)
{
	(void)l;
	(void)events;
	accept_some(container_of(f, struct listener, event), BATCH);
}

void accept_start(struct worker *w)
{
	const int on = 1;

	w->listeners = calloc(w->setup->n_listeners, sizeof(*w->listeners));
	if (!w->listeners)
		out_of_memory();
	w->accept_again.on_timer = on_accept_again;
	for (size_t i = 0; i < w->setup->n_listeners; i++) {
		w->listeners[i] = (struct listener){ .event = { .fd = w->setup->listeners[i], .on_event = on_event }, .w = w };
		/* Connections inherit it: answers in pieces leave at once. */
		(void)setsockopt(w->setup->listeners[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	}
	accept_check(w);
}

void accept_stop(struct worker *w)
{
	/* Where the endpoint is given up, nobody else would hear those that wait. */
	for (size_t i = 0; i < w->setup->n_listeners; i++)
		accept_some(&w->listeners[i], WAITING_MOST);
	set_accepting(w, false);
	for (size_t i = 0; i < w->setup->n_listeners; i++)
		(void)close(w->setup->listeners[i]);
}
