/* SPDX-License-Identifier: MIT */
/* Requests with numbers: what the answer to each must hold, for the clients that ask and the server that answers. */
#ifndef NLBC_TEST_PROXY_SOAK_H
#define NLBC_TEST_PROXY_SOAK_H

#include "play.h"

/* The body of the answer to this target: its text again and again, for some of them 100 kB. */
void soak_body(struct str target, struct text *out);
/* The whole answer; for some in chunks. */
void soak_answer(struct str target, struct text *out);

#endif
