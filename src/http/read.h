/* SPDX-License-Identifier: MIT */
/* What the files that read heads share; for nobody else. A step returns 0 (go on, or wait for more) or < 0 (refused). */
#ifndef NLBC_HTTP_READ_H
#define NLBC_HTTP_READ_H

#include "http/head.h"
#include "http/scan.h"

enum http_state {
	READ_BEGIN, READ_EMPTY_LF, READ_BEGIN_AGAIN, READ_METHOD, READ_TARGET, READ_VERSION,
	READ_STATUS, READ_REASON, READ_REASON_LF,
	READ_FIELD,                     /* from here on fields */
	READ_NAME, READ_COLON, READ_BLANKS, READ_VALUE, READ_VALUE_LF, READ_LAST_LF,
	READ_DONE, READ_REFUSED,
};

enum {                                  /* sets of names are bits of enum http_name */
	HTTP_NEVER_PASSED = 1 << HTTP_CONNECTION | 1 << HTTP_KEEP_ALIVE | 1 << HTTP_PROXY_CONNECTION |
			    1 << HTTP_PROXY_AUTHENTICATE | 1 << HTTP_PROXY_AUTHORIZATION | 1 << HTTP_TE | 1 << HTTP_TRAILER |
			    1 << HTTP_UPGRADE | 1 << HTTP_HTTP2_SETTINGS,
	HTTP_FRAMING = 1 << HTTP_CONTENT_LENGTH | 1 << HTTP_TRANSFER_ENCODING,
};
static inline uint32_t http_bit(enum http_name id) { return UINT32_C(1) << id; }

/* Of a request with this status; of an answer 502. NULL for the rule that cannot be broken. Returns < 0. */
int http_refuse(struct http_head *h, unsigned status, const char *request_rule, const char *answer_rule);

/* The request line, or the status line: up to READ_FIELD, or as far as the window goes. */
int http_start_read(struct http_head *h, const char *p, const struct http_window *w) MUST_USE;

/* What a field that is not HTTP_OTHER means: once it is named; with the value so far, and whole; once all are read. */
int http_field_named(struct http_head *h, const struct http_field *f) MUST_USE;
int http_field_value(struct http_head *h, const char *p, const struct http_field *f, bool whole) MUST_USE;
int http_fields_end(struct http_head *h, const char *p) MUST_USE;

/* s cannot be, or cannot become where it is not whole, host and port (H11). Empty is nothing wrong. */
bool http_host_wrong(struct str s, bool whole);

/* Decimal; UINT32_MAX for what is no number, UINT32_MAX - 1 for what is larger than that. */
uint32_t http_number(struct str s);

static inline struct str http_text(const char *p, struct http_span s) { return (struct str){ p + s.at, s.n }; }

#endif
