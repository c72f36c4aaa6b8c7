/* SPDX-License-Identifier: MIT */
/* Packets as people describe them: SRC DST [PROTO [SPORT DPORT]], on the command line or a line each of standard input. */
#ifndef NLBC_CLI_PACKET_H
#define NLBC_CLI_PACKET_H

#include "apply/trace.h"
#include "base/arena.h"
#include "base/diag.h"

struct packet_word {
	const char *text;
	struct place place;             /* source NULL: of the command line */
};

struct packet_list {
	struct trace_question *list;
	size_t n, room;
};

/* 0; -EINVAL explained in d. Without PROTO it is an echo request of the family's ICMP. */
int packet_read(const struct packet_word *words, size_t n, struct trace_question *out, struct diags *d) MUST_USE;
/* All lines of a text; a line may end in `--in INTERFACE`, else `in` holds for it. Empty lines and those that begin with #
 * are passed over. 0, or -EINVAL: everything wrong is explained in d, at its place in `source`. */
int packets_parse(const struct source *source, const char *in, struct packet_list *out, struct arena *a,
		  struct diags *d) MUST_USE;
/* The lines of standard input. */
int packets_read(const char *in, struct packet_list *out, struct arena *a, struct diags *d) MUST_USE;
/* `10.10.1.1 10.10.3.2 udp 5000 6000`; returns text in a. */
const char *packet_print(const struct trace_question *q, struct arena *a);
/* `udp`; a number where the protocol has no name here. */
const char *packet_protocol(uint8_t protocol, struct arena *a);

#endif
