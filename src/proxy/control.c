/* SPDX-License-Identifier: MIT */
/* Who may connect to the control socket, and what all its peers are told. */
#include "base/base.h"

#include <errno.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "proxy/control.h"
#include "proxy/edition.h"
#include "proxy/master.h"
#include "proxy/peer.h"
#include "proxy/report.h"
#include "proxy/watch.h"

enum { PEERS_MOST = 64, GROUPS_MOST = 1024, SILENT_US = 5000000, SOCKET_MODE = 0666 };

/* ---- who ------------------------------------------------------------------------------------------------------------- */

static int64_t find_group(const char *name)
{
	const struct group *g = getgrnam(name);

	return g ? (int64_t)g->gr_gid : -1;
}

/* Credentials as they were when it connected, taken once. */
static enum right right_of(const struct control *c, int fd)
{
	struct ucred who;
	socklen_t n = sizeof(who);
	gid_t groups[GROUPS_MOST];
	socklen_t size = sizeof(groups);
	enum right right = RIGHT_NONE;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) < 0)
		return RIGHT_NONE;
	if (who.uid == 0 || who.uid == geteuid())
		return RIGHT_CHANGE;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
		size = 0;
	for (size_t i = 0; i <= size / sizeof(*groups); i++) {
		const int64_t gid = i < size / sizeof(*groups) ? groups[i] : who.gid;

		if (gid == c->gid_change)
			return RIGHT_CHANGE;
		if (gid == c->gid_read)
			right = RIGHT_READ;
	}
	return right;
}

static void refuse(int fd, const char *code, const char *text)
{
	auto_text struct text t = { 0 };

	line_begin(&t, "error");
	line_word(&t, "seq", NULL);
	line_word(&t, "code", code);
	line_word(&t, "text", text);
	line_end(&t);
	(void)send(fd, t.p, t.n, MSG_NOSIGNAL | MSG_DONTWAIT);
	peer_close(fd);
}

static void on_listener(struct loop *l, struct loop_fd *f, uint32_t events UNUSED)
{
	struct control *c = container_of(f, struct control, listener);
	const int fd = accept4(f->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		/* Without descriptors it would wake us at once again: until the next second nobody is heard. */
		c->deaf = errno != EAGAIN && errno != EINTR && errno != ECONNABORTED && loop_change(l, f, 0) == 0;
		return;
	}
	const enum right right = right_of(c, fd);

	if (right == RIGHT_NONE)
		refuse(fd, "permission", "not root, nor of group nlbc or nlbc-ro");
	else if (c->n_peers >= PEERS_MOST)
		refuse(fd, "busy", "too many connections");
	else
		(void)peer_new(c, fd, right);   /* without memory it is closed, which the other side sees */
}

/* ---- the socket ------------------------------------------------------------------------------------------------------ */

static int address_of(const char *path, struct sockaddr_un *sa)
{
	const size_t n = strlen(path);

	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (n >= sizeof(sa->sun_path))
		return -ENAMETOOLONG;
	memcpy(sa->sun_path, path, n);
	return 0;
}

