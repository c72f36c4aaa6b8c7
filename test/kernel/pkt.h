/* SPDX-License-Identifier: MIT */
/*
 * The packet tool of the kernel tests: sends numbered packets from a namespace and records what arrives in another.
 * Each verb takes its options as NAME=VALUE words. Everything is bounded in count and in time; a mistake ends the program.
 */
#ifndef NLBC_TEST_KERNEL_PKT_H
#define NLBC_TEST_KERNEL_PKT_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/base.h"

struct words {
	char **word;
	int n;
};

struct verb {
	const char *name;
	const char *help;
	int (*run)(const struct words *w);
};

extern const struct verb verb_record, verb_udp, verb_rate, verb_echo, verb_craft, verb_serve, verb_flows, verb_tc, verb_forget,
	verb_settings;

/* The value of option `name`, or `fallback`, which may be NULL. */
const char *words_text(const struct words *w, const char *name, const char *fallback);
unsigned long words_number(const struct words *w, const char *name, unsigned long fallback);

union place {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_storage storage;
};

/* A numeric address of either family and a port. */
union place place_parse(const char *address, unsigned port);
socklen_t place_size(const union place *p);

/* A socket bound to `from` (when given: address, port `port`) in the family of `to`. */
int socket_from(int type, int protocol, const union place *to, const char *from, unsigned port);

uint64_t now_us(void);
void sleep_us(uint64_t us);
void stay_on_one_cpu(void);

NORETURN PRINTF(1, 2) void die(const char *fmt, ...);

#endif
