/* SPDX-License-Identifier: MIT */
/* Connection tracking: is it there, or will the kernel find its module; and is there room for more connections. */
#include "base/base.h"

#include <sys/utsname.h>

#include "target/host.h"
#include "target/proc.h"
#include "target/uses.h"

static bool names_module(const struct host_line *l, void *data UNUSED)
{
	static const char module[] = "/nf_conntrack.ko";
	return l->text.n && memmem(l->text.p, l->text.n, module, sizeof(module) - 1);
}

/* The file of a kernel's modules, or of what was built into it. */
static bool has_module(const char *root)
{
	static const char *const files[] = { "modules.dep", "modules.builtin" };
	struct utsname u;
	bool found = false;
	if (uname(&u) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(files) && !found; i++) {
		auto_text struct text path = {0};
		text_printf(&path, "/lib/modules/%s/%s", u.release, files[i]);
		found = host_lines(root, path.p, names_module, NULL);
	}
	return found;
}

void check_tracking(const char *root, const struct place *place, struct diags *d)
{
	const int most = setting_number("net.netfilter.nf_conntrack_max", 0);
	const int now = setting_number("net.netfilter.nf_conntrack_count", 0);
	if (!most && setting_number("net.netfilter.nf_conntrack_buckets", 0) == 0 && !has_module(root)) {
		struct diag *g = diag_error(d, place, "machine", "this kernel has no connection tracking");
		diag_hint(d, g, "CONFIG_NF_CONNTRACK (module nf_conntrack)");
	}
	if (most && now >= most - most / 10) {
		struct diag *g = diag_warning(d, place, "machine", "connection tracking is nearly full: %d of %d", now, most);
		diag_hint(d, g, "sysctl -w net.netfilter.nf_conntrack_max=%lld", 4LL * most);
	}
}
