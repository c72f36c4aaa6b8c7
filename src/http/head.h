/* SPDX-License-Identifier: MIT */
/* HTTP/1 heads (proxy.md 4.1 and 4.3), strictly: pure, allocates nothing, offsets instead of pointers so that the bytes
 * may move between calls. Any split of the input gives the same result; an error is told at the first wrong byte. */
#ifndef NLBC_HTTP_HEAD_H
#define NLBC_HTTP_HEAD_H

#include "base/base.h"

enum { HTTP_FIELDS = 128, HTTP_TARGET_BYTES = 8192, HTTP_NAME_BYTES = 256, HTTP_METHOD_BYTES = 32, HTTP_HOST_BYTES = 262,
       HTTP_OPTIONS_MOST = 128 };      /* HTTP_OPTIONS_MOST: what all Connection fields together may name */

/* The fields that framing and forwarding know; all others are HTTP_OTHER. */
enum http_name {
	HTTP_OTHER,
	HTTP_CONNECTION, HTTP_CONTENT_LENGTH, HTTP_COOKIE, HTTP_DATE, HTTP_EXPECT, HTTP_FORWARDED, HTTP_HOST,
	HTTP_HTTP2_SETTINGS, HTTP_KEEP_ALIVE, HTTP_MAX_FORWARDS, HTTP_PROXY_AUTHENTICATE, HTTP_PROXY_AUTHORIZATION,
	HTTP_PROXY_CONNECTION, HTTP_TE, HTTP_TRAILER, HTTP_TRANSFER_ENCODING, HTTP_UPGRADE, HTTP_VIA,
	HTTP_X_FORWARDED_FOR, HTTP_X_FORWARDED_HOST, HTTP_X_FORWARDED_PROTO, HTTP_X_REAL_IP,
};

enum http_method {
	HTTP_METHOD_OTHER, HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_OPTIONS,
};
/* GET, HEAD, OPTIONS, PUT, DELETE: may be sent twice (section 6). */
bool http_method_repeatable(enum http_method m);

struct http_span {                      /* bytes of the head, from its first byte */
	uint32_t at, n;
};
struct http_field {
	struct http_span name, value;   /* value without outer blanks */
	enum http_name id;
	bool hop;                       /* named by Connection, or passes for a field of ours (X_Real_IP): not to be passed on */
	bool plain;                     /* the line is "name: value" CRLF, one blank: may be passed on as it stands */
};

enum http_body { HTTP_BODY_NONE, HTTP_BODY_LENGTH, HTTP_BODY_CHUNKED, HTTP_BODY_CLOSE };

/* Why a head was refused: the answer's status and the rule of proxy.md ("H8", "A6"). */
struct http_refusal {
	unsigned status;                /* 400, 413, 414, 417, 431, 501, 505; 502 for answers */
	const char *rule;
};

struct http_limits {
	uint32_t head_bytes;            /* `limit head` */
};

/* A request's or an answer's head. Init before the first byte; the same bytes, and more of them, at every call. */
struct http_head {
	/* ---- set once complete ---- */
	uint32_t bytes;                 /* of the whole head, an empty first line and the last CRLF included */
	uint8_t minor;                  /* HTTP/1.minor; 1.2 and above count as 1 */
	/* requests */
	enum http_method method;
	struct http_span method_text, target;   /* target as it is to be passed on: origin form or "*" */
	bool target_root;               /* absolute form without path: "/" is to stand before target (OPTIONS, n 0: "*") */
	struct http_span host;          /* what Host means: the target's authority, else the field's value */
	bool has_host;                  /* one of these was there */
	bool absolute;                  /* the target was in absolute form */
	bool expect_continue;           /* and it is passed on; of 1.0 it is not */
	uint32_t max_forwards;          /* of OPTIONS; UINT32_MAX: not given */
	/* answers */
	unsigned status;
	struct http_span reason;
	bool unclean;                   /* framing that another reader could take otherwise (A5): use no connection again */
	/* both */
	enum http_body body;            /* of an answer: http_answer_body says, since it depends on the request */
	uint64_t length;                /* HTTP_BODY_LENGTH */
	bool has_length, chunked;       /* fields that were there and count */
	bool close, keep_alive;         /* Connection says so */
	bool upgrade;                   /* 1.1, no body, Connection says `upgrade`, and there is an Upgrade other than h2c */
	struct http_refusal refusal;    /* where reading returned < 0 */
	/* ---- for the reader ---- */
	uint32_t at;                    /* read so far */
	uint32_t mark;                  /* the word being read begins here */
	uint32_t solid;                 /* the value being read ends here, if nothing but blanks follows */
	uint32_t options;               /* Connection's, so far */
	uint32_t seen;                  /* names, as bits of enum http_name */
	uint8_t state;
	bool answer, names_others;      /* Connection names fields beyond those that are never passed on */
	/* ---- once complete ---- */
	uint32_t n_fields;
	struct http_field fields[HTTP_FIELDS];  /* last, and not written by init */
};

void http_head_init(struct http_head *h);
/* > 0: complete, that many bytes; 0: more; < 0: never, h->refusal says why. */
int http_request_read(struct http_head *h, const char *p, size_t n, const struct http_limits *limits) MUST_USE;
int http_answer_read(struct http_head *h, const char *p, size_t n, const struct http_limits *limits) MUST_USE;
/* How the answer's body ends (A4 to A7), `method` being that of the request. */
enum http_body http_answer_body(const struct http_head *answer, enum http_method method);

/* "Bad Gateway"; "" for a code without a phrase. */
const char *http_phrase(unsigned status);

#endif