/* Bound; a socket that nobody listens at any more is out of the way. Connecting to any other file is refused, too. */
static int bind_at(int fd, const struct sockaddr_un *sa)
{
	if (bind(fd, (const struct sockaddr *)sa, sizeof(*sa)) == 0)
		return 0;
	if (errno != EADDRINUSE)
		return -errno;
	auto_close int other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (other < 0)
		return -errno;
	if (connect(other, (const struct sockaddr *)sa, sizeof(*sa)) == 0 || errno != ECONNREFUSED)
		return -EADDRINUSE;
	struct stat st;

	if (lstat(sa->sun_path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return -EEXIST;
	if (unlink(sa->sun_path) < 0)
		return -errno;
	return bind(fd, (const struct sockaddr *)sa, sizeof(*sa)) < 0 ? -errno : 0;
}

static uint64_t netns_cookie(void)
{
	auto_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t cookie = 0;
	socklen_t n = sizeof(cookie);

	return fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &n) == 0 ? cookie : 0;
}

int control_init(struct control *c, struct master *m, const char *report)
{
	struct sockaddr_un sa;

	*c = (struct control){ .master = m, .listener = { .fd = -1, .on_event = on_listener }, .report = report };
	c->netns = netns_cookie();
	c->gid_change = find_group("nlbc");
	c->gid_read = find_group("nlbc-ro");
	return report ? address_of(report, &sa) : 0;
}

void control_adopt(struct control *c, int fd, const char *path)
{
	c->listener.fd = fd;
	c->path = strdup(path);
	if (!c->path)
		out_of_memory();
}

int control_serve(struct control *c)
{
	return c->listener.fd < 0 ? 0 : loop_add(&c->master->loop, &c->listener, EPOLLIN);
}

int control_listen(struct control *c, const char *path)
{
	struct sockaddr_un sa;
	int err = address_of(path, &sa);

	if (err)
		return err;
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	err = bind_at(fd, &sa);
	/* Credentials decide, not the file. */
	if (!err && (chmod(path, SOCKET_MODE) < 0 || listen(fd, PEERS_MOST) < 0))
		err = -errno;
	if (err)
		(void)close(fd);
	else
		control_adopt(c, fd, path);
	return err;
}

void control_end(struct control *c, const char *reason, bool keep_path)
{
	auto_text struct text t = { 0 };

	line_begin(&t, "bye");
	line_word(&t, "reason", reason);
	line_end(&t);
	for (struct peer *p = c->peers, *next; p; p = next) {
		next = p->next;
		peer_say(p, &t);
		peer_end(p);
	}
	if (c->listener.fd >= 0) {
		loop_remove(&c->master->loop, &c->listener);
		(void)close(c->listener.fd);
		if (!keep_path)
			(void)unlink(c->path);
	}
	c->listener.fd = -1;
	c->report = NULL;
	free(c->path);
	c->path = NULL;
}

/* ---- to all ---------------------------------------------------------------------------------------------------------- */

void control_tell(struct control *c, const struct text *event)
{
	for (struct peer *p = c->peers, *next; p; p = next) {
		next = p->next;
		if (p->greeted)
			peer_say(p, event);
	}
}

static void call(struct control *c)
{
	struct sockaddr_un sa;

	if (address_of(c->report, &sa))
		return;
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {      /* a local socket is connected at once, or not */
		(void)close(fd);
		return;
	}
	c->reporter = peer_new(c, fd, RIGHT_CHANGE);
	if (c->reporter)
		c->reporter->ours = true;
}

static void report(struct control *c)
{
	auto_text struct text t = { 0 };
	const struct report r = { .out = &t, .mono_us = c->master->loop.now_us, .seq = &c->reporter->seq };

	if (!peer_is_idle(c->reporter)) {       /* left out: the gap is seen */
		c->reporter->seq++;
		return;
	}
	report_round(&r, c->master->current);
	peer_say(c->reporter, &t);
}

void control_second(struct control *c)
{
	const uint64_t now_us = c->master->loop.now_us;

	if (c->deaf && c->listener.fd >= 0)
		c->deaf = loop_change(&c->master->loop, &c->listener, EPOLLIN) != 0;
	for (struct peer *p = c->peers, *next; p; p = next) {
		next = p->next;
		/* Who waits for our answer may be silent. */
		if (!p->ours && !p->reloads && now_us - p->heard_us > SILENT_US)
			peer_end(p);
	}
	if (!c->report || !c->master->current)
		return;
	if (!c->reporter)
		call(c);
	if (c->reporter)
		report(c);
}

void control_reloaded(struct control *c, const char *code, const char *text)
{
	for (struct peer *p = c->peers, *next; p; p = next) {
		next = p->next;
		if (!p->reloads)
			continue;
		p->reloads = false;
		if (!code) {
			peer_ok(p, p->reload_seq);
			continue;
		}
		char seq[32];
		struct line order = { .n = 1 };

		(void)snprintf(seq, sizeof(seq), "%llu", (unsigned long long)p->reload_seq);
		order.words[0] = (struct line_word){ .key = STR("seq"), .value = str_of(seq) };
		peer_error(p, &order, code, "%s", text);
	}
}
