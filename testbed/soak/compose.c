/* SPDX-License-Identifier: MIT */
/* A random profile from its head to its settings; balances and shapers have files of their own. */
#include "base/base.h"

#include <inttypes.h>
#include <stdarg.h>

#include "compose.h"

/* The links of the router: what leads to each, by the three ways a profile has of naming it. */
struct link {
	const char *device, *address, *toward;  /* toward NULL: the main table has another way to its neighbours */
	const char *hops4[2], *hops6[2];        /* neighbours: one that is there, one that is not */
};

static const struct link back = { "eth1", "10.10.1.2", "10.10.1.1", { NULL, NULL }, { NULL, NULL } };
static const struct link uplinks[COMPOSE_UPLINKS] = {
	{ "eth2", "10.10.2.1", "10.10.3.2", { "10.10.2.2", "10.10.2.66" }, { "fd00:10:21::2", "fd00:10:21::66" } },
	{ "eth3", "fd00:10:22::1", "fd00:10:22::2", { "10.10.2.4", "10.10.2.68" }, { "fd00:10:22::2", "fd00:10:22::66" } },
	{ "eth4", "10.10.4.1", "10.10.4.2", { "10.10.4.2", "10.10.4.66" }, { "fd00:10:24::2", "fd00:10:24::66" } },
	{ "eth5.7", "10.10.5.1", "fd00:10:25::2", { "10.10.5.2", "10.10.5.66" }, { "fd00:10:25::2", "fd00:10:25::66" } },
};
static const char *const uplink_names[COMPOSE_UPLINKS] = { "up2", "up3", "up4", "up5" };

/* ---- drawing ------------------------------------------------------------------------------------------------------- */

