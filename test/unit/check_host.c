/* SPDX-License-Identifier: MIT */
/* Which services of the host are worth a warning, by their files below a root of the test's own. */
#include "base/base.h"

#include <ftw.h>
#include <sys/stat.h>

#include "target/uses.h"
#include "fixture.h"
#include "unit.h"

struct file {
	const char *path, *content;
};

static void put_file(const char *root, const struct file *f)
{
	char *name = arena_printf(arena, "%s%s", root, f->path);

	for (char *slash = name + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(name, 0700);   /* may be there */
		*slash = '/';
	}
	FILE *out = fopen(name, "w");

	ck_assert_ptr_nonnull(out);
	ck_assert_int_ge(fputs(f->content, out), 0);
	ck_assert_int_eq(fclose(out), 0);
}

static int remove_one(const char *path, const struct stat *st UNUSED, int type UNUSED, struct FTW *at UNUSED)
{
	return remove(path);
}

enum asked { NETWORKD, NETWORKMANAGER, FIREWALLS, LEGACY_FIREWALLS, PROTOCOL };

static void ask(enum asked what, const char *root)
{
	static const struct way_out ways[] = { { "eth2", 22 }, { "eth3", 23 } };

	switch (what) {
	case NETWORKD:
		warn_of_networkd(root, NULL, &diags);
		break;
	case NETWORKMANAGER:
		warn_of_networkmanager(root, ways, ARRAY_LEN(ways), &diags);
		break;
	case FIREWALLS:
	case LEGACY_FIREWALLS:
		warn_of_firewalls(root, what == LEGACY_FIREWALLS, &diags);
		break;
	case PROTOCOL:
		warn_of_protocol(root, 110, NULL, &diags);
		break;
	}
}

#define UNIT(name) { "/run/systemd/units/invocation:" name ".service", "" }
#define CONF "/etc/systemd/networkd.conf"
#define DROP_IN "/etc/systemd/networkd.conf.d/10-foreign.conf"
#define BOTH "in section [Network] of networkd.conf: ManageForeignRoutingPolicyRules=no ManageForeignRoutes=no"

