/* SPDX-License-Identifier: MIT */
/* Building JSON where jansson can only fail for want of memory: that aborts, so that what is built is whole. */
#ifndef NLBC_BASE_JSON_H
#define NLBC_BASE_JSON_H

#include "base/base.h"
#include "base/text.h"

#include <jansson.h>

/* j itself; NULL aborts. */
json_t *json_own(json_t *j);
/* Both take over the reference to value. */
void json_put(json_t *object, const char *name, json_t *value);
void json_push(json_t *array, json_t *value);
/* Adds the value as text, flags as for json_dumps. */
void json_print(const json_t *value, size_t flags, struct text *out);

#endif