/* splitmix64: every state is a good one, so seeds may be small and near each other. */
static uint64_t mix(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t draw(struct composer *c, uint64_t n)
{
	return mix(&c->state) % n;
}

bool chance(struct composer *c, unsigned percent)
{
	return draw(c, 100) < percent;
}

void line(struct composer *c, const char *fmt, ...)
{
	va_list ap;

	text_puts(c->out, c->indent);
	va_start(ap, fmt);
	text_vprintf(c->out, fmt, ap);
	va_end(ap);
	text_putc(c->out, '\n');
}

/* ---- kernel -------------------------------------------------------------------------------------------------------- */

static void draw_mask(struct composer *c)
{
	c->mask_bits = 7;
	c->mask_shift = 24;
	if (chance(c, 40))
		return;
	c->mask_bits = chance(c, 20) ? 2 + (unsigned)draw(c, 2) : 4 + (unsigned)draw(c, 9);
	c->mask_shift = 9 + (unsigned)draw(c, 32 - 9 - c->mask_bits + 1);
}

static uint32_t mask_of(const struct composer *c)
{
	return ((UINT32_C(1) << c->mask_bits) - 1) << c->mask_shift;
}

/* Drawn for the season, not for the profile: what stands here cannot change in place. */
static void compose_kernel(struct composer *c)
{
	const uint64_t mine = c->state;

	c->state = c->recipe->seed * 1000003 + c->recipe->number / SEASON + 7;
	(void)mix(&c->state);   /* neighbours shall differ from the first draw on */
	draw_mask(c);
	if (chance(c, 70) || c->recipe->legacy || mask_of(c) != 0x7f000000) {
		line(c, "kernel {");
		if (c->recipe->legacy || chance(c, 20))
			line(c, "\ttarget %s", c->recipe->legacy ? "iptables" : "nft");
		if (mask_of(c) != 0x7f000000)
			line(c, "\tmark-mask 0x%08x", mask_of(c));
		if (chance(c, 40))
			line(c, "\trule-base %" PRIu64, 10000 + draw(c, 18000));
		if (chance(c, 40))
			line(c, "\ttable-base %" PRIu64, 1000 + draw(c, 1999990000));
		if (chance(c, 40))
			line(c, "\troute-protocol %" PRIu64, 100 + draw(c, 80));
		line(c, "}");
	}
	c->state = mine;
}

/* ---- interfaces and paths ------------------------------------------------------------------------------------------ */

static void put_interface(struct composer *c, const char *name, const struct link *l, bool shaped)
{
	const unsigned how = (unsigned)draw(c, 100);

	text_printf(c->out, "%sinterface %s { ", c->indent, name);
	if (how < 75 || (how >= 90 && !l->toward))
		text_printf(c->out, chance(c, 10) ? "device \"%s\";" : "device %s;", l->device);
	else if (how < 90)
		text_printf(c->out, "address %s;", l->address);
	else
		text_printf(c->out, "toward %s;", l->toward);
	if (shaped && c->n_shapers && chance(c, 30)) {
		text_printf(c->out, " shaper s%" PRIu64 ";", draw(c, c->n_shapers));
	} else if (shaped && chance(c, 30)) {
		text_puts(c->out, " shaper {");
		compose_shaper(c);
		text_puts(c->out, " }");
	}
	if (chance(c, 35))
		text_puts(c->out, " replace-qdisc");
	text_puts(c->out, " }\n");
}

static void compose_interfaces(struct composer *c)
{
	c->n_shapers = (unsigned)draw(c, COMPOSE_SHAPERS + 1);
	for (unsigned i = 0; i < c->n_shapers; i++) {
		text_printf(c->out, "%sshaper s%u {", c->indent, i);
		compose_shaper(c);
		text_puts(c->out, " }\n");
	}
	c->n_uplinks = 1 + (unsigned)draw(c, COMPOSE_UPLINKS);
	put_interface(c, "back", &back, true);
	c->back_twice = chance(c, 2);
	if (c->back_twice)
		put_interface(c, "back-again", &back, false);
	for (unsigned i = 0; i < c->n_uplinks; i++)
		put_interface(c, uplink_names[i], &uplinks[i], true);
}

static void put_probe(struct composer *c, const struct compose_path *p)
{
	static const char *const kinds[] = { "ping", "tcp", "http" };
	const char *kind = DRAW_WORD(c, kinds);
	const bool six = p->v6 && (!p->v4 || chance(c, 30)), ping = strcmp(kind, "ping") == 0;

	text_printf(c->out, "%s\tprobe %s ", c->indent, kind);
	if (ping)
		text_printf(c->out, six ? "fd00:10:f::%" PRIu64 : "192.0.2.%" PRIu64, 100 + draw(c, 100));
	else
		text_printf(c->out, six ? "[fd00:10:f::%" PRIu64 "]:443" : "192.0.2.%" PRIu64 ":80", 100 + draw(c, 100));
	if (strcmp(kind, "http") == 0)
		text_printf(c->out, "%s%s", chance(c, 50) ? " /health" : "", chance(c, 50) ? " status 200-299" : "");
	if (chance(c, 50))
		text_printf(c->out, " interval %" PRIu64 "ms timeout %" PRIu64 "ms", 100 + draw(c, 5000), 10 + draw(c, 900));
	if (chance(c, 50))
		text_printf(c->out, " rise %" PRIu64 " fall %" PRIu64, 1 + draw(c, 5), 1 + draw(c, 5));
	text_putc(c->out, '\n');
}

static void put_via(struct composer *c, struct compose_path *p)
{
	const struct link *l = &uplinks[p->uplink];
	const unsigned how = (unsigned)draw(c, 100), hop = chance(c, 80) ? 0 : 1;

	p->v4 = how < 70;
	p->v6 = how >= 20 && how < 85;
	p->any = how >= 85;
	if (how >= 92) {
		line(c, "\tvia auto");
	} else if (!p->any) {
		line(c, "\tvia %s%s%s", p->v4 ? l->hops4[hop] : "", p->v4 && p->v6 ? ", " : "", p->v6 ? l->hops6[hop] : "");
	}
	p->v4 |= p->any;
	p->v6 |= p->any;
}

static void put_path(struct composer *c, unsigned i)
{
	struct compose_path *p = &c->paths[i];
	unsigned n_probes = 0;

	line(c, "path %s {", p->name);
	p->uplink = (unsigned)draw(c, c->n_uplinks);
	line(c, "\tinterface %s", uplink_names[p->uplink]);
	put_via(c, p);
	if (chance(c, 30))
		line(c, "\tweight %" PRIu64, chance(c, 15) ? 0 : 1 + draw(c, 9));
	if (!c->has_main && c->style != STYLE_SEED && chance(c, 20))
		c->has_main = true, line(c, "\ttable main");
	else if (chance(c, 10) && c->style != STYLE_SEED)
		line(c, "\ttable %u", 400 + i);
	if (chance(c, 10) && c->mask_bits > 5)
		line(c, "\tmark 0x%08x", (i + 1 + 32 * chance(c, 30)) << c->mask_shift & mask_of(c));
	while (chance(c, 12) && n_probes < 8)
		put_probe(c, p), n_probes++;
	if (n_probes && chance(c, 50))
		line(c, "\tquorum %" PRIu64, 1 + draw(c, n_probes));
	line(c, "}");
}

/* Names come from a small store, so that paths come, go, and come back. */
static void compose_paths(struct composer *c)
{
	const unsigned most = c->mask_bits >= 6 ? COMPOSE_PATHS : c->mask_bits == 2 ? 2 : (1U << c->mask_bits) - 2;
	unsigned first = (unsigned)draw(c, 8);

	c->n_paths = 1 + (unsigned)draw(c, chance(c, 80) ? 4 : COMPOSE_PATHS);
	c->n_paths = MIN(c->style == STYLE_SEED ? 2 : c->n_paths, most);
	for (unsigned i = 0; i < c->n_paths; i++) {
		const unsigned name = (first + i) % (COMPOSE_PATHS + 8);

		(void)snprintf(c->paths[i].name, sizeof(c->paths[i].name), name == 5 ? "p%u-of-thirty-one-characters-it" : "p%u",
			       name);
		put_path(c, i);
	}
}

/* ---- the whole ----------------------------------------------------------------------------------------------------- */

static void compose_settings(struct composer *c)
{
	static const char *const settings[] = {
		"net.ipv4.conf.eth1.log_martians 1", "net.ipv4.conf.eth5/7.send_redirects 0", "net.ipv4.ip_forward 1",
		"net.ipv4.conf.eth3.rp_filter 2", "net.ipv4.conf.eth2.rp_filter 1", "net.ipv6.conf.eth4.hop_limit 61",
		"net.ipv4.fib_multipath_hash_policy 0", "net.ipv4.ip_local_port_range \"20000 60000\"",
		"net.ipv6.conf.all.forwarding 1", "net.ipv4.conf.eth4.src_valid_mark 0", "net.ipv4.conf.eth1.accept_redirects 0",
	};

	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (chance(c, 12))
			line(c, "sysctl %s", settings[i]);
}

static void compose_head(struct composer *c)
{
	static const char *const names[] = { "soak", "Soak_7", "s.1", "7-of-many", "a-name-as-long-as-names-of-profiles-may-be-63-characters-is-it-x" };

	line(c, "nlbc 1");
	line(c, "profile %.63s", DRAW_WORD(c, names));
	if (chance(c, 20))
		line(c, "description \"number %" PRIu64 " of \\\"soak\\\", ünïcode # no comment; }\"", c->recipe->number);
	if (chance(c, 20))
		line(c, "# a comment { that is never closed");
	line(c, "define clients = 10.10.1.0/24");
}

static void compose_machine(struct composer *c)
{
	const unsigned n = c->style == STYLE_SEED ? 1 : 1 + (unsigned)draw(c, chance(c, 80) ? 3 : 7);

	compose_interfaces(c);
	compose_paths(c);
	for (unsigned i = 0; i < n; i++)
		compose_balance(c, i, n);
	compose_settings(c);
}

void compose(const struct recipe *r, struct text *out)
{
	struct composer c = { .recipe = r, .out = out, .indent = "" };

	c.state = r->seed * UINT64_C(0x2545f4914f6cdd1d) + r->number * 977 + r->attempt;
	c.style = chance(&c, 8) ? STYLE_SEED : chance(&c, 30) ? STYLE_NESTED : STYLE_APART;
	compose_head(&c);
	compose_kernel(&c);
	const bool role = chance(&c, 10);

	if (role)
		line(&c, "role router {");
	c.indent = role ? "\t" : "";
	compose_machine(&c);
	c.indent = "";
	if (role)
		line(&c, "}");
}
