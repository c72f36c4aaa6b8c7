/* SPDX-License-Identifier: MIT */
/* What is passed on (proxy.md 4.4, 4.5): heads written anew from what was read. Pure. Framing is never copied. */
#ifndef NLBC_HTTP_FORWARD_H
#define NLBC_HTTP_FORWARD_H

#include "http/head.h"

enum http_forwarded { HTTP_FORWARDED_X, HTTP_FORWARDED_RFC7239, HTTP_FORWARDED_BOTH, HTTP_FORWARDED_NONE };

struct http_request_pass {
	struct str client;              /* its address as text, without port */
	bool client_is_ipv6;
	bool trusted;                   /* the peer is inside `trust`: received forwarding fields are kept and extended */
	bool tls;                       /* proto https */
	enum http_forwarded forwarded;
	struct str server;              /* "192.0.2.1:80": Host where the client gave none */
	bool close;                     /* `Connection: close` is written */
};
/* Writes the request's head for the server. Its length; -EMSGSIZE: more than `room` (head bytes + 2048 is always enough). */
int http_request_write(const struct http_head *h, const char *p, const struct http_request_pass *pass, char *out,
		       size_t room) MUST_USE;

struct http_answer_pass {
	bool keep_alive;                /* a 1.0 client that is to be told so */
	bool close;                     /* `Connection: close` is written */
	enum http_body body;            /* how the body goes to the client: with this length, chunked, until close, or none */
	bool upgrade;                   /* 101: Connection and Upgrade are passed on */
	struct str date;                /* "Date: …" value, used where the answer has none; 1xx get none */
	struct str cookie;              /* a whole Set-Cookie value to be added; n 0: none */
};
int http_answer_write(const struct http_head *h, const char *p, const struct http_answer_pass *pass, char *out,
		      size_t room) MUST_USE;

struct http_own_answer {
	unsigned status;
	bool head;                      /* to HEAD: no body */
	bool close, keep_alive;         /* as above */
	struct str date;
};
/* An answer made here, head and body (4.5): 503 with Retry-After, 200 empty. Its length; 512 bytes are always enough. */
size_t http_own_answer(const struct http_own_answer *a, char out[512]);

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
enum { HTTP_DATE_TEXT = 30 };
char *http_date(int64_t seconds, char buf[HTTP_DATE_TEXT]);

#endif
