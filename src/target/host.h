/* SPDX-License-Identifier: MIT */
/* Inside target only: what services of this host are up to, from their files. `root` is put before every name ("" but in
 * tests). */
#ifndef NLBC_TARGET_HOST_H
#define NLBC_TARGET_HOST_H

#include "base/base.h"
#include "base/text.h"

/* The unit is active, and its network namespace, that of process 1, is ours. */
bool host_runs(const char *root, const char *unit);

/* One line of a file, without blanks around it and without its end. */
struct host_line {
	struct str text;
	unsigned number;            /* from 1 */
};
/* Goes through a file's lines until `use` says true; whether it did. A file that cannot be read has none. */
bool host_lines(const char *root, const char *path, bool (*use)(const struct host_line *l, void *data), void *data);
/* The same for each file of a pattern of glob(7), in its order. */
bool host_files(const char *root, const char *pattern, bool (*use)(const struct host_line *l, void *data), void *data);

/* NAME=VALUE, blanks around both and quotes around the value left out; false: no such line. */
bool host_pair(struct str line, struct str *name, struct str *value);
bool host_means(struct str value, bool yes);   /* as systemd writes it: yes, true, on, 1, y, t; no, ... */

#endif
