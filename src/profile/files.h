/* SPDX-License-Identifier: MIT */
/* Where the text of a profile and of the files it includes comes from: the file system, or memory for tests and fuzzing. */
#ifndef NLBC_PROFILE_FILES_H
#define NLBC_PROFILE_FILES_H

#include "base/base.h"

struct arena;

struct memory_file {
	const char *name;
	struct str text;
};

struct files {
	const struct memory_file *list;         /* NULL: the file system */
	size_t n;
};

/* The whole file ("-": standard input), at most `limit` bytes. 0, -errno, -EFBIG. */
int files_read(const struct files *f, const char *name, size_t limit, struct arena *a, struct str *text) MUST_USE;

/* The same text for the same file, however its name is spelled. */
const char *files_id(const struct files *f, const char *name, struct arena *a);

/* Names of the files that match a pattern (`*` and `?` in the last component), in byte order, at most `limit` of them:
 * how many matched. None, or a directory that cannot be read: 0. */
size_t files_match(const struct files *f, const char *pattern, size_t limit, struct arena *a, const char ***names);

#endif
