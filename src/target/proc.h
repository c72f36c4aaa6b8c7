/* SPDX-License-Identifier: MIT */
/* Settings below /proc/sys of the network namespace this process is in. */
#ifndef NLBC_TARGET_PROC_H
#define NLBC_TARGET_PROC_H

#include "base/base.h"
#include "base/text.h"

/* The file of a setting named as in sysctl(8): '.' parts, '/' stands for a dot in a device's name. -EINVAL for a name
 * with an empty part or a part of dots alone. */
int setting_path(const char *name, struct text *path) MUST_USE;
/* One line, blanks between its words made single spaces. 0, -errno (-ENOENT: no such setting here). */
int setting_read(const char *name, struct text *value) MUST_USE;
int setting_write(const char *name, const char *value) MUST_USE;
/* A whole number, or `missing` where it cannot be read. */
int setting_number(const char *name, int missing);
/* What setting_read makes of blanks. */
void setting_normalise(struct str value, struct text *out);

#endif
