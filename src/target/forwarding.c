/* SPDX-License-Identifier: MIT */
/* Kernel: inet_forward_change (net/ipv4/devinet.c), addrconf_fixup_forwarding (net/ipv6/addrconf.c). */
#include "base/base.h"

#include <dirent.h>
#include <errno.h>

#include "target/forwarding.h"
#include "target/proc.h"

static const char separator[] = " | ";

static bool is_v6(const char *name)
{
	return strncmp(name, "net.ipv6.", 9) == 0;
}

bool is_forwarding(const char *name)
{
	static const char *const names[] = {
		"net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding", "net.ipv6.conf.all.forwarding",
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* One that will not be `after` by itself when the switch goes back. */
static void remember(const char *name, int after, struct text *value, bool *any)
{
	const int now = setting_number(name, after);
	if (now == after)
		return;
	text_printf(value, "%s%s=%d", *any ? " " : separator, name, now);
	*any = true;
}

static void remember_device(const char *family, const char *device, int after, struct text *value, bool *any)
{
	auto_text struct text name = {0};
	text_printf(&name, "net.%s.conf.", family);
	for (const char *c = device; *c; c++)
		text_putc(&name, *c == '.' ? '/' : *c);
	text_puts(&name, ".forwarding");
	remember(name.p, after, value, any);
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_device(const struct dirent *e)
{
	return e->d_name[0] != '.' && strcmp(e->d_name, "all") != 0;
}

void forwarding_remember(const char *name, struct text *value)
{
	const char *family = is_v6(name) ? "ipv6" : "ipv4";
	const int old = strcmp(text_get(value), "0") != 0;
	struct dirent **devices = NULL;
	auto_text struct text dir = {0};
	bool any = false;
	text_printf(&dir, "/proc/sys/net/%s/conf", family);
	const int n = scandir(dir.p, &devices, is_device, compare_names);
	if (!is_v6(name))
		remember("net.ipv4.conf.all.accept_redirects", !old, value, &any);
	for (int i = 0; i < n; i++) {
		remember_device(family, devices[i]->d_name, old, value, &any);
		free(devices[i]);
	}
	free(devices);
}

struct str forwarding_value(const char *value)
{
	const char *end = strstr(value, separator);
	return (struct str){ value, end ? (size_t)(end - value) : strlen(value) };
}

static int restore_one(struct str word)
{
	auto_text struct text name = {0};
	auto_text struct text value = {0};
	const char *equals = memchr(word.p, '=', word.n);
	if (!equals)
		return -EINVAL;
	text_add(&name, word.p, (size_t)(equals - word.p));
	text_add(&value, equals + 1, word.n - (size_t)(equals + 1 - word.p));
	int err = setting_write(text_get(&name), text_get(&value));
	return err == -ENOENT ? 0 : err;
}

int forwarding_restore(const char *value)
{
	const char *at = strstr(value, separator);
	int first = 0;
	for (at = at ? at + sizeof(separator) - 1 : ""; *at; at += strspn(at, " ")) {
		const struct str word = { at, strcspn(at, " ") };
		int err = restore_one(word);
		first = first ? first : err;
		at += word.n;
	}
	return first;
}
