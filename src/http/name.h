/* SPDX-License-Identifier: MIT */
/* Names that mean something here, recognised. */
#ifndef NLBC_HTTP_NAME_H
#define NLBC_HTTP_NAME_H

#include "http/head.h"

/* name: a token, in any case. */
enum http_name http_name_of(const char *name, size_t n);
enum http_method http_method_of(const char *text, size_t n);
bool http_folded_eq(struct str a, struct str b);         /* tokens, without regard to case */

#endif
