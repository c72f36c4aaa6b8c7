/* SPDX-License-Identifier: MIT */
/* Comma-separated values (RFC 9110 5.6.1). */
#ifndef NLBC_HTTP_LIST_H
#define NLBC_HTTP_LIST_H

#include "http/bytes.h"

/* Takes the next element off *list, without blanks around it; it may be empty. false: there is none left, list->p is NULL. */
static inline bool http_list_next(struct str *list, struct str *element)
{
	if (!list->p)
		return false;
	const char *comma = list->n ? memchr(list->p, ',', list->n) : NULL;
	const size_t n = comma ? (size_t)(comma - list->p) : list->n;
	*element = http_trim((struct str){ list->p, n });
	*list = comma ? (struct str){ comma + 1, list->n - n - 1 } : (struct str){ NULL, 0 };
	return true;
}

#endif
