/* SPDX-License-Identifier: MIT */
/* NetworkManager sets a device up anew when its connection is activated again; the routes by it are gone then. What it
 * manages stands in a file for each device (NetworkManager 1.x, /run/NetworkManager/devices/INDEX, group [device]). */
#include "base/base.h"

#include "target/host.h"
#include "target/uses.h"

static bool says_managed(const struct host_line *l, void *data UNUSED)
{
	struct str name, value;
	return host_pair(l->text, &name, &value) && str_is(name, "managed") && host_means(value, true);
}

void warn_of_networkmanager(const char *root, const struct way_out *ways, size_t n, struct diags *d)
{
	if (!host_runs(root, "NetworkManager.service"))
		return;
	for (size_t i = 0; i < n; i++) {
		auto_text struct text path = {0};
		text_printf(&path, "/run/NetworkManager/devices/%d", ways[i].index);
		if (!host_lines(root, path.p, says_managed, NULL))
			continue;
		struct diag *g = diag_warning(d, NULL, "machine",
					      "NetworkManager manages %s: the routes of its path go when it is activated again",
					      ways[i].device);
		diag_hint(d, g, "nmcli device set %s managed no, or 'nlbc apply FILE' in /etc/NetworkManager/dispatcher.d",
			  ways[i].device);
	}
}
