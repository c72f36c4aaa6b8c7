/* SPDX-License-Identifier: MIT */
/* A plan in nft's own language: what `nft -f` of version 1.0.6 or later turns into the very objects that nft_encode.c
 * sends. No line is longer than it must be, names stand in the plan's order, nothing depends on time or machine. */
#include "base/base.h"

#include <sys/socket.h>

#include "target/nft.h"

enum { LINE_WIDTH = 110, TAB_WIDTH = 8 };

/* ---- rules ------------------------------------------------------------------------------------------------------ */

static void say_prefix(const struct prefix *p, struct text *out)
{
	char s[PREFIX_TEXT];

	if (p->len == addr_bits(&p->addr))
		text_puts(out, addr_print(&p->addr, s));
	else
		text_puts(out, prefix_print(p, s));
}

static void say_address(const struct op *o, struct text *out)
{
	text_puts(out, o->family == AF_INET ? "ip " : "ip6 ");
	text_puts(out, o->kind == OP_SRC ? "saddr " : "daddr ");
	if (o->by_set)
		text_printf(out, "@%s", o->name);
	else
		say_prefix(&o->prefix, out);
}

static void say_device(const struct op *o, struct text *out)
{
	text_puts(out, o->kind == OP_IIF ? "iifname " : "oifname ");
	text_printf(out, o->by_set ? "@%s" : "\"%s\"", o->name);
}

static void say_protocol(uint8_t protocol, struct text *out)
{
	if (nft_protocol_word(protocol))
		text_puts(out, nft_protocol_word(protocol));
	else
		nft_say_number(protocol, out);
}

/* Marks under the whole word are those of `compat seed`: small numbers, written as people write them. */
static void say_mark_match(const struct op *o, struct text *out)
{
	text_puts(out, o->kind == OP_MARK_IS ? "meta mark " : "ct mark ");
	if (o->mask == UINT32_MAX)
		text_printf(out, "%s0x%x", o->negated ? "!= " : "", o->value);
	else
		text_printf(out, "& 0x%08x %s 0x%08x", o->mask, o->negated ? "!=" : "==", o->value);
}

static void say_mark(const struct op *o, struct text *out)
{
	const char *what = o->kind == OP_MARK ? "meta mark" : "ct mark";

	if (o->mask == UINT32_MAX)
		text_printf(out, "%s set 0x%x", what, o->value);
	else
		text_printf(out, "%s set %s & 0x%08x | 0x%08x", what, what, ~o->mask, o->value);
}

static void say_key(const struct op *o, struct text *out)
{
	const char *ip = o->family == AF_INET ? "ip" : "ip6";

	switch (o->pick.key) {
	case KEY_FLOW:
		text_printf(out, "%s saddr . %s daddr . meta l4proto . th sport . th dport", ip, ip);
		break;
	case KEY_ADDRESSES_PROTOCOL:
		text_printf(out, "%s saddr . %s daddr . meta l4proto", ip, ip);
		break;
	case KEY_ADDRESSES:
		text_printf(out, "%s saddr . %s daddr", ip, ip);
		break;
	case KEY_SOURCE:
		text_printf(out, "%s saddr", ip);
		break;
	case KEY_DESTINATION:
		text_printf(out, "%s daddr", ip);
		break;
	}
}

static void say_pick(const struct op *o, struct text *out)
{
	switch (o->pick.kind) {
	case PICK_TURN:
		text_printf(out, "numgen inc mod %u", o->pick.size);
		break;
	case PICK_RANDOM:
		text_printf(out, "numgen random mod %u", o->pick.size);
		break;
	case PICK_HASH:
		text_puts(out, "jhash ");
		say_key(o, out);
		text_printf(out, " mod %u seed 0x%08x", o->pick.size, o->pick.seed);
		break;
	}
	text_printf(out, " vmap @%s", o->name);
}

static void say_fragment(const struct op *o, struct text *out)
{
	text_puts(out, o->family == AF_INET ? "ip frag-off & 0x3fff != 0" : "exthdr frag exists");
}

