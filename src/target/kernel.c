/* SPDX-License-Identifier: MIT */
/* Sockets to the kernel: questions and whole answers, batches and every answer to them. Nothing of libnl or libmnl
 * sends or receives here, because their calls lose the errno, the text or the message a refusal belongs to. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/text.h"
#include "plan/item.h"
#include "target/kernel.h"

enum {
	BUFFER_MIN = 1024 * 1024,
	/* What one acknowledgement with a text may take of the receive buffer (an skb's true size, kernel 6.18: 768 to
	 * 1280 bytes). */
	ANSWER_ROOM = 2048,
	MESSAGES_PER_SEND = 2048,
	DUMP_TRIES = 10,
	RECEIVE_SIZE = 256 * 1024,
};

struct channel {
	int fd;
	size_t send_room;           /* the largest sendmsg the socket takes */
	size_t receive_room;
};

struct kernel {
	struct channel channels[KERNEL_BUSES];
	uint32_t sequence;
	uint64_t writes;
	uint32_t generation;
	char *receive;              /* RECEIVE_SIZE bytes */
};

/* ---- namespace and identity ------------------------------------------------------------------------------------- */

int kernel_enter_netns(const char *name)
{
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -EINVAL;
	auto_text struct text path = {0};
	text_printf(&path, "/run/netns/%s", name);
	auto_close int fd = open(path.p, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
}

static bool has_capability(unsigned number)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
	if (syscall(SYS_capget, &head, data) < 0)
		return false;
	return data[number / 32].effective & (1u << number % 32);
}

bool kernel_may_write(void)
{
	return has_capability(CAP_NET_ADMIN);
}

bool kernel_may_use_iptables(void)
{
	return has_capability(CAP_NET_ADMIN) && has_capability(CAP_NET_RAW);
}

int kernel_netns_cookie(uint64_t *cookie)
{
	auto_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	socklen_t size = sizeof(*cookie);
	if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &size) == 0)
		return 0;
	struct stat st;
	if (stat("/proc/self/ns/net", &st) < 0)
		return -errno;
	*cookie = st.st_ino;
	return 0;
}

int kernel_boot_id(char id[37])
{
	auto_free char *p = NULL;
	size_t n = 0;
	int err = read_file("/proc/sys/kernel/random/boot_id", 64, &p, &n);
	if (err < 0)
		return err;
	if (n < 36)
		return -EIO;
	memcpy(id, p, 36);
	id[36] = '\0';
	return 0;
}

/* ---- sockets ---------------------------------------------------------------------------------------------------- */

/* The FORCE options want CAP_NET_ADMIN in the first user namespace; without it the limits of sysctl hold. */
static size_t set_room(int fd, int force, int plain, size_t bytes)
{
	int value = (int)MIN(bytes, (size_t)INT32_MAX / 2);
	if (setsockopt(fd, SOL_SOCKET, force, &value, sizeof(value)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, plain, &value, sizeof(value));   /* read back below */
	socklen_t size = sizeof(value);
	if (getsockopt(fd, SOL_SOCKET, plain, &value, &size) < 0)
		return 0;
	return (size_t)value;
}

static void channel_set_rooms(struct channel *c, size_t bytes)
{
	c->send_room = set_room(c->fd, SO_SNDBUFFORCE, SO_SNDBUF, bytes);
	c->receive_room = set_room(c->fd, SO_RCVBUFFORCE, SO_RCVBUF, bytes);
}

static int channel_open(struct channel *c, int protocol)
{
	c->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (c->fd < 0)
		return -errno;
	const struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	if (bind(c->fd, (const struct sockaddr *)&any, sizeof(any)) < 0)
		return -errno;
	const int on = 1;
	/* Texts and short acknowledgements are in every kernel since 4.12, strict dumps since 4.20. */
	if (setsockopt(c->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) < 0 ||
	    setsockopt(c->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) < 0 ||
	    (protocol == NETLINK_ROUTE &&
	     setsockopt(c->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on)) < 0))
		return -errno;
	channel_set_rooms(c, BUFFER_MIN);
	return 0;
}

