/* SPDX-License-Identifier: MIT */
/* Settings are files; the kernel shows those of the reader's own network namespace. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>

#include "target/proc.h"

static bool is_safe(const char *path)
{
	for (const char *part = path; *part; part += strspn(part, "/")) {
		size_t n = strcspn(part, "/");
		if (strspn(part, ".") >= n)   /* "", ".", ".." */
			return false;
		part += n;
		if (part[0] == '/' && (part[1] == '/' || part[1] == '\0'))
			return false;
	}
	return *path && *path != '/';
}

int setting_path(const char *name, struct text *path)
{
	text_clear(path);
	text_puts(path, "/proc/sys/");
	const size_t start = path->n;
	for (const char *c = name; *c; c++)
		text_putc(path, *c == '.' ? '/' : *c == '/' ? '.' : *c);
	return is_safe(path->p + start) ? 0 : -EINVAL;
}

void setting_normalise(struct str value, struct text *out)
{
	text_clear(out);
	for (size_t i = 0; i < value.n; i++) {
		bool blank = value.p[i] == ' ' || value.p[i] == '\t' || value.p[i] == '\n';
		if (!blank)
			text_putc(out, value.p[i]);
		else if (out->n && out->p[out->n - 1] != ' ')
			text_putc(out, ' ');
	}
	if (out->n && out->p[out->n - 1] == ' ')
		out->p[--out->n] = '\0';
}

int setting_read(const char *name, struct text *value)
{
	auto_text struct text path = {0};
	int err = setting_path(name, &path);
	if (err < 0)
		return err;
	auto_close int fd = open(path.p, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	char line[4096];
	ssize_t n = read(fd, line, sizeof(line));
	if (n < 0)
		return -errno;
	setting_normalise((struct str){ line, (size_t)n }, value);
	return 0;
}

static bool setting_holds(const char *name, const char *value)
{
	auto_text struct text now = {0};
	auto_text struct text wanted = {0};

	setting_normalise((struct str){ value, strlen(value) }, &wanted);
	return setting_read(name, &now) == 0 && strcmp(text_get(&now), text_get(&wanted)) == 0;
}

int setting_write(const char *name, const char *value)
{
	auto_text struct text path = {0};
	auto_text struct text line = {0};
	int err = setting_path(name, &path);
	if (err < 0)
		return err;
	auto_close int fd = open(path.p, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	text_printf(&line, "%s\n", value);
	ssize_t n = write(fd, line.p, line.n);
	if (n < 0)
		return -errno;
	/* Kernel 6.1 takes ignore_routes_with_linkdown of IPv6 whole and answers 1 (addrconf_fixup_linkdown); 6.18 does not. */
	return (size_t)n == line.n || setting_holds(name, value) ? 0 : -EIO;
}

int setting_number(const char *name, int missing)
{
	auto_text struct text value = {0};
	uint64_t number = 0;
	if (setting_read(name, &value) < 0 || parse_uint(str_of(text_get(&value)), &number) < 0 || number > INT32_MAX)
		return missing;
	return (int)number;
}