static void say_op(const struct plan *p, const struct op *o, struct text *out)
{
	switch (o->kind) {
	case OP_FAMILY: text_printf(out, "meta nfproto %s", o->family == AF_INET ? "ipv4" : "ipv6"); break;
	case OP_IIF: case OP_OIF: say_device(o, out); break;
	case OP_SRC: case OP_DST: say_address(o, out); break;
	case OP_PROTO:
		text_puts(out, "meta l4proto ");
		say_protocol(o->proto, out);
		break;
	case OP_PORTED: text_puts(out, "meta l4proto @ported"); break;
	case OP_FRAGMENT: say_fragment(o, out); break;
	case OP_LOCAL: text_puts(out, "fib daddr type @exempt"); break;
	case OP_CT_NEW: text_puts(out, o->negated ? "ct state != new" : "ct state new"); break;
	case OP_CT_MARK_IS: case OP_MARK_IS: say_mark_match(o, out); break;
	case OP_COUNT: text_printf(out, "counter name \"%s\"", o->name); break;
	case OP_MARK: case OP_SAVE: say_mark(o, out); break;
	case OP_KEEP: text_printf(out, "ct mark & 0x%08x vmap @%s", p->kernel.mark_mask, o->name); break;
	case OP_ENTER: text_printf(out, "iifname vmap @%s", o->name); break;
	case OP_PICK: say_pick(o, out); break;
	case OP_GOTO: text_printf(out, "goto %s", o->name); break;
	case OP_JUMP: text_printf(out, "jump %s", o->name); break;
	case OP_RETURN: text_puts(out, "return"); break;
	case OP_ACCEPT: text_puts(out, "accept"); break;
	case OP_CT_STATE:
		text_puts(out, "ct state ");
		if (!nft_say_states(o->value, out))
			nft_say_hex32(o->value, out);
		break;
	case OP_CHANCE: text_printf(out, "numgen random mod %u < %u", o->of, o->value); break;
	case OP_RESTORE: text_puts(out, "meta mark set ct mark"); break;
	}
}

/* nft adds the match of the family by itself to an address that follows. */
static bool says_family(const struct op *o)
{
	return o->kind == OP_SRC || o->kind == OP_DST || o->kind == OP_FRAGMENT;
}

static void say_rule(const struct plan *p, const struct chain_rule *r, struct text *out)
{
	const char *between = "";

	for (size_t i = 0; i < r->n_ops; i++) {
		const struct op *o = &r->ops[i];
		const struct op *next = i + 1 < r->n_ops ? o + 1 : NULL;
		if (o->kind == OP_FAMILY && next && says_family(next) && next->family == o->family)
			continue;
		text_puts(out, between);
		say_op(p, o, out);
		between = " ";
	}
}

/* ---- objects ---------------------------------------------------------------------------------------------------- */

static const char *hook_words(enum hook hook)
{
	switch (hook) {
	case HOOK_NONE: break;
	case HOOK_PREROUTING: return "type filter hook prerouting priority mangle; policy accept;";
	case HOOK_OUTPUT: return "type route hook output priority mangle; policy accept;";
	}
	return NULL;
}

static void print_chain(const struct plan *p, const struct chain *c, struct text *out)
{
	text_printf(out, "\tchain %s {\n", c->name);
	if (hook_words(c->hook))
		text_printf(out, "\t\t%s\n", hook_words(c->hook));
	for (size_t i = 0; i < c->n_rules; i++) {
		text_puts(out, "\t\t");
		say_rule(p, &c->rules[i], out);
		text_putc(out, '\n');
	}
	text_puts(out, "\t}\n");
}

/* `elements = { a, b }`, broken between elements where a line gets long. */
struct elements {
	struct text *out;
	size_t line;                /* where it starts */
	size_t n;
};

static void element_add(struct elements *e, const char *words)
{
	const size_t n = strlen(words);

	if (e->n == 0) {
		text_puts(e->out, "\t\telements = { ");
		e->line = e->out->n - strlen("\t\telements = { ");
	} else if (e->out->n - e->line + 2 * (TAB_WIDTH - 1) + n + 4 > LINE_WIDTH) {
		text_puts(e->out, ",\n\t\t\t");
		e->line = e->out->n - 3;
	} else {
		text_puts(e->out, ", ");
	}
	text_add(e->out, words, n);
	e->n++;
}