struct kernel *kernel_open(struct diags *d)
{
	static const int protocols[KERNEL_BUSES] = { NETLINK_ROUTE, NETLINK_NETFILTER };
	struct kernel *k = calloc(1, sizeof(*k));
	if (!k)
		out_of_memory();
	k->receive = malloc(RECEIVE_SIZE);
	if (!k->receive)
		out_of_memory();
	for (int i = 0; i < KERNEL_BUSES; i++)
		k->channels[i].fd = -1;
	for (int i = 0; i < KERNEL_BUSES; i++) {
		int err = channel_open(&k->channels[i], protocols[i]);
		if (err < 0) {
			struct diag *g = diag_error(d, NULL, "kernel", "cannot talk to the kernel: %s", errno_words(-err));
			if (i == KERNEL_NETFILTER)
				diag_hint(d, g, "CONFIG_NETFILTER_NETLINK (module nfnetlink)");
			kernel_close(k);
			return NULL;
		}
	}
	k->sequence = (uint32_t)time(NULL);
	return k;
}

void kernel_close(struct kernel *k)
{
	if (!k)
		return;
	for (int i = 0; i < KERNEL_BUSES; i++)
		base_closep(&k->channels[i].fd);
	free(k->receive);
	free(k);
}

uint64_t kernel_writes(const struct kernel *k)
{
	return k->writes;
}

uint32_t kernel_generation(const struct kernel *k)
{
	return k->generation;
}

void kernel_set_generation(struct kernel *k, uint32_t generation)
{
	k->generation = generation;
}

static int channel_send(const struct channel *c, const void *p, size_t n)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct iovec part = { .iov_base = (void *)(uintptr_t)p, .iov_len = n };
	const struct msghdr m = {
		.msg_name = &kernel, .msg_namelen = sizeof(kernel), .msg_iov = &part, .msg_iovlen = 1,
	};
	ssize_t sent;
	do
		sent = sendmsg(c->fd, &m, 0);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

/* One datagram into k->receive. Its length, -errno; what others than the kernel send is skipped. */
static ssize_t channel_receive(struct kernel *k, const struct channel *c, int flags)
{
	for (;;) {
		struct sockaddr_nl from = {0};
		struct iovec part = { .iov_base = k->receive, .iov_len = RECEIVE_SIZE };
		struct msghdr m = {
			.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &part, .msg_iovlen = 1,
		};
		ssize_t n = recvmsg(c->fd, &m, flags);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (m.msg_flags & MSG_TRUNC)
			return -EMSGSIZE;
		if (from.nl_pid == 0)
			return n;
	}
}

/* These ioctls work on any socket; one costs less than a microsecond. */
const char *kernel_device_name(const struct kernel *k, int index, char name[16])
{
	struct ifreq q = { .ifr_ifindex = index };
	if (index <= 0 || ioctl(k->channels[KERNEL_ROUTE].fd, SIOCGIFNAME, &q) < 0)
		return NULL;
	memcpy(name, q.ifr_name, IFNAMSIZ);
	return name;
}

int kernel_device_index(const struct kernel *k, const char *name)
{
	struct ifreq q = {0};
	const size_t n = strlen(name);
	if (n >= sizeof(q.ifr_name))
		return 0;
	memcpy(q.ifr_name, name, n);
	return ioctl(k->channels[KERNEL_ROUTE].fd, SIOCGIFINDEX, &q) < 0 ? 0 : q.ifr_ifindex;
}

/* ---- asking ----------------------------------------------------------------------------------------------------- */

void answer_release(struct answer *a)
{
	free(a->p);
	*a = (struct answer){0};
}

