/* SPDX-License-Identifier: MIT */
/* Firewall services that empty more than their own tables when they are reloaded. nft: a file that begins with `flush
 * ruleset`. Legacy iptables: who loads table mangle whole, or flushes all tables. */
#include "base/base.h"

#include "target/host.h"
#include "target/uses.h"

struct firewall {
	const char *unit;
	const char *file;
	bool legacy;                /* it is our legacy chains that go */
	bool (*flushes)(const struct host_line *l, void *data);
	const char *says;           /* what in the file does it */
	bool followed;              /* nlbc.service applies its profile again when this one is restarted or reloaded */
	const char *hint;
};

/* The next word of s; s is what follows it. */
static struct str next_word(struct str *s)
{
	size_t from = 0, to;
	while (from < s->n && (s->p[from] == ' ' || s->p[from] == '\t'))
		from++;
	for (to = from; to < s->n && s->p[to] != ' ' && s->p[to] != '\t' && s->p[to] != ';';)
		to++;
	const struct str word = { s->p + from, to - from };
	*s = (struct str){ s->p + to, s->n - to };
	return word;
}

/* *data is the line that was looked at last. */
static bool flushes_ruleset(const struct host_line *l, void *data)
{
	struct str rest = l->text;
	*(unsigned *)data = l->number;
	return str_is(next_word(&rest), "flush") && str_is(next_word(&rest), "ruleset");
}

static bool loads_mangle(const struct host_line *l, void *data)
{
	*(unsigned *)data = l->number;
	return str_is(l->text, "*mangle");
}

static bool is_word(const struct host_line *l, const char *name, const char *word)
{
	struct str is_name, value;
	return host_pair(l->text, &is_name, &value) && str_is(is_name, name) && value.n == strlen(word) &&
	       strncasecmp(value.p, word, value.n) == 0;
}

static bool manages_builtins(const struct host_line *l, void *data)
{
	*(unsigned *)data = l->number;
	return is_word(l, "MANAGE_BUILTINS", "yes");
}

static bool backs_iptables(const struct host_line *l, void *data)
{
	*(unsigned *)data = l->number;
	return is_word(l, "FirewallBackend", "iptables");
}

static const struct firewall firewalls[] = {
	{ "nftables.service", "/etc/nftables.conf", false, flushes_ruleset, "flush ruleset", true,
	  "systemctl enable --now nlbc.service, which then applies the boot profile again; or delete only its own tables there" },
	{ "netfilter-persistent.service", "/etc/iptables/rules.v4", true, loads_mangle, "*mangle", false,
	  "remove section *mangle from that file, or use target nft" },
	{ "netfilter-persistent.service", "/etc/iptables/rules.v6", true, loads_mangle, "*mangle", false,
	  "remove section *mangle from that file, or use target nft" },
	{ "ufw.service", "/etc/default/ufw", true, manages_builtins, "MANAGE_BUILTINS=yes", false,
	  "MANAGE_BUILTINS=no there, or use target nft" },
	{ "firewalld.service", "/etc/firewalld/firewalld.conf", true, backs_iptables, "FirewallBackend=iptables", false,
	  "FirewallBackend=nftables there, or use target nft" },
};

void warn_of_firewalls(const char *root, bool legacy, struct diags *d)
{
	for (size_t i = 0; i < ARRAY_LEN(firewalls); i++) {
		const struct firewall *f = &firewalls[i];
		unsigned line = 0;
		if (f->legacy != legacy || !host_runs(root, f->unit) || (f->followed && host_runs(root, "nlbc.service")))
			continue;
		if (!host_lines(root, f->file, f->flushes, &line))
			continue;
		struct diag *g = diag_warning(d, NULL, "machine", "%s takes our rules away when it is reloaded: '%s' in %s:%u",
					      f->unit, f->says, f->file, line);
		diag_hint(d, g, "%s", f->hint);
	}
}
