/* SPDX-License-Identifier: MIT */
/* play: client and server around a running nlbc-proxy, in one process, so that both know what the other one saw. It plays
 * the framing corpus (cases/FORMAT), clients before other servers, and mutations of the corpus. It shares no code with
 * the proxy's readers: what is expected stands in the cases, and the strict reader is a second opinion. */
#ifndef NLBC_TEST_PROXY_PLAY_H
#define NLBC_TEST_PROXY_PLAY_H

#include <netinet/in.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/loop.h"
#include "base/text.h"

/* ---- cases ---- */

enum piece_kind { PIECE_BYTES, PIECE_DATE, PIECE_CLIENT, PIECE_CHUNKED, PIECE_TORN };
struct piece {
	enum piece_kind kind;
	struct str bytes;               /* PIECE_CHUNKED: the data, however cut into chunks; PIECE_TORN: the last one is missing */
};

enum step_kind { STEP_IN, STEP_CLIENT, STEP_SERVER, STEP_ANSWER };
struct step {
	enum step_kind kind;
	struct piece *pieces;
	size_t n, room;
	struct str bytes;               /* in, answer: all of them */
	size_t joint;                   /* answer: the byte here leaves with the one before; 0: none */
	bool fin, reset;                /* in, answer: what follows the bytes */
	bool raw;                       /* server: goes on where the last message ended, no head is looked for */
	bool loose;                     /* server: what follows on this connection does not matter, until it ends */
	bool optional;                  /* server: need not arrive at all, and is not answered */
	bool gone;                      /* answer: the proxy closes this connection */
};

enum case_end { END_KEPT, END_OPEN, END_CLOSED, END_OVER, END_RESET, END_SHUT };

struct play_case {
	const char *name, *proxy;
	struct step *client, *server;   /* in and client; server and answer */
	size_t n_client, client_room, n_server, server_room;
	enum case_end end;
	size_t in_bytes, answer_bytes;  /* that are cut at every place; answer_bytes 0: no answer of its own */
};

struct cases {
	struct arena *arena;
	struct play_case *v;
	size_t n, room;
	struct macro *macros;
	struct step answer;             /* of servers where a case has none: the macro ANSWER */
};
/* Adds the cases of a file; a mistake in it ends the program. */
void cases_read(struct cases *c, const char *path);

/* > 0: these bytes begin with the step's, which are so many; 0: more are needed; -1: never. No step is empty. */
ssize_t step_match(const struct step *s, const char *p, size_t n, const char *client);

/* ---- sockets ---- */

NORETURN PRINTF(1, 2) void die(const char *fmt, ...);
int socket_listen(unsigned port);
int socket_connect(uint32_t from, unsigned port);       /* from this address of 127/8; non-blocking */
void socket_reset(int fd);                              /* closes by RST */
/* Reads all there is into `in`. 0: more may come; 1: the end; -errno. */
int socket_read(int fd, struct text *in);
/* The bytes as a C string would have them, at most 600 of them. */
void text_escaped(struct text *out, const char *p, size_t n);

/* Each client has an address of its own, by which servers tell them apart. */
enum { CLIENT_FIRST = 0x7f100001, CLIENTS_MAX = 0xe00000 };
const char *client_text(uint32_t number, char buf[INET_ADDRSTRLEN]);
/* The number of the client whose address stands in these bytes, the last one if there are several; -1: none. */
int64_t client_find(const char *p, size_t n);

struct proxy_ports {
	const char *name;
	unsigned client, server;
	bool anonymous;                 /* its servers are not told who asks: one exchange at a time */
};

struct options {
	struct proxy_ports proxies[16];
	size_t n_proxies;
	unsigned concurrent, step;
	uint64_t count, seed, from;
	bool verbose;
	const char *expected;           /* behind: the file that is written */
};
const struct proxy_ports *options_proxy(const struct options *o, const char *name);

/* The plays: true if all was as it should be; they print their sums. */
bool play_corpus(const struct cases *c, const struct options *o);
bool play_behind(const struct cases *c, const struct options *o);
bool play_mutations(const struct cases *c, const struct options *o);
bool play_serve(const struct cases *c, const struct options *o);
bool play_soak(const struct cases *c, const struct options *o);

#endif
