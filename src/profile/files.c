/* SPDX-License-Identifier: MIT */
/* Files of the file system or of a list in memory. Patterns are ours, so that both answer alike in any locale. */
#include "base/base.h"

#include <dirent.h>
#include <errno.h>

#include "base/arena.h"
#include "base/text.h"
#include "profile/files.h"

static int read_memory(const struct files *f, const char *name, size_t limit, struct str *text)
{
	for (size_t i = 0; i < f->n; i++) {
		if (strcmp(f->list[i].name, name) != 0)
			continue;
		*text = f->list[i].text;
		return text->n > limit ? -EFBIG : 0;
	}
	return -ENOENT;
}

int files_read(const struct files *f, const char *name, size_t limit, struct arena *a, struct str *text)
{
	auto_free char *p = NULL;
	size_t n;

	if (f->list)
		return read_memory(f, name, limit, text);
	const int err = read_file(name, limit, &p, &n);
	if (err)
		return err;
	*text = (struct str){ arena_copy(a, p, n), n };
	return 0;
}

const char *files_id(const struct files *f, const char *name, struct arena *a)
{
	auto_free char *real = f->list ? NULL : realpath(name, NULL);

	return arena_strdup(a, real ? real : name);
}

/* `*` stands for any characters, `?` for one. The last `*` met is where matching takes up again, so the work is at most
 * length times length. A leading dot must be written. */
static bool matches(const char *pattern, const char *name)
{
	const char *star = NULL;
	const char *resume = NULL;

	if (name[0] == '.' && pattern[0] != '.')
		return false;
	while (*name) {
		if (*pattern == '*') {
			star = ++pattern;
			resume = name;
		} else if (*pattern == '?' || *pattern == *name) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star;
			name = ++resume;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct found {
	struct arena *arena;
	const char **names;
	size_t n, room, limit;
};

static void add_found(struct found *m, const char *directory, size_t n, const char *name)
{
	if (m->n >= m->limit)
		return;
	m->names = arena_grow(m->arena, m->names, m->n, &m->room, sizeof(*m->names));
	m->names[m->n++] = arena_printf(m->arena, "%.*s%s", (int)n, directory, name);
}

static void match_directory(const char *pattern, size_t n, struct found *m)
{
	auto_free char *path = n > 0 ? strndup(pattern, n) : strdup(".");
	DIR *d = path ? opendir(path) : NULL;

	if (!d)
		return;
	for (const struct dirent *e = readdir(d); e; e = readdir(d))
		if (matches(pattern + n, e->d_name))
			add_found(m, pattern, n, e->d_name);
	(void)closedir(d);
}

size_t files_match(const struct files *f, const char *pattern, size_t limit, struct arena *a, const char ***names)
{
	const char *slash = strrchr(pattern, '/');
	const size_t n = slash ? (size_t)(slash - pattern) + 1 : 0;
	struct found m = { .arena = a, .limit = limit };

	if (!f->list)
		match_directory(pattern, n, &m);
	for (size_t i = 0; f->list && i < f->n; i++)
		if (strncmp(f->list[i].name, pattern, n) == 0 && !strchr(f->list[i].name + n, '/') &&
		    matches(pattern + n, f->list[i].name + n))
			add_found(&m, pattern, n, f->list[i].name + n);
	if (m.n > 1)
		qsort(m.names, m.n, sizeof(*m.names), compare_names);
	*names = m.names;
	return m.n;
}
