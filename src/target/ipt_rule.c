/* SPDX-License-Identifier: MIT */
/* One legacy rule: from words to the binary entry that libiptc takes, and from the entry to the line that iptables-save
 * prints. Nothing else knows how an entry is laid out. */
#include "base/base.h"

#include <net/if.h>    /* before the kernel's own */

#include <linux/netfilter_ipv4/ip_tables.h>

#include "base/arena.h"
#include "target/ipt.h"
#include "target/nft.h"

/* ---- words to bytes --------------------------------------------------------------------------------------------- */

static void put_prefix(const struct prefix *p, uint8_t address[16], uint8_t mask[16])
{
	if (!p->addr.family)
		return;
	memcpy(address, p->addr.b, 16);
	for (unsigned i = 0; i < p->len; i++)
		mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

static void put_device(const char *device, char name[IFNAMSIZ], uint8_t mask[IFNAMSIZ])
{
	if (!device)
		return;
	const size_t n = MIN(strlen(device), (size_t)IFNAMSIZ - 1);
	memcpy(name, device, n);
	memset(mask, 0xff, n + 1);
}

static size_t part_size(size_t data)
{
	return XT_ALIGN(sizeof(struct xt_entry_match)) + XT_ALIGN(data);
}

static void put_match(const struct ipt_words *w, char *at)
{
	const struct ipt_extension *x = &ipt_extensions[w->kind];
	struct xt_entry_match *m = (void *)at;

	m->u.user.match_size = (uint16_t)part_size(x->size);
	memcpy(m->u.user.name, x->name, strlen(x->name));
	m->u.user.revision = x->revision;
	x->encode(w, m->data);
}

/* libiptc turns the name of a verdict or chain into its number. */
static void put_target(const struct ipt_draft *d, char *at)
{
	const struct ipt_extension *x = &ipt_extensions[d->does.kind];
	struct xt_entry_target *t = (void *)at;
	const char *name = d->jump ? d->jump : x->name;

	t->u.user.target_size = (uint16_t)(d->jump ? XT_ALIGN(sizeof(struct xt_standard_target)) : part_size(x->size));
	memcpy(t->u.user.name, name, MIN(strlen(name), sizeof(t->u.user.name) - 1));
	if (d->jump)
		return;
	t->u.user.revision = x->revision;
	x->encode(&d->does, t->data);
}

struct ipt_rule ipt_rule_of(const struct ipt_family *f, const struct ipt_draft *d, const struct origin *o,
			    struct arena *a)
{
	struct ipt_head h = { .proto = d->proto, .is_goto = d->is_goto };
	size_t target = f->entry_size;

	for (size_t i = 0; i < d->n_matches; i++)
		target += part_size(ipt_extensions[d->matches[i].kind].size);
	const size_t size = d->jump ? XT_ALIGN(sizeof(struct xt_standard_target)) :
				      part_size(ipt_extensions[d->does.kind].size);
	char *entry = arena_alloc(a, target + size);
	char *at = entry + f->entry_size;

	put_prefix(&d->src, h.src, h.src_mask);
	put_prefix(&d->dst, h.dst, h.dst_mask);
	put_device(d->in, h.in, h.in_mask);
	put_device(d->out, h.out, h.out_mask);
	h.target_offset = (uint16_t)target;
	h.next_offset = (uint16_t)(target + size);
	f->put_head(&h, entry);
	for (size_t i = 0; i < d->n_matches; i++) {
		put_match(&d->matches[i], at);
		at += part_size(ipt_extensions[d->matches[i].kind].size);
	}
	put_target(d, at);
	return (struct ipt_rule){ .entry = entry, .jump = d->jump, .origin = *o };
}

/* ---- bytes to parts --------------------------------------------------------------------------------------------- */

static struct ipt_part part_of(const char *at, size_t size, bool is_target)
{
	const struct xt_entry_match *m = (const void *)at;      /* a target begins in the same way */
	const bool named = memchr(m->u.user.name, 0, sizeof(m->u.user.name)) != NULL;

	return (struct ipt_part){
		.name = named ? m->u.user.name : "?", .revision = m->u.user.revision, .is_target = is_target,
		.data = { (const char *)m->data, size - sizeof(*m) },
	};
}

size_t ipt_parts(const struct ipt_family *f, const void *entry, struct ipt_part *parts, size_t room)
{
	const size_t least = sizeof(struct xt_entry_match);
	const char *start = entry;
	struct ipt_head h;
	size_t n = 0, at = f->entry_size;

	f->get_head(entry, &h);
	if (h.target_offset < at || h.target_offset % XT_ALIGN(1) || h.target_offset + least > h.next_offset) {
		parts[0] = (struct ipt_part){ .name = "?", .is_target = true, .data = { "", 0 } };
		return 1;
	}
	while (at + least <= h.target_offset && n + 1 < room) {
		const size_t size = ((const struct xt_entry_match *)(const void *)(start + at))->u.match_size;

		if (size < least || at + size > h.target_offset || size % XT_ALIGN(1))
			break;
		parts[n++] = part_of(start + at, size, false);
		at += size;
	}
	parts[n++] = part_of(start + h.target_offset, (size_t)h.next_offset - h.target_offset, true);
	return n;
}

const char *ipt_comment(const struct ipt_family *f, const void *entry)
{
	struct ipt_part parts[IPT_PARTS];
	const size_t n = ipt_parts(f, entry, parts, ARRAY_LEN(parts));

	for (size_t i = 0; i < n; i++)
		if (!parts[i].is_target && strcmp(parts[i].name, "comment") == 0 && memchr(parts[i].data.p, 0, parts[i].data.n))
			return parts[i].data.p;
	return NULL;
}

/* ---- bytes to text ---------------------------------------------------------------------------------------------- */

/* The length of a mask that is all ones, then all zeros; -1: another one. */
static int mask_length(const uint8_t *mask, size_t n)
{
	size_t len = 0;

	while (len < n * 8 && mask[len / 8] & 0x80 >> len % 8)
		len++;
	for (size_t i = len; i < n * 8; i++)
		if (mask[i / 8] & 0x80 >> i % 8)
			return -1;
	return (int)len;
}

static void say_address(const struct ipt_family *f, const char *option, const uint8_t *address, const uint8_t *mask,
			bool negated, struct text *out)
{
	struct addr a = { .family = f->family }, m = { .family = f->family };
	char buf[ADDR_TEXT];
	const int len = mask_length(mask, f->address_size);

	memcpy(a.b, address, f->address_size);
	memcpy(m.b, mask, f->address_size);
	if (len == 0 && addr_is_any(&a) && !negated)
		return;
	text_printf(out, "%s %s %s/", negated ? " !" : "", option, addr_print(&a, buf));
	if (len < 0)
		text_puts(out, addr_print(&m, buf));
	else
		text_printf(out, "%d", len);
}

static void say_device(const char *option, const char name[IFNAMSIZ], const uint8_t mask[IFNAMSIZ], bool negated,
		       struct text *out)
{
	const size_t n = strnlen(name, IFNAMSIZ), whole = (size_t)mask_length(mask, IFNAMSIZ) / 8;

	if (mask[0] == 0 && n == 0 && !negated)
		return;
	text_printf(out, "%s %s ", negated ? " !" : "", option);
	text_add_printable(out, (struct str){ name, n });
	if (whole == n && n < IFNAMSIZ)
		text_putc(out, '+');
	else if (whole != n + 1)
		text_printf(out, "/%zu", whole);
}

static void say_head(const struct ipt_family *f, const struct ipt_head *h, struct text *out)
{
	say_address(f, "-s", h->src, h->src_mask, h->inverse & IPT_INV_SRCIP, out);
	say_address(f, "-d", h->dst, h->dst_mask, h->inverse & IPT_INV_DSTIP, out);
	say_device("-i", h->in, h->in_mask, h->inverse & IPT_INV_VIA_IN, out);
	say_device("-o", h->out, h->out_mask, h->inverse & IPT_INV_VIA_OUT, out);
	if (h->proto) {
		const char *word = h->proto <= UINT8_MAX ? nft_protocol_word((uint8_t)h->proto) : NULL;

		text_puts(out, h->inverse & IPT_INV_PROTO ? " ! -p " : " -p ");
		if (word)
			text_puts(out, word);
		else
			text_printf(out, "%u", h->proto);
	}
	if (h->flags & IPT_F_FRAG && f->family == AF_INET)
		text_puts(out, h->inverse & IPT_INV_FRAG ? " ! -f" : " -f");
	if (h->tos)
		text_printf(out, " tos 0x%02x", h->tos);
}

void ipt_say_rule(const struct ipt_family *f, const char *chain, const void *entry, const char *jump, struct text *out)
{
	struct ipt_part parts[IPT_PARTS];
	struct ipt_head h;
	const size_t n = ipt_parts(f, entry, parts, ARRAY_LEN(parts));

	f->get_head(entry, &h);
	text_puts(out, "-A ");
	text_add_printable(out, str_of(chain));
	say_head(f, &h, out);
	for (size_t i = 0; i < n; i++) {
		const struct ipt_part *p = &parts[i];

		if (!p->is_target || !jump)
			ipt_say_extension(p->name, p->revision, p->is_target, p->data, out);
	}
	if (jump && *jump) {
		text_puts(out, h.is_goto ? " -g " : " -j ");
		text_add_printable(out, str_of(jump));
	}
}
