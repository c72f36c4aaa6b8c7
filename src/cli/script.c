/* SPDX-License-Identifier: MIT */
/* One POSIX sh script out of the formats of the stock tools: each is a here-document for its tool, in the order of apply
 * (settings, routes and rules, queues, steering), and the way back is the same lines turned round. */
#include "base/base.h"

#include "cli/script.h"

struct row {
	const char *format;
	const char *tool;               /* it is looked for first */
	const char *what;               /* for messages */
	const char *ready;              /* shell: before anything is loaded; NULL: nothing */
	const char *load;               /* reads the lines */
	const char *flush;              /* reads the lines that undo makes; without undo, shell that needs none */
	void (*undo)(const char *body, struct text *out);
};

/* ---- lines -------------------------------------------------------------------------------------------------------- */

static void put_lines(const char *body, struct text *out)
{
	for (const char *line = body; *line; line += strcspn(line, "\n") + 1)
		if (*line != '#')
			text_add(out, line, strcspn(line, "\n") + 1);
}

static const char *line_before(const char *body, const char *line)
{
	if (line == body)
		return NULL;
	for (line--; line > body && line[-1] != '\n'; line--)
		;
	return line;
}

/* As lines of ip -batch, last first: `route add X` becomes `route del X`. A next hop goes by its number alone. */
static void put_undone(const char *body, struct text *out)
{
	for (const char *line = line_before(body, body + strlen(body)); line; line = line_before(body, line)) {
		const size_t object = strcspn(line, " "), n = strcspn(line, "\n");
		const char *rest = line + object + strlen(" add");

		if (*line == '#')
			continue;
		text_add(out, line, object);
		text_puts(out, " del");
		if (strncmp(line, "nexthop ", 8) == 0)
			text_add(out, rest, strlen(" id ") + strcspn(rest + strlen(" id "), " "));
		else
			text_add(out, rest, (size_t)(line + n - rest));
		text_putc(out, '\n');
	}
}

/* A root takes along what hangs on it: of `qdisc add dev X root handle Y: …` the first seven words are enough. */
static void put_roots_undone(const char *body, struct text *out)
{
	static const char add[] = "qdisc add dev ", root[] = " root handle ";

	for (const char *line = body; *line; line += strcspn(line, "\n") + 1) {
		const char *device = line + sizeof(add) - 1;

		if (strncmp(line, add, sizeof(add) - 1) != 0)
			continue;
		const char *rest = device + strcspn(device, " ");

		if (strncmp(rest, root, sizeof(root) - 1) != 0)
			continue;
		const char *handle = rest + sizeof(root) - 1;

		text_printf(out, "qdisc del dev %.*s\n", (int)((size_t)(handle - device) + strcspn(handle, " ")), device);
	}
}

/* ---- settings ----------------------------------------------------------------------------------------------------- */

/* Names as in /proc/sys, because a device's name may have a dot in it. */
static void put_settings(const char *body, struct text *out)
{
	text_puts(out, "\nsettings() {\n\tcat <<'END'\n");
	put_lines(body, out);
	text_puts(out,
		"END\n"
		"}\n"
		"\n"
		"# All settings that change, with their values: a switch of forwarding overwrites those of the devices, too.\n"
		"values() {\n"
		"\t{\n"
		"\t\tsettings | sed 's/ = .*//'\n"
		"\t\tfor family in ipv4 ipv6; do\n"
		"\t\t\tsettings | grep -Eq \"^net\\.$family\\.(ip_forward|conf\\.all\\.forwarding) \" || continue\n"
		"\t\t\tprintf '%s/forwarding\\n' /proc/sys/net/$family/conf/* | cut -c 11-\n"
		"\t\t\techo net/$family/conf/all/accept_redirects\n"
		"\t\tdone\n"
		"\t} | xargs sysctl -e\n"
		"}\n"
		"\n"
		"# The values from before (<) of those settings that still have the one they were left with (>).\n"
		"former() {\n"
		"\tvalues | awk '\n"
		"\t\t$1 == \"<\" { was[$2] = substr($0, 3); order[++n] = $2; next }\n"
		"\t\t$1 == \">\" { left[$2] = substr($0, 3); next }\n"
		"\t\t$1 != \"#\" { now[$1] = $0 }\n"
		"\t\tEND {\n"
		"\t\t\tfor (i = 1; i <= n; i++) {\n"
		"\t\t\t\tname = order[i]\n"
		"\t\t\t\tif (name in now && (!(name in left) || left[name] == now[name]))\n"
		"\t\t\t\t\tprint was[name]\n"
		"\t\t\t}\n"
		"\t\t}' \"$NLBC_LOADED\" -\n"
		"}\n");
}