const struct nlmsghdr *answer_next(const struct answer *a, const struct nlmsghdr *m)
{
	size_t at = m ? (size_t)((const char *)m - a->p) + MNL_ALIGN(m->nlmsg_len) : 0;
	return at < a->n ? (const struct nlmsghdr *)(const void *)(a->p + at) : NULL;
}

static void answer_add(struct answer *a, const struct nlmsghdr *m)
{
	size_t size = MNL_ALIGN(m->nlmsg_len);
	if (a->n + size > a->room) {
		a->room = MAX(a->room * 2, a->n + size + 16 * 1024);
		a->p = realloc(a->p, a->room);
		if (!a->p)
			out_of_memory();
	}
	memset(a->p + a->n, 0, size);
	memcpy(a->p + a->n, m, m->nlmsg_len);
	a->n += size;
}

static int error_of(const struct nlmsghdr *m)
{
	if (m->nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr)))
		return -EBADMSG;
	return ((const struct nlmsgerr *)mnl_nlmsg_get_payload(m))->error;
}

enum collected { COLLECT_MORE, COLLECT_DONE, COLLECT_INTERRUPTED };

/* Takes what belongs to the question out of one datagram. enum collected, or -errno of the kernel. */
static int collect(struct kernel *k, int n, uint32_t sequence, bool *interrupted, struct answer *a)
{
	for (const struct nlmsghdr *m = (const void *)k->receive; mnl_nlmsg_ok(m, n); m = mnl_nlmsg_next(m, &n)) {
		if (m->nlmsg_seq != sequence)
			continue;
		*interrupted |= m->nlmsg_flags & NLM_F_DUMP_INTR;
		if (m->nlmsg_type == NLMSG_ERROR) {
			int err = error_of(m);
			return err < 0 ? err : COLLECT_DONE;
		}
		if (m->nlmsg_type == NLMSG_DONE) {
			/* A dump that failed half-way says so here, in an int. */
			int err = 0;
			if (mnl_nlmsg_get_payload_len(m) >= sizeof(err))
				memcpy(&err, mnl_nlmsg_get_payload(m), sizeof(err));
			if (err < 0)
				return err;
			return *interrupted ? COLLECT_INTERRUPTED : COLLECT_DONE;
		}
		if (m->nlmsg_type != NLMSG_NOOP)
			answer_add(a, m);
	}
	return COLLECT_MORE;
}

static uint64_t now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);   /* cannot fail for this clock */
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int ask_once(struct kernel *k, const struct channel *c, struct nlmsghdr *question, uint64_t deadline_ms,
		    struct answer *a)
{
	question->nlmsg_seq = ++k->sequence;
	a->n = 0;
	int err = channel_send(c, question, question->nlmsg_len);
	bool interrupted = false;
	while (err == 0) {
		if (deadline_ms && now_ms() >= deadline_ms)
			return -ETIME;
		ssize_t n = channel_receive(k, c, 0);
		if (n < 0)
			return (int)n;
		err = collect(k, (int)n, question->nlmsg_seq, &interrupted, a);
	}
	return err < 0 ? err : err == COLLECT_INTERRUPTED ? -EAGAIN : 0;
}

/* What an abandoned dump still has to say would fill the socket for the next question. */
static void channel_drain(struct kernel *k, const struct channel *c)
{
	while (channel_receive(k, c, MSG_DONTWAIT) >= 0)
		;
}

