/* SPDX-License-Identifier: MIT */
/* A plan's legacy chains as input for iptables-restore --noflush, and the keys of its items. */
#include "base/base.h"

#include "base/arena.h"
#include "target/ipt.h"

void ipt_key(const struct ipt_chain *c, struct text *out)
{
	text_printf(out, "ipt/%s/", c->family->number);
	text_add_printable(out, str_of(c->name));
}

static void print_rules(const struct ipt_chain *c, struct text *out)
{
	for (size_t i = 0; i < c->n_rules; i++) {
		auto_text struct text rule = { 0 };

		ipt_say_rule(c->family, c->name, c->rules[i].entry, c->rules[i].jump, &rule);
		/* Our jump is the first of a built-in chain: -I instead of -A. */
		text_puts(out, c->is_ours ? "-A" : "-I");
		text_puts(out, text_get(&rule) + strlen("-A"));
		text_putc(out, '\n');
	}
}

static void print_family(const struct items *items, const struct ipt_family *f, struct text *out)
{
	bool some = false;

	for (size_t i = 0; i < items->n; i++) {
		const struct ipt_chain *c = items->list[i].obj;

		if (c->family != f || !c->is_ours)
			continue;
		text_printf(out, "%s:%s - [0:0]\n", some ? "" : "*" IPT_TABLE "\n", c->name);
		some = true;
	}
	for (size_t i = 0; i < items->n; i++) {
		const struct ipt_chain *c = items->list[i].obj;

		if (c->family == f)
			print_rules(c, out);
	}
	text_puts(out, some ? "COMMIT\n" : "");
}

void ipt_print(const struct plan *p, const char *format, struct text *out)
{
	struct items items;
	struct diags d;

	items_init(&items, p->arena);
	diags_init(&d, p->arena);
	if (ipt_lower(p, LOWER_ALL, &items, &d) != 0)
		BUG("what cannot be lowered is not printed");
	items_sort(&items);
	for (size_t i = 0; i < IPT_FAMILIES; i++)
		if (strcmp(ipt_families[i].format, format) == 0)
			print_family(&items, &ipt_families[i], out);
}
