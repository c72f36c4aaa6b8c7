/* SPDX-License-Identifier: MIT */
/* systemd-networkd flushes rules and routes that are not in its files, unless it is told to leave foreign ones alone. */
#include "base/base.h"

#include <glob.h>
#include <sys/stat.h>

#include "base/text.h"
#include "target/uses.h"

enum { FILE_MAX = 256 * 1024 };

struct networkd {
	bool keeps_rules, keeps_routes;     /* ManageForeign...=no */
};

static struct str trim(struct str s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = (struct str){ s.p + 1, s.n - 1 };
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

static bool means_no(struct str s)
{
	static const char *const words[] = { "no", "false", "off", "0", "n", "f" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (s.n == strlen(words[i]) && strncasecmp(s.p, words[i], s.n) == 0)
			return true;
	return false;
}

static void read_line(struct str line, bool *in_network, struct networkd *out)
{
	line = trim(line);
	if (line.n && line.p[0] == '[') {
		*in_network = str_is(line, "[Network]");
		return;
	}
	const char *equals = memchr(line.p, '=', line.n);
	if (!*in_network || !equals)
		return;
	const struct str name = trim((struct str){ line.p, (size_t)(equals - line.p) });
	const struct str value = trim((struct str){ equals + 1, line.n - (size_t)(equals + 1 - line.p) });
	if (str_is(name, "ManageForeignRoutingPolicyRules"))
		out->keeps_rules = means_no(value);
	else if (str_is(name, "ManageForeignRoutes"))
		out->keeps_routes = means_no(value);
}

static void read_conf(const char *path, struct networkd *out)
{
	auto_free char *p = NULL;
	size_t n = 0;
	bool in_network = false;
	if (read_file(path, FILE_MAX, &p, &n) < 0)
		return;
	for (size_t at = 0; at < n;) {
		const char *end = memchr(p + at, '\n', n - at);
		const size_t size = end ? (size_t)(end - (p + at)) : n - at;
		read_line((struct str){ p + at, size }, &in_network, out);
		at += size + 1;
	}
}

/* Later files win: the main one, then drop-ins. (systemd sorts drop-ins of all directories by name; for two opposite
 * drop-ins the answer may be wrong, and it is only a warning.) */
static void read_all(const char *root, struct networkd *out)
{
	static const char *const patterns[] = {
		"/usr/lib/systemd/networkd.conf", "/etc/systemd/networkd.conf", "/usr/lib/systemd/networkd.conf.d/*.conf",
		"/run/systemd/networkd.conf.d/*.conf", "/etc/systemd/networkd.conf.d/*.conf",
	};
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		auto_text struct text pattern = {0};
		glob_t found = {0};
		text_printf(&pattern, "%s%s", root, patterns[i]);
		if (glob(pattern.p, 0, NULL, &found) == 0)
			for (size_t f = 0; f < found.gl_pathc; f++)
				read_conf(found.gl_pathv[f], out);
		globfree(&found);
	}
}

/* Its unit is active (systemd keeps a link for each that is), and its namespace, that of process 1, is ours. */
static bool runs_here(const char *root)
{
	auto_text struct text unit = {0};
	struct stat st, ours, first;
	text_printf(&unit, "%s/run/systemd/units/invocation:systemd-networkd.service", root);
	if (lstat(unit.p, &st) < 0)
		return false;
	if (*root)
		return true;
	return stat("/proc/self/ns/net", &ours) == 0 && stat("/proc/1/ns/net", &first) == 0 &&
	       ours.st_ino == first.st_ino;
}

void warn_of_networkd(const char *root, const struct place *place, struct diags *d)
{
	struct networkd conf = {0};
	if (!runs_here(root))
		return;
	read_all(root, &conf);
	if (conf.keeps_rules && conf.keeps_routes)
		return;
	struct diag *g = diag_warning(d, place, "machine", "systemd-networkd may remove our rules and routes");
	diag_hint(d, g, "in section [Network] of networkd.conf:%s%s",
		  conf.keeps_rules ? "" : " ManageForeignRoutingPolicyRules=no",
		  conf.keeps_routes ? "" : " ManageForeignRoutes=no");
}
