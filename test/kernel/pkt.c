/* SPDX-License-Identifier: MIT */
/* Entry of the packet tool, and what its verbs share: options, addresses, time. */
#include "base/base.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <time.h>

#include "pkt.h"

static const struct verb *const verbs[] = {
	&verb_record, &verb_udp, &verb_rate, &verb_echo, &verb_craft, &verb_serve, &verb_flows, &verb_tc, &verb_forget,
	&verb_settings,
};

void die(const char *fmt, ...)
{
	const int saved = errno;
	va_list ap;

	(void)fprintf(stderr, "pkt: ");
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, saved ? ": %s\n" : "\n", strerror(saved));
	exit(1);
}

const char *words_text(const struct words *w, const char *name, const char *fallback)
{
	const size_t len = strlen(name);

	for (int i = 0; i < w->n; i++)
		if (strncmp(w->word[i], name, len) == 0 && w->word[i][len] == '=')
			return w->word[i] + len + 1;
	return fallback;
}

unsigned long words_number(const struct words *w, const char *name, unsigned long fallback)
{
	const char *text = words_text(w, name, NULL);
	char *end;

	if (!text)
		return fallback;
	errno = 0;
	const unsigned long n = strtoul(text, &end, 0);
	if (errno || end == text || *end)
		die("'%s' is not a number for '%s'", text, name);
	return n;
}

union place place_parse(const char *address, unsigned port)
{
	union place p = { .storage = { 0 } };

	if (inet_pton(AF_INET, address, &p.in.sin_addr) == 1) {
		p.in.sin_family = AF_INET;
		p.in.sin_port = htons((uint16_t)port);
	} else if (inet_pton(AF_INET6, address, &p.in6.sin6_addr) == 1) {
		p.in6.sin6_family = AF_INET6;
		p.in6.sin6_port = htons((uint16_t)port);
	} else {
		errno = 0;
		die("'%s' is not an address", address);
	}
	return p;
}

socklen_t place_size(const union place *p)
{
	return p->sa.sa_family == AF_INET ? sizeof(p->in) : sizeof(p->in6);
}

int socket_from(int type, int protocol, const union place *to, const char *from, unsigned port)
{
	const int fd = socket(to->sa.sa_family, type | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		die("socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) < 0)
		die("SO_REUSEADDR");
	const char *any = to->sa.sa_family == AF_INET ? "0.0.0.0" : "::";
	const union place local = place_parse(from ? from : any, port);
	if ((from || port) && bind(fd, &local.sa, place_size(&local)) < 0)
		die("bind to port %u", port);
	return fd;
}

uint64_t now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void sleep_us(uint64_t us)
{
	const struct timespec t = { .tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000 };

	(void)nanosleep(&t, NULL); /* waking early only sends sooner */
}

/* veth hands a packet on within the sender's CPU, so packets sent from one CPU arrive in the order sent. */
void stay_on_one_cpu(void)
{
	const int cpu = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu < 0 ? 0 : (size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		die("sched_setaffinity");
}

int main(int argc, char **argv)
{
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_LEN(verbs) && argc > 1; i++) {
		if (strcmp(verbs[i]->name, argv[1]) == 0)
			return verbs[i]->run(&(struct words){ argv + 2, argc - 2 });
	}
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		(void)fprintf(stderr, "pkt %s %s\n", verbs[i]->name, verbs[i]->help);
	return 1;
}
