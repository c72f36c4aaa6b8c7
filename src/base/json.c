/* SPDX-License-Identifier: MIT */
/* Jansson's calls with their results looked at. */
#include "base/base.h"

#include "base/json.h"

json_t *json_own(json_t *j)
{
	if (!j)
		out_of_memory();
	return j;
}

void json_put(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, json_own(value)) < 0)
		out_of_memory();
}

void json_push(json_t *array, json_t *value)
{
	if (json_array_append_new(array, json_own(value)) < 0)
		out_of_memory();
}

static int add_bytes(const char *bytes, size_t n, void *out)
{
	text_add(out, bytes, n);
	return 0;
}

void json_print(const json_t *value, size_t flags, struct text *out)
{
	if (json_dump_callback(value, add_bytes, out, flags) < 0)
		BUG("JSON that cannot be printed");
}
