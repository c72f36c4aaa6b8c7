/* SPDX-License-Identifier: MIT */
/* systemd-networkd flushes rules and routes that are not in its files, unless it is told to leave foreign ones alone. */
#include "base/base.h"

#include "target/host.h"
#include "target/uses.h"

struct networkd {
	bool in_network;                    /* while reading: in section [Network] */
	bool keeps_rules, keeps_routes;     /* ManageForeign...=no */
};

static bool read_line(const struct host_line *l, void *data)
{
	struct networkd *out = data;
	struct str name, value;
	if (l->number == 1)
		out->in_network = false;
	if (l->text.n && l->text.p[0] == '[')
		out->in_network = str_is(l->text, "[Network]");
	else if (out->in_network && host_pair(l->text, &name, &value) && str_is(name, "ManageForeignRoutingPolicyRules"))
		out->keeps_rules = host_means(value, false);
	else if (out->in_network && host_pair(l->text, &name, &value) && str_is(name, "ManageForeignRoutes"))
		out->keeps_routes = host_means(value, false);
	return false;
}

/* Later files win: the main one, then drop-ins. (systemd sorts drop-ins of all directories by name; for two opposite
 * drop-ins the answer may be wrong, and it is only a warning.) */
static void read_all(const char *root, struct networkd *out)
{
	static const char *const patterns[] = {
		"/usr/lib/systemd/networkd.conf", "/etc/systemd/networkd.conf", "/usr/lib/systemd/networkd.conf.d/*.conf",
		"/run/systemd/networkd.conf.d/*.conf", "/etc/systemd/networkd.conf.d/*.conf",
	};
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++)
		(void)host_files(root, patterns[i], read_line, out);   /* read to their ends */
}

void warn_of_networkd(const char *root, const struct place *place, struct diags *d)
{
	struct networkd conf = {0};
	if (!host_runs(root, "systemd-networkd.service"))
		return;
	read_all(root, &conf);
	if (conf.keeps_rules && conf.keeps_routes)
		return;
	struct diag *g = diag_warning(d, place, "machine", "systemd-networkd may remove our rules and routes");
	diag_hint(d, g, "in section [Network] of networkd.conf:%s%s",
		  conf.keeps_rules ? "" : " ManageForeignRoutingPolicyRules=no",
		  conf.keeps_routes ? "" : " ManageForeignRoutes=no");
}