static const struct host_row {
	enum asked what;
	struct file files[3];
	const char *said;               /* the text of the only warning, or its hint (networkd); NULL: no warning */
} rows[] = {
	{ NETWORKD, { { NULL, NULL } }, NULL },
	{ NETWORKD, { UNIT("systemd-networkd") }, BOTH },
	{ NETWORKD, { UNIT("systemd-networkd"), { CONF, "[Network]\nManageForeignRoutes = no\n" } },
	  "in section [Network] of networkd.conf: ManageForeignRoutingPolicyRules=no" },
	{ NETWORKD, { UNIT("systemd-networkd"),
		      { CONF, "[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=false\n" } }, NULL },
	{ NETWORKD, { UNIT("systemd-networkd"),
		      { CONF, "[DHCPv4]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n" } }, BOTH },
	{ NETWORKD, { UNIT("systemd-networkd"), { CONF, "# [Network]\n[Network]\n#ManageForeignRoutes=yes" },
		      { DROP_IN, "[Network]\nManageForeignRoutes=0\nManageForeignRoutingPolicyRules=Off" } }, NULL },
	{ NETWORKD, { UNIT("systemd-networkd"), { CONF, "[Network]\nManageForeignRoutes=0\nManageForeignRoutingPolicyRules=0\n" },
		      { DROP_IN, "ManageForeignRoutes=yes\n[Network]\nManageForeignRoutingPolicyRules=yes\n" } },
	  "in section [Network] of networkd.conf: ManageForeignRoutingPolicyRules=no" },

	{ NETWORKMANAGER, { { "/run/NetworkManager/devices/23", "[device]\nmanaged=true\n" } }, NULL },
	{ NETWORKMANAGER, { UNIT("NetworkManager"), { "/run/NetworkManager/devices/23", "[device]\nmanaged=false\n" },
			    { "/run/NetworkManager/devices/24", "[device]\nmanaged=true\n" } }, NULL },
	{ NETWORKMANAGER, { UNIT("NetworkManager"), { "/run/NetworkManager/devices/23", "[device]\nmanaged=true\n" } },
	  "NetworkManager manages eth3: the routes of its path go when it is activated again" },

	{ FIREWALLS, { { "/etc/nftables.conf", "flush ruleset\n" } }, NULL },
	{ FIREWALLS, { UNIT("nftables"), { "/etc/nftables.conf", "# flush ruleset\nflush table inet filter\nflush rulesets" } }, NULL },
	{ FIREWALLS, { UNIT("nftables"), { "/etc/nftables.conf", "#!/usr/sbin/nft -f\n\n flush \t ruleset;\n" } },
	  "nftables.service takes our rules away when it is reloaded: 'flush ruleset' in /etc/nftables.conf:3" },
	{ FIREWALLS, { UNIT("nftables"), { "/etc/nftables.conf", "flush" } }, NULL },
	{ FIREWALLS, { UNIT("nftables"), UNIT("nlbc"), { "/etc/nftables.conf", "flush ruleset" } }, NULL },
	{ FIREWALLS, { UNIT("netfilter-persistent"), { "/etc/iptables/rules.v4", "*mangle\n" } }, NULL },
	{ LEGACY_FIREWALLS, { UNIT("nftables"), { "/etc/nftables.conf", "flush ruleset\n" } }, NULL },
	{ LEGACY_FIREWALLS, { UNIT("netfilter-persistent"), { "/etc/iptables/rules.v4", "*filter\nCOMMIT\n" } }, NULL },
	{ LEGACY_FIREWALLS, { UNIT("netfilter-persistent"), { "/etc/iptables/rules.v6", "*filter\nCOMMIT\n*mangle\nCOMMIT\n" } },
	  "netfilter-persistent.service takes our rules away when it is reloaded: '*mangle' in /etc/iptables/rules.v6:3" },
	{ LEGACY_FIREWALLS, { UNIT("ufw"), { "/etc/default/ufw", "MANAGE_BUILTINS=no\n" } }, NULL },
	{ LEGACY_FIREWALLS, { UNIT("ufw"), { "/etc/default/ufw", "IPV6=yes\nMANAGE_BUILTINS=\"Yes\"\n" } },
	  "ufw.service takes our rules away when it is reloaded: 'MANAGE_BUILTINS=yes' in /etc/default/ufw:2" },
	{ LEGACY_FIREWALLS, { UNIT("firewalld"), { "/etc/firewalld/firewalld.conf", "FirewallBackend=iptables\n" } },
	  "firewalld.service takes our rules away when it is reloaded: 'FirewallBackend=iptables' in "
	  "/etc/firewalld/firewalld.conf:1" },

	{ PROTOCOL, { { "/etc/iproute2/rt_protos", "# 110 x\n11\tzebra\n1100 y\n110\n" } }, NULL },
	{ PROTOCOL, { { "/etc/iproute2/rt_protos", "110 nlbc\n" }, { "/usr/share/iproute2/rt_protos", "110 other\n" } }, NULL },
	{ PROTOCOL, { { "/etc/iproute2/rt_protos.d/x.conf", "0x6e\t other # ours\n" } },
	  "route protocol 110 is that of 'other' (/etc/iproute2/rt_protos.d/*.conf)" },
};

START_TEST(a_service_is_warned_of_by_its_files)
{
	const struct host_row *r = &rows[_i];
	char *root = arena_strdup(arena, "/tmp/check_host.XXXXXX");

	ck_assert_ptr_nonnull(mkdtemp(root));
	for (size_t i = 0; i < ARRAY_LEN(r->files) && r->files[i].path; i++)
		put_file(root, &r->files[i]);
	ask(r->what, root);
	ck_assert_int_eq(nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	ck_assert_uint_eq(diags.n_warnings, r->said != NULL);
	if (r->said)
		ck_assert_str_eq(r->what == NETWORKD ? diags.list[0]->hint : diags.list[0]->text, r->said);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, a_service_is_warned_of_by_its_files, 0, ARRAY_LEN(rows));
}