/* ---- the tools ---------------------------------------------------------------------------------------------------- */

static const struct row rows[] = {
	{ "sysctl", "sysctl", "the settings", NULL,
	  "settings | sysctl -q -p -",
	  "\t[ ! -e \"$NLBC_LOADED\" ] || former | sysctl -q -e -p - || left=yes\n", NULL },
	{ "ip", "ip", "the next hops, and the routes and rules of IPv4", NULL, "ip -batch -", "ip -force -batch -", put_undone },
	{ "ip6", "ip", "the routes and rules of IPv6", NULL, "ip -6 -batch -", "ip -6 -force -batch -", put_undone },
	{ "tc", "tc", "the queues", NULL, "tc -batch -", "tc -force -batch -", put_roots_undone },
	{ "nft", "nft", "the table of nft",
	  "\t! nft list table inet nlbc >/dev/null 2>&1 || fail \"there is a table inet nlbc already\"\n",
	  "nft -f -",
	  "\tif nft list table inet nlbc 2>/dev/null | grep -q 'comment \"nlbc 1 '; then\n"
	  "\t\ttake nft delete table inet nlbc\n"
	  "\tfi\n", NULL },
	{ "iptables", "iptables-legacy-restore", "the rules of legacy iptables",
	  "\t! grep -qs '^mangle$' /proc/net/ip_tables_names || ! iptables-legacy-save -t mangle | grep -q '^:NLBC-' ||\n"
	  "\t\tfail 'there are chains NLBC- already'\n",
	  "iptables-legacy-restore --noflush", "\t! grep -qs '^mangle$' /proc/net/ip_tables_names || take_chains iptables\n", NULL },
	{ "ip6tables", "ip6tables-legacy-restore", "the rules of legacy ip6tables",
	  "\t! grep -qs '^mangle$' /proc/net/ip6_tables_names || ! ip6tables-legacy-save -t mangle | grep -q '^:NLBC-' ||\n"
	  "\t\tfail 'there are chains NLBC- already'\n",
	  "ip6tables-legacy-restore --noflush", "\t! grep -qs '^mangle$' /proc/net/ip6_tables_names || take_chains ip6tables\n", NULL },
};

static const struct row *row_of(const char *format)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].format, format) == 0)
			return &rows[i];
	BUG("the script has no format '%s'", format);
}

/* ---- the whole ---------------------------------------------------------------------------------------------------- */

static const char about[] =
	"#\n"
	"# sh FILE         loads what the profile puts into the kernel, with stock tools, as root; stops at the first error\n"
	"# sh FILE flush   takes exactly that away again; settings are put back that still are as loading left them\n"
	"#\n"
	"# How settings were is kept in the file NLBC_LOADED, by default one for this network namespace in /run.\n"
	"set -u\n"
	"export LC_ALL=C\n"
	": \"${NLBC_LOADED:=/run/nlbc-loaded-$(readlink /proc/self/ns/net | tr -dc 0-9)}\"\n";

static const char helpers[] =
	"\n"
	"fail() {\n"
	"\techo \"$0: $*\" >&2\n"
	"\texit 1\n"
	"}\n"
	"\n"
	"broken() {\n"
	"\tfail \"cannot load $1; with argument 'flush' what is loaded is taken away\"\n"
	"}\n"
	"\n"
	"# take COMMAND: away; what has gone already, with its device or by hand, is passed over.\n"
	"left=no\n"
	"take() {\n"
	"\tif \"$@\" 2>&1 | grep -Ev 'No such (process|file)|[Cc]annot find|does not exist|Invalid handle|Command failed' >&2; then\n"
	"\t\tleft=yes\n"
	"\tfi\n"
	"}\n";

/* Of what stands there, so that half of it goes, too. */
static const char chains_helper[] =
	"\n"
	"# take_chains TOOL: the jumps to our chains, then the chains, in one commit.\n"
	"take_chains() {\n"
	"\t\"$1-legacy-save\" -t mangle | awk '\n"
	"\t\t/^:NLBC-/ { empty = empty \"-F \" substr($1, 2) \"\\n\"; drop = drop \"-X \" substr($1, 2) \"\\n\" }\n"
	"\t\t/^-A .* -[gj] NLBC-/ && $2 !~ /^NLBC-/ { sub(/^-A/, \"-D\"); jumps = jumps $0 \"\\n\" }\n"
	"\t\tEND { printf \"*mangle\\n%s%s%sCOMMIT\\n\", jumps, empty, drop }' |\n"
	"\t\t\"$1-legacy-restore\" --noflush || left=yes\n"
	"}\n";

