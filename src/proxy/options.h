/* SPDX-License-Identifier: MIT */
/* nlbc-proxy's command line. */
#ifndef NLBC_PROXY_OPTIONS_H
#define NLBC_PROXY_OPTIONS_H

#include "base/base.h"
#include "base/diag.h"

struct arena;

struct options {
	const char *file;               /* "-": standard input */
	const char **names;             /* --name: only these proxies; none: all */
	size_t n_names;
	const char *role, *socket, *report;     /* NULL: not given */
	bool quiet, verbose, help, version;
	char **argv;                    /* as it was, for an upgrade */
};

/* 0; -EINVAL: d says what is wrong with it. */
int options_parse(struct options *o, int argc, char **argv, struct arena *a, struct diags *d) MUST_USE;
extern const char options_usage[];

#endif
