/* SPDX-License-Identifier: MIT */
/* Names and the small number each stands for, found without looking through all of them. */
#ifndef NLBC_PLAN_NAMES_H
#define NLBC_PLAN_NAMES_H

#include "base/base.h"

struct arena;

#define NAME_NONE UINT32_MAX

struct names {
	struct name_entry {
		const char *name;
		uint32_t value;
	} *entries;
	uint32_t mask, n;
};

/* 32-bit FNV-1a; the first part starts with FNV1A_START. */
#define FNV1A_START 0x811c9dc5u
uint32_t fnv1a(uint32_t hash, const char *s);

/* Room for n names, which are pointed at. */
void names_init(struct names *t, size_t n, struct arena *a);
/* A name that is there already gets the new value. */
void names_put(struct names *t, const char *name, uint32_t value);
uint32_t names_find(const struct names *t, const char *name);      /* NAME_NONE: not there */

#endif