static bool is_settings(const struct script_part *p)
{
	return strcmp(p->format, "sysctl") == 0;
}

/* The sum tells scripts apart: one does not take away what another loaded. */
static void put_identity(const char *head, const struct script_part *parts, size_t n, struct text *out)
{
	auto_text struct text all = { 0 };
	char hex[65];

	for (size_t i = 0; i < n; i++)
		text_puts(&all, parts[i].body);
	sha256_hex(text_get(&all), all.n, hex);
	text_printf(out, "identity='%.*s, %.12s'\n", (int)strcspn(head, "\n"), head, hex);
}

static void put_ready(const struct script_part *parts, size_t n, struct text *out)
{
	for (size_t i = 0; i < n; i++) {
		const char *tool = row_of(parts[i].format)->tool;

		if (i == 0 || strcmp(tool, row_of(parts[i - 1].format)->tool) != 0)
			text_printf(out, "\tcommand -v %s >/dev/null || fail 'needs %s'\n", tool, tool);
	}
	text_puts(out, "\t[ ! -e \"$NLBC_LOADED\" ] || fail \"something is loaded already, says $NLBC_LOADED\"\n");
	for (size_t i = 0; i < n; i++)
		if (row_of(parts[i].format)->ready)
			text_puts(out, row_of(parts[i].format)->ready);
}

static void put_load(const struct script_part *parts, size_t n, struct text *out)
{
	text_puts(out, "\nload() {\n");
	put_ready(parts, n, out);
	text_printf(out, "\t{ echo \"$identity\"%s; } >\"$NLBC_LOADED\" || fail \"cannot write $NLBC_LOADED\"\n",
		    is_settings(&parts[0]) ? "; values | sed 's/^/< /'" : "");
	for (size_t i = 0; i < n; i++) {
		const struct row *row = row_of(parts[i].format);

		if (is_settings(&parts[i])) {
			text_printf(out, "\t%s || broken '%s'\n\tvalues | sed 's/^/> /' >>\"$NLBC_LOADED\"\n", row->load, row->what);
			continue;
		}
		text_printf(out, "\t%s <<'END' || broken '%s'\n", row->load, row->what);
		put_lines(parts[i].body, out);
		text_puts(out, "END\n");
	}
	text_puts(out, "}\n");
}

static void put_flush(const struct script_part *parts, size_t n, struct text *out)
{
	text_puts(out, "\nflush() {\n"
		       "\tif [ -e \"$NLBC_LOADED\" ] && [ \"$(head -n 1 \"$NLBC_LOADED\")\" != \"$identity\" ]; then\n"
		       "\t\tfail \"another script was loaded, says $NLBC_LOADED: $(head -n 1 \"$NLBC_LOADED\")\"\n"
		       "\tfi\n");
	for (size_t i = n; i > 0; i--) {
		const struct row *row = row_of(parts[i - 1].format);

		if (!row->undo) {
			text_puts(out, row->flush);
			continue;
		}
		text_printf(out, "\ttake %s <<'END'\n", row->flush);
		row->undo(parts[i - 1].body, out);
		text_puts(out, "END\n");
	}
	text_puts(out, "\t[ $left = no ] || fail 'not all could be taken away'\n"
		       "\trm -f \"$NLBC_LOADED\"\n"
		       "}\n");
}

void script_print(const char *head, const struct script_part *parts, size_t n, struct text *out)
{
	text_printf(out, "#!/bin/sh\n%s", head);
	if (n == 0)
		return;
	text_puts(out, about);
	put_identity(head, parts, n, out);
	text_puts(out, helpers);
	for (size_t i = 0; i < n; i++) {
		if (!strstr(row_of(parts[i].format)->flush, "take_chains"))
			continue;
		text_puts(out, chains_helper);
		break;
	}
	if (is_settings(&parts[0]))
		put_settings(parts[0].body, out);
	put_load(parts, n, out);
	put_flush(parts, n, out);
	text_puts(out, "\ncase ${1-} in\n"
		       "'') load ;;\n"
		       "flush) flush ;;\n"
		       "*) fail \"unknown argument '$1'; known is flush\" ;;\n"
		       "esac\n");
}