static void elements_end(struct elements *e)
{
	text_puts(e->out, e->n ? " }\n\t}\n" : "\t}\n");
}

static const char *set_type(enum set_kind kind)
{
	switch (kind) {
	case SET_DEVICES: return "typeof oifname";
	case SET_PREFIXES4: return "typeof ip daddr\n\t\tflags interval";
	case SET_PREFIXES6: return "typeof ip6 daddr\n\t\tflags interval";
	case SET_PROTOCOLS: return "typeof meta l4proto";
	case SET_ADDRESS_TYPES: return "typeof fib daddr type";
	}
	BUG("set of kind %d", (int)kind);
}

static void say_member(const struct set *s, size_t i, struct text *out)
{
	switch (s->kind) {
	case SET_DEVICES:
		text_printf(out, "\"%s\"", s->devices[i]);
		return;
	case SET_PREFIXES4: case SET_PREFIXES6:
		say_prefix(&s->prefixes[i], out);
		return;
	case SET_PROTOCOLS:
		say_protocol(s->numbers[i], out);
		return;
	case SET_ADDRESS_TYPES:
		if (nft_address_type_word(s->numbers[i]))
			text_puts(out, nft_address_type_word(s->numbers[i]));
		else
			nft_say_number(s->numbers[i], out);
	}
}

static void print_set(const struct set *s, struct text *out)
{
	struct elements e = { .out = out };
	auto_text struct text words = {0};

	text_printf(out, "\tset %s {\n\t\t%s\n", s->name, set_type(s->kind));
	for (size_t i = 0; i < s->n; i++) {
		text_clear(&words);
		say_member(s, i, &words);
		element_add(&e, text_get(&words));
	}
	elements_end(&e);
}

static void print_map(const struct map *m, struct text *out)
{
	struct elements e = { .out = out };
	auto_text struct text words = {0};

	text_printf(out, "\tmap %s {\n", m->name);
	switch (m->kind) {
	case MAP_DEVICES: text_puts(out, "\t\ttypeof iifname : verdict\n"); break;
	case MAP_MARKS: text_puts(out, "\t\ttypeof ct mark : verdict\n"); break;
	case MAP_SLOTS: text_printf(out, "\t\ttypeof numgen inc mod %u : verdict\n", m->size); break;
	}
	for (size_t i = 0; i < m->n; i++) {
		const struct map_entry *entry = &m->entries[i];
		text_clear(&words);
		switch (m->kind) {
		case MAP_DEVICES: text_printf(&words, "\"%s\"", entry->device); break;
		case MAP_MARKS: nft_say_hex32(entry->key, &words); break;
		case MAP_SLOTS: nft_say_number(entry->key, &words); break;
		}
		text_printf(&words, " : goto %s", entry->chain);
		element_add(&e, text_get(&words));
	}
	elements_end(&e);
}

static void print_about(const struct plan *p, struct text *out)
{
	text_puts(out, "\tchain " NFT_ABOUT " {\n\t\treturn comment \"");
	nft_about_comment(p, out);
	text_puts(out, "\"\n\t}\n");
}

void nft_print(const struct plan *p, struct text *out)
{
	bool about = false;

	if (p->kernel.target != TARGET_NFT || p->n_chains == 0)
		return;
	text_puts(out, "table inet " NFT_TABLE_NAME " {\n\tcomment \"" NFT_TABLE_COMMENT "\"\n");
	for (size_t i = 0; i < p->n_counters; i++)
		text_printf(out, "\tcounter %s { }\n", p->counters[i].name);
	for (size_t i = 0; i < p->n_sets; i++)
		print_set(&p->sets[i], out);
	for (size_t i = 0; i < p->n_maps; i++)
		print_map(&p->maps[i], out);
	for (size_t i = 0; i < p->n_chains; i++) {
		if (!about && strcmp(NFT_ABOUT, p->chains[i].name) < 0) {
			print_about(p, out);
			about = true;
		}
		print_chain(p, &p->chains[i], out);
	}
	if (!about)
		print_about(p, out);
	text_puts(out, "}\n");
}