int kernel_ask(struct kernel *k, enum kernel_bus bus, struct nlmsghdr *question, struct answer *a)
{
	const struct channel *c = &k->channels[bus];
	bool dump = (question->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	question->nlmsg_flags |= NLM_F_REQUEST | (dump ? 0 : NLM_F_ACK);
	uint64_t deadline_ms = a->limit_ms ? now_ms() + a->limit_ms : 0;
	for (int i = 0; i < DUMP_TRIES; i++) {
		int err = ask_once(k, c, question, deadline_ms, a);
		if (err == -ETIME)
			channel_drain(k, c);
		if (err != -EAGAIN)
			return err;
	}
	return -EINTR;
}

/* ---- batches ---------------------------------------------------------------------------------------------------- */

void batch_init(struct batch *b, enum kernel_bus bus)
{
	*b = (struct batch){ .bus = bus };
}

void batch_release(struct batch *b)
{
	free(b->p);
	free(b->messages);
	*b = (struct batch){ .bus = b->bus };
}

struct nlmsghdr *batch_begin(struct batch *b, uint16_t type, uint16_t flags, const struct change *change)
{
	if (b->n + MESSAGE_MAX > b->room) {
		b->room = MAX(b->room * 2, b->n + 2 * MESSAGE_MAX);
		b->p = realloc(b->p, b->room);
		if (!b->p)
			out_of_memory();
	}
	if (b->n_messages == b->messages_room) {
		b->messages_room = MAX(b->messages_room * 2, (size_t)64);
		b->messages = reallocarray(b->messages, b->messages_room, sizeof(*b->messages));
		if (!b->messages)
			out_of_memory();
	}
	b->messages[b->n_messages] = (struct batch_message){ .offset = b->n, .change = change };
	struct nlmsghdr *m = mnl_nlmsg_put_header(b->p + b->n);
	m->nlmsg_type = type;
	m->nlmsg_flags = NLM_F_REQUEST | flags;
	return m;
}

void batch_end(struct batch *b, struct nlmsghdr *message)
{
	if ((char *)message != b->p + b->n || message->nlmsg_len > MESSAGE_MAX)
		BUG("message of %u bytes does not fit its batch", message->nlmsg_len);
	b->n += MNL_ALIGN(message->nlmsg_len);
	b->n_messages++;
}

void batch_cancel(struct batch *b, struct nlmsghdr *message)
{
	if ((char *)message != b->p + b->n)
		BUG("only the message that was begun last can be taken back");
}

static struct nlmsghdr *batch_message(const struct batch *b, size_t i)
{
	return (struct nlmsghdr *)(void *)(b->p + b->messages[i].offset);
}

static bool is_frame(const struct batch *b, size_t i)
{
	uint16_t type = batch_message(b, i)->nlmsg_type;
	return b->bus == KERNEL_NETFILTER && (type == NFNL_MSG_BATCH_BEGIN || type == NFNL_MSG_BATCH_END);
}

static void refusal_add(struct refusals *r, struct refusal refusal)
{
	if (r->n == r->room) {
		r->room = MAX(r->room * 2, (size_t)16);
		r->list = reallocarray(r->list, r->room, sizeof(*r->list));
		if (!r->list)
			out_of_memory();
	}
	r->list[r->n++] = refusal;
}

/* The text and the attribute's offset of an extended acknowledgement. */
static void read_extended(const struct nlmsghdr *m, struct refusal *out)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(m);
	if (!(m->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	size_t skip = sizeof(*e);
	if (!(m->nlmsg_flags & NLM_F_CAPPED))
		skip += MNL_ALIGN(e->msg.nlmsg_len) - sizeof(e->msg);
	const struct nlattr *attr;
	mnl_attr_for_each(attr, m, skip) {
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG && !out->text) {
			out->text = strndup(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
			if (!out->text)
				out_of_memory();
		} else if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_OFFS && mnl_attr_get_payload_len(attr) >= 4) {
			out->offset = mnl_attr_get_u32(attr);
		}
	}
}

/* One sendmsg: messages first .. end - 1 of a batch. */
struct span {
	size_t first, end;
	size_t last;                /* the one that asks for an acknowledgement */
	uint32_t sequence;          /* of first */
	bool acknowledged;
};

static void read_error(const struct batch *b, struct span *s, const struct nlmsghdr *m, struct refusals *r)
{
	size_t i = s->first + (m->nlmsg_seq - s->sequence);
	if (m->nlmsg_type != NLMSG_ERROR || i >= s->end)
		return;
	int err = error_of(m);
	s->acknowledged |= i == s->last;
	if (err == 0)
		return;
	struct refusal refusal = {
		.change = b->messages[i].change, .message = batch_message(b, i), .index = i, .error = -err,
	};
	read_extended(m, &refusal);
	refusal_add(r, refusal);
}

/* The kernel answers within sendmsg, so all there is to read is in the socket now: a failed nft batch also acknowledges
 * good messages, one without its generation only its begin. */
static int read_answers(struct kernel *k, const struct batch *b, struct span *s, struct refusals *r)
{
	bool overrun = false;
	for (;;) {
		ssize_t size = channel_receive(k, &k->channels[b->bus], MSG_DONTWAIT);
		if (size == -ENOBUFS) {
			overrun = true;
			continue;
		}
		if (size == -EAGAIN)
			break;
		if (size < 0)
			return (int)size;
		int n = (int)size;
		for (const struct nlmsghdr *m = (const void *)k->receive; mnl_nlmsg_ok(m, n);
		     m = mnl_nlmsg_next(m, &n))
			read_error(b, s, m, r);
	}
	if (r->n)
		return 0;
	if (overrun)
		return -ENOBUFS;
	return s->acknowledged ? 0 : -ENOMSG;
}

/* As many messages as the socket's buffers hold, both ways; a netfilter batch must go as one. */
static struct span next_span(const struct channel *c, const struct batch *b, size_t first)
{
	struct span s = { .first = first, .end = b->n_messages };
	if (b->bus == KERNEL_ROUTE) {
		const size_t room = MAX(c->receive_room / ANSWER_ROOM, (size_t)1);
		size_t most = MIN(room, (size_t)MESSAGES_PER_SEND);
		s.end = MIN(b->n_messages, first + most);
		size_t start = b->messages[first].offset;
		while (s.end > first + 1 &&
		       b->messages[s.end - 1].offset + batch_message(b, s.end - 1)->nlmsg_len - start > c->send_room / 2)
			s.end--;
	}
	s.last = s.end - 1;
	while (s.last > first && is_frame(b, s.last))
		s.last--;
	return s;
}

static int send_span(struct kernel *k, const struct batch *b, struct span *s, struct refusals *r)
{
	s->sequence = k->sequence + 1;
	for (size_t i = s->first; i < s->end; i++) {
		batch_message(b, i)->nlmsg_seq = ++k->sequence;
		k->writes += !is_frame(b, i);
	}
	batch_message(b, s->last)->nlmsg_flags |= NLM_F_ACK;
	size_t from = b->messages[s->first].offset;
	size_t to = s->end < b->n_messages ? b->messages[s->end].offset : b->n;
	int err = channel_send(&k->channels[b->bus], b->p + from, to - from);
	return err < 0 ? err : read_answers(k, b, s, r);
}

/* Who speaks for a sendmsg that failed as a whole: the first of its changes that somebody wished, else the first. */
static const struct change *speaker(const struct batch *b, const struct span *s)
{
	const struct change *first = NULL;
	for (size_t i = s->first; i < s->end; i++) {
		const struct change *c = b->messages[i].change;
		if (c && c->to && c->to->origin.place.source)
			return c;
		if (!first)
			first = c;
	}
	return first;
}

int batch_send(struct kernel *k, struct batch *b, struct refusals *r)
{
	struct channel *c = &k->channels[b->bus];
	if (b->n_messages == 0)
		return 0;
	size_t wanted = MAX(b->n, b->n_messages * ANSWER_ROOM);
	if (wanted * 2 > c->send_room)
		channel_set_rooms(c, wanted * 2);
	for (size_t first = 0; first < b->n_messages;) {
		struct span s = next_span(c, b, first);
		int err = send_span(k, b, &s, r);
		if (err < 0) {
			refusal_add(r, (struct refusal){ .change = speaker(b, &s), .index = SIZE_MAX, .error = -err });
			break;
		}
		first = s.end;
	}
	return r->n ? -r->list[0].error : 0;
}
