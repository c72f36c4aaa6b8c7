/* SPDX-License-Identifier: MIT */
/* The questions that a machine's profile asks of the system. */
#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "plan/facts.h"
#include "profile/profile.h"

static struct fact_interface interface_question(const struct interface *i)
{
	struct fact_interface q = {
		.name = i->name, .place = i->by_place, .address = i->address,
		.device = i->name, .admin_up = true, .carrier = true,
	};

	switch (i->by) {
	case BY_DEVICE:
		q.by = FACT_DEVICE;
		q.device = i->device;
		break;
	case BY_ADDRESS:
		q.by = FACT_ADDRESS;
		break;
	case BY_TOWARD:
		q.by = FACT_TOWARD;
		break;
	}
	return q;
}

static void hop_question(struct facts *f, const struct path *p, const struct addr *hop, const struct place *place,
			 const struct fact_interface *interface)
{
	if (hop->family == 0)
		return;
	f->hops[f->n_hops++] = (struct fact_hop){
		.path = p->name, .place = *place, .interface = interface, .hop = *hop,
	};
}

size_t facts_index(const struct machine *m, const struct interface *i)
{
	const size_t index = (size_t)(i - m->interfaces);

	if (index >= m->n_interfaces)
		BUG("interface '%s' is not one of the machine's", i->name);
	return index;
}

struct facts *facts_ask(const struct machine *m, struct arena *a)
{
	struct facts *f = arena_one(a, struct facts);

	f->route_protocol = m->kernel.route_protocol;
	f->forwarding4 = f->forwarding6 = true;
	f->n_interfaces = m->n_interfaces;
	f->interfaces = arena_array(a, struct fact_interface, m->n_interfaces);
	for (size_t i = 0; i < m->n_interfaces; i++)
		f->interfaces[i] = interface_question(&m->interfaces[i]);
	f->hops = arena_array(a, struct fact_hop, 2 * m->n_paths);
	for (size_t i = 0; i < m->n_paths; i++) {
		const struct path *p = &m->paths[i];
		struct fact_interface *q = &f->interfaces[facts_index(m, p->interface)];

		q->is_path = true;
		q->auto_gateway |= p->via_auto;
		hop_question(f, p, &p->via4, &p->via4_place, q);
		hop_question(f, p, &p->via6, &p->via6_place, q);
	}
	return f;
}

struct fact_interface *facts_interface(const struct facts *f, const char *name)
{
	for (size_t i = 0; i < f->n_interfaces; i++)
		if (strcmp(f->interfaces[i].name, name) == 0)
			return &f->interfaces[i];
	return NULL;
}

void facts_print(const struct facts *f, struct text *out)
{
	char via4[ADDR_TEXT], via6[ADDR_TEXT];

	for (size_t i = 0; i < f->n_interfaces; i++) {
		const struct fact_interface *q = &f->interfaces[i];
		const bool has4 = q->gateway4.family, has6 = q->gateway6.family;

		text_printf(out, "%s %s %s %s %s\n", q->name, q->device, q->absent ? "absent" : q->admin_up ? "on" : "off",
			    has4 ? addr_print(&q->gateway4, via4) : "-", has6 ? addr_print(&q->gateway6, via6) : "-");
	}
}
