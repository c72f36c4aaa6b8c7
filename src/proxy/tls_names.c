/* SPDX-License-Identifier: MIT */
/* Names of certificates in a sorted list: one look for the name itself, one for its first label as `*`. */
#include "base/base.h"

#include "proxy/tls_names.h"

static void lower_copy(char *out, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] + 'a' - 'A') : p[i];
	out[n] = '\0';
}

void tls_names_add(struct tls_names *t, struct str name, size_t certificate)
{
	if (name.n == 0 || name.n > TLS_NAME_BYTES || memchr(name.p, '\0', name.n))
		return;
	if (t->n == t->room) {
		t->room = t->room ? 2 * t->room : 16;
		t->list = realloc(t->list, t->room * sizeof(*t->list));
		if (!t->list)
			out_of_memory();
	}
	char *copy = malloc(name.n + 1);
	if (!copy)
		out_of_memory();
	lower_copy(copy, name.p, name.n);
	t->list[t->n++] = (struct tls_name){ copy, certificate };
}

static int compare(const void *x, const void *y)
{
	const struct tls_name *a = x, *b = y;
	const int by_name = strcmp(a->name, b->name);

	return by_name ? by_name : a->certificate < b->certificate ? -1 : a->certificate > b->certificate;
}

void tls_names_sort(struct tls_names *t)
{
	if (t->n > 1)
		qsort(t->list, t->n, sizeof(*t->list), compare);
}

void tls_names_release(struct tls_names *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->list[i].name);
	free(t->list);
	*t = (struct tls_names){ 0 };
}

static int find(const struct tls_names *t, const char *name)
{
	size_t from = 0, to = t->n;

	/* The first of equal names: that of the certificate written first. */
	while (from < to) {
		const size_t middle = from + (to - from) / 2;
		if (strcmp(t->list[middle].name, name) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from < t->n && strcmp(t->list[from].name, name) == 0 ? (int)t->list[from].certificate : -1;
}

int tls_names_find(const struct tls_names *t, const char *name)
{
	char lower[TLS_NAME_BYTES + 1];
	const size_t n = strlen(name);

	if (n > TLS_NAME_BYTES)
		return -1;
	lower_copy(lower, name, n);
	const int exact = find(t, lower);
	char *dot = strchr(lower, '.');
	if (exact >= 0 || !dot || dot == lower)
		return exact;
	dot[-1] = '*';
	return find(t, dot - 1);
}
