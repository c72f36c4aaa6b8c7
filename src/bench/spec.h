/* SPDX-License-Identifier: MIT */
/* What an emulated server is asked to be: ENDPOINT[,key=value]… (proxy.md section 9), and what changes later. */
#ifndef NLBC_BENCH_SPEC_H
#define NLBC_BENCH_SPEC_H

#include "base/addr.h"
#include "base/diag.h"
#include "bench/latency.h"

enum reply_kind { REPLY_SIZE, REPLY_PATH, REPLY_TARGET, REPLY_HELLO, REPLY_FIXED58, REPLY_FILE, REPLY_ECHO };
enum fail_kind {
	FAIL_NONE, FAIL_REFUSE, FAIL_HANG, FAIL_RESET, FAIL_CUT, FAIL_RESET_AFTER, FAIL_SLOW, FAIL_GARBAGE, FAIL_STATUS,
};
enum { SPEC_NAME = 31 };

struct spec_conf {
	char name[SPEC_NAME + 1];       /* "": the port */
	struct latency latency;
	uint64_t scale_ppm;
	uint32_t slots;                 /* 0: without limit */
	enum reply_kind reply;
	uint64_t reply_bytes;           /* size */
	const char *reply_dir;          /* file */
	bool keep;
	enum fail_kind fail;
	uint64_t fail_number;           /* bytes, bit/s, status */
	uint32_t share_ppm;             /* of the requests fail in this way */
	const char *record;             /* NULL: none */
};

/* From at_us after the start all is as in conf. */
struct spec_change {
	uint64_t at_us;
	struct str key, value;
	struct spec_conf conf;
};

struct spec {
	struct endpoint listen;         /* port 0: the kernel chooses */
	struct spec_conf conf;          /* at the start */
	struct spec_change *changes;    /* by time */
	size_t n_changes;
};

/* 0, or -EINVAL explained. Views and strings live in arena a or in text. */
int spec_parse(const char *text, struct spec *s, struct arena *a, struct diags *d) MUST_USE;
/* Not HTTP: replies to any bytes that arrive. */
static inline bool spec_is_raw(const struct spec_conf *c) { return c->reply >= REPLY_FIXED58; }
/* ADDRESS:PORT, where the port may be 0. 0, -EINVAL. */
int listen_parse(struct str s, struct endpoint *e) MUST_USE;

#endif
