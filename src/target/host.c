/* SPDX-License-Identifier: MIT */
/* Files of the host's services, line by line, and whether a service runs here. */
#include "base/base.h"

#include <glob.h>
#include <sys/stat.h>

#include "target/host.h"

enum { FILE_MAX = 1024 * 1024 };

static struct str trim(struct str s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = (struct str){ s.p + 1, s.n - 1 };
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

static bool read_lines(const char *path, bool (*use)(const struct host_line *l, void *data), void *data)
{
	auto_free char *p = NULL;
	size_t n = 0;
	unsigned number = 0;
	if (read_file(path, FILE_MAX, &p, &n) < 0)
		return false;
	for (size_t at = 0; at < n;) {
		const char *end = memchr(p + at, '\n', n - at);
		const size_t size = end ? (size_t)(end - (p + at)) : n - at;
		const struct host_line line = { trim((struct str){ p + at, size }), ++number };
		if (use(&line, data))
			return true;
		at += size + 1;
	}
	return false;
}

bool host_lines(const char *root, const char *path, bool (*use)(const struct host_line *l, void *data), void *data)
{
	auto_text struct text name = {0};
	text_printf(&name, "%s%s", root, path);
	return read_lines(name.p, use, data);
}

bool host_files(const char *root, const char *pattern, bool (*use)(const struct host_line *l, void *data), void *data)
{
	auto_text struct text name = {0};
	glob_t found = {0};
	bool used = false;
	text_printf(&name, "%s%s", root, pattern);
	if (glob(name.p, 0, NULL, &found) == 0)
		for (size_t i = 0; !used && i < found.gl_pathc; i++)
			used = read_lines(found.gl_pathv[i], use, data);
	globfree(&found);
	return used;
}

bool host_pair(struct str line, struct str *name, struct str *value)
{
	const char *equals = line.n ? memchr(line.p, '=', line.n) : NULL;
	if (!equals)
		return false;
	*name = trim((struct str){ line.p, (size_t)(equals - line.p) });
	*value = trim((struct str){ equals + 1, line.n - (size_t)(equals + 1 - line.p) });
	if (value->n >= 2 && (value->p[0] == '"' || value->p[0] == '\'') && value->p[value->n - 1] == value->p[0])
		*value = (struct str){ value->p + 1, value->n - 2 };
	return true;
}

bool host_means(struct str value, bool yes)
{
	static const char *const words[][2] = {
		{ "no", "yes" }, { "false", "true" }, { "off", "on" }, { "0", "1" }, { "n", "y" }, { "f", "t" },
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (value.n == strlen(words[i][yes]) && strncasecmp(value.p, words[i][yes], value.n) == 0)
			return true;
	return false;
}

/* systemd keeps a link for each active unit. */
bool host_runs(const char *root, const char *unit)
{
	auto_text struct text link = {0};
	struct stat st, ours, first;
	text_printf(&link, "%s/run/systemd/units/invocation:%s", root, unit);
	if (lstat(link.p, &st) < 0)
		return false;
	if (*root)
		return true;
	return stat("/proc/self/ns/net", &ours) == 0 && stat("/proc/1/ns/net", &first) == 0 &&
	       ours.st_ino == first.st_ino;
}
