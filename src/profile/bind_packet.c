/* SPDX-License-Identifier: MIT */
/* The packet part of a machine: kernel, shapers, interfaces, paths, balances, settings. Whatever is wrong has been told
 * or is told by the checks; the model then holds defaults, and what is not found is left out. */
#include "base/base.h"

#include "base/arena.h"
#include "profile/bind.h"
#include "profile/keywords.h"

enum { BURST_LEAST = 1600 };

void bind_kernel(const struct stmt *s, struct kernel_conf *k)
{
	if (s)
		k->place = s->place;
	k->target = (enum target_kind)block_number(s, BLOCK_KERNEL, "target");
	k->mark_mask = (uint32_t)block_number(s, BLOCK_KERNEL, "mark-mask");
	k->rule_base = (uint32_t)block_number(s, BLOCK_KERNEL, "rule-base");
	k->table_base = (uint32_t)block_number(s, BLOCK_KERNEL, "table-base");
	k->route_protocol = (uint8_t)block_number(s, BLOCK_KERNEL, "route-protocol");
}

/* ---- shapers --------------------------------------------------------------------------------------------------- */

/* rate x time in whole bytes, rounded down. The largest of both, 1tbit and 10s, are below 2^64. */
static uint64_t bytes_in(uint64_t rate_bps, uint64_t us)
{
	return rate_bps * us / 8000000;
}

static void bind_fq_codel(const struct stmt *s, struct shaper *sh)
{
	sh->fq_codel.limit = (uint32_t)stmt_number(s, "limit");
	sh->fq_codel.flows = (uint32_t)stmt_number(s, "flows");
	sh->fq_codel.quantum = (uint32_t)stmt_number(s, "quantum");
	sh->fq_codel.target_us = stmt_number(s, "target");
	sh->fq_codel.interval_us = stmt_number(s, "interval");
	sh->fq_codel.memory_bytes = stmt_number(s, "memory");
	sh->fq_codel.ecn = stmt_number(s, "ecn") != 0;
}

static void bind_queue(const struct stmt *s, struct shaper *sh)
{
	const struct value *v = s ? stmt_value(s, "what") : NULL;

	if (!v)
		return;
	sh->queue_place = v->place;
	if (v->type == VALUE_SIZE) {
		sh->queue = QUEUE_BYTES;
		sh->queue_bytes = v->number;
	} else if (v->type == VALUE_PACKETS) {
		sh->queue = QUEUE_PACKETS;
		sh->queue_packets = (uint32_t)v->number;
	} else if (v->type == VALUE_TIME) {
		sh->queue = QUEUE_TIME;
		sh->queue_us = v->number;
		sh->queue_bytes = bytes_in(sh->rate_bps.value, v->number);
	} else if (v->type == VALUE_CHOICE) {
		sh->queue = QUEUE_FQ_CODEL;
		bind_fq_codel(s, sh);
	}
}

static void bind_netem_part(const struct stmt *block, const char *keyword, struct netem_part *part)
{
	const struct stmt *s = stmt_child(block, keyword);

	if (!s)
		return;
	const struct value *correlation = stmt_value(s, "correlation"), *gap = stmt_value(s, "gap");

	part->set = true;
	part->part_ppm = (uint32_t)stmt_number(s, "part");
	part->correlation_ppm = correlation ? (uint32_t)correlation->number : 0;
	part->gap = gap ? (uint32_t)gap->number : 0;
	part->place = s->place;
}

static void bind_netem(const struct stmt *block, struct shaper *sh)
{
	const struct stmt *delay = stmt_child(block, "delay");

	if (delay) {
		sh->has_delay = true;
		sh->delay_us = stmt_number(delay, "time");
		sh->jitter_us = stmt_number(delay, "jitter");
		sh->delay_correlation_ppm = (uint32_t)stmt_number(delay, "correlation");
		sh->delay_place = delay->place;
	}
	bind_netem_part(block, "loss", &sh->loss);
	bind_netem_part(block, "duplicate", &sh->duplicate);
	bind_netem_part(block, "corrupt", &sh->corrupt);
	bind_netem_part(block, "reorder", &sh->reorder);
	sh->has_netem = sh->has_delay || sh->loss.set || sh->duplicate.set || sh->corrupt.set || sh->reorder.set;
	sh->limit_packets = block_given(block, "limit");
	if (!sh->limit_packets.set)
		sh->limit_packets.value = block_number(block, BLOCK_SHAPER, "limit");
}

/* A class has defaults for all its figures; they follow the rate, also where it is written after them. */
static void bind_class(const struct stmt *block, struct shaper *sh)
{
	sh->engine = (enum shaper_engine)block_number(block, BLOCK_SHAPER, "engine");
	sh->rate_bps = block_given(block, "rate");
	sh->ceil_bps = block_given(block, "ceil");
	sh->burst_bytes = block_given(block, "burst");
	sh->cburst_bytes = block_given(block, "cburst");
	sh->quantum_bytes = block_given(block, "quantum");
	if (!sh->ceil_bps.set)
		sh->ceil_bps.value = sh->rate_bps.value;
	if (!sh->burst_bytes.set)
		sh->burst_bytes.value = bytes_in(sh->rate_bps.value, 4000) + BURST_LEAST;
	if (!sh->cburst_bytes.set)
		sh->cburst_bytes.value = block_number(block, BLOCK_SHAPER, "cburst");
	if (!sh->quantum_bytes.set)
		sh->quantum_bytes.value = block_number(block, BLOCK_SHAPER, "quantum");
}

static void bind_shaper(const struct stmt *s, struct shaper *sh)
{
	sh->name = s->name ? s->name->text : NULL;
	sh->place = *stmt_place(s);
	bind_class(s, sh);
	bind_queue(stmt_child(s, "queue"), sh);
	bind_netem(s, sh);
	if (sh->queue == QUEUE_NONE && sh->rate_bps.set && sh->engine == ENGINE_HTB) {
		sh->queue = QUEUE_PACKETS;
		sh->queue_packets = 1000;
	}
}

static struct shaper *bind_shapers(struct binding *b, struct bound *m)
{
	const struct objects *o = &m->objects[OBJECT_SHAPER];
	struct shaper *list = arena_array(b->arena, struct shaper, o->n);

	for (size_t i = 0; i < o->n; i++)
		bind_shaper(o->list[i].stmt, &list[i]);
	m->machine->shapers = list;
	m->machine->n_shapers = o->n;
	return list;
}

/* ---- interfaces ------------------------------------------------------------------------------------------------ */

static const struct shaper *interface_shaper(struct binding *b, struct bound *m, const struct stmt *s)
{
	const struct value *name = stmt_value(s, "value");

	if (s->has_block) {
		struct shaper *own = arena_one(b->arena, struct shaper);

		bind_shaper(s, own);
		return own;
	}
	const ptrdiff_t at = name ? bind_find(b, m, OBJECT_SHAPER, s, name) : -1;

	return at < 0 ? NULL : &m->machine->shapers[at];
}

static void bind_interface(struct binding *b, struct bound *m, struct object *object, struct interface *i)
{
	const struct stmt *s = object->stmt, *shaper = stmt_child(s, "shaper");
	const struct value *v;

	i->name = object->name;
	i->place = s->name->place;
	if ((v = block_typed(s, "device", VALUE_DEVICE)) != NULL) {
		i->by = BY_DEVICE;
		i->device = v->text;
	} else if ((v = block_typed(s, "address", VALUE_ADDRESS)) != NULL) {
		i->by = BY_ADDRESS;
		i->address = v->address;
	} else if ((v = block_typed(s, "toward", VALUE_ADDRESS)) != NULL) {
		i->by = BY_TOWARD;
		i->address = v->address;
	}
	i->by_place = v ? v->place : i->place;
	i->replace_qdisc = stmt_child(s, "replace-qdisc") != NULL;
	if (!shaper)
		return;
	i->shaper = interface_shaper(b, m, shaper);
	i->shaper_place = shaper->n_fields > 0 && shaper->fields[0].n > 0 ? shaper->fields[0].values[0].place
									  : shaper->place;
	object->sound = object->sound && i->shaper;
}

static void bind_interfaces(struct binding *b, struct bound *m)
{
	const struct objects *o = &m->objects[OBJECT_INTERFACE];
	struct interface *list = arena_array(b->arena, struct interface, o->n);

	for (size_t i = 0; i < o->n; i++)
		bind_interface(b, m, &o->list[i], &list[i]);
	m->machine->interfaces = list;
	m->machine->n_interfaces = o->n;
}

/* ---- paths ----------------------------------------------------------------------------------------------------- */

static void bind_via(const struct stmt *s, struct path *p)
{
	const struct stmt *via = stmt_child(s, "via");
	const struct field *f = via ? stmt_field(via, "value") : NULL;

	p->point_to_point = !via;
	if (!f || f->n == 0)
		return;
	p->via_place = f->values[0].place;
	for (size_t i = 0; i < f->n; i++) {
		const struct value *v = &f->values[i];

		if (v->type == VALUE_CHOICE) {
			p->via_auto = true;
		} else if (v->type == VALUE_ADDRESS && v->address.family == AF_INET) {
			p->via4 = v->address;
			p->via4_place = v->place;
		} else if (v->type == VALUE_ADDRESS) {
			p->via6 = v->address;
			p->via6_place = v->place;
		}
	}
}

static void bind_probe(const struct stmt *s, struct probe_conf *p)
{
	const struct value *target = stmt_value(s, "target"), *url = stmt_value(s, "url");
	const struct value *status = field_typed(s, "status", VALUE_CODES);

	p->kind = (enum probe_kind)stmt_number(s, "kind");
	p->place = target ? target->place : s->place;
	if (target && target->type == VALUE_ADDRESS)
		p->target.addr = target->address;
	else if (target && target->type == VALUE_ENDPOINT)
		p->target = target->endpoint;
	p->url = url ? url->text : "/";
	p->interval_us = stmt_number(s, "interval");
	p->timeout_us = stmt_number(s, "timeout");
	p->rise = (uint32_t)stmt_number(s, "rise");
	p->fall = (uint32_t)stmt_number(s, "fall");
	p->status_min = status ? status->codes.min : 200;
	p->status_max = status ? status->codes.max : 399;
}

/* The probes of a path are the same on every machine; only the path is made anew for each. */
static void bind_probes(struct binding *b, const struct stmt *s, struct path *p)
{
	size_t n = 0;

	for (const struct stmt *c = stmt_child(s, "probe"); c; c = stmt_after(c))
		n++;
	struct probe_conf *list = arena_array(b->arena, struct probe_conf, n);

	for (const struct stmt *c = stmt_child(s, "probe"); c; c = stmt_after(c))
		bind_probe(c, &list[p->n_probes++]);
	p->probes = list;
}

static void bind_path(struct binding *b, struct bound *m, struct object *object, struct path *p)
{
	const struct stmt *s = object->stmt, *interface = stmt_child(s, "interface");
	const struct value *name = interface ? stmt_value(interface, "value") : NULL;
	const struct value *table = stmt_get(s, "table");
	const ptrdiff_t at = name ? bind_find(b, m, OBJECT_INTERFACE, interface, name) : -1;

	p->name = object->name;
	p->place = s->name->place;
	if (name)
		p->interface_place = name->place;
	if (at >= 0)
		p->interface = &m->machine->interfaces[at];
	object->sound = object->sound && at >= 0;
	bind_via(s, p);
	p->weight = (uint32_t)block_number(s, BLOCK_PATH, "weight");
	p->mark = block_given(s, "mark");
	p->table = block_given(s, "table");
	if (table && table->type == VALUE_CHOICE) {
		p->table_main = true;
		p->table.set = false;
	}
	bind_probes(b, s, p);
	p->quorum = (uint32_t)block_number(s, BLOCK_PATH, "quorum");
}

static void bind_paths(struct binding *b, struct bound *m)
{
	const struct objects *o = &m->objects[OBJECT_PATH];
	struct path *list = arena_array(b->arena, struct path, o->n);

	for (size_t i = 0; i < o->n; i++)
		bind_path(b, m, &o->list[i], &list[i]);
	m->machine->paths = list;
	m->machine->n_paths = o->n;
}

/* ---- balances -------------------------------------------------------------------------------------------------- */

static bool bind_in(struct binding *b, struct bound *m, const struct stmt *s, struct balance *out)
{
	const size_t room = count_values(s, "in");

	out->in = arena_array(b->arena, const struct interface *, room);
	out->in_places = arena_array(b->arena, struct place, room);
	for (const struct stmt *c = stmt_child(s, "in"); c; c = stmt_after(c)) {
		const struct field *f = stmt_field(c, "value");

		for (size_t i = 0; f && i < f->n; i++) {
			const ptrdiff_t at = bind_find(b, m, OBJECT_INTERFACE, c, &f->values[i]);

			if (at < 0)
				continue;
			out->in[out->n_in] = &m->machine->interfaces[at];
			out->in_places[out->n_in++] = f->values[i].place;
		}
	}
	return out->n_in == room;
}

static bool bind_members(struct binding *b, struct bound *m, const struct stmt *s, struct balance *out)
{
	size_t n = 0;

	for (const struct stmt *c = stmt_child(s, "path"); c; c = stmt_after(c))
		n++;
	struct balance_member *list = arena_array(b->arena, struct balance_member, n);

	for (const struct stmt *c = stmt_child(s, "path"); c; c = stmt_after(c)) {
		const struct value *name = stmt_value(c, "name"), *weight = field_typed(c, "weight", VALUE_INT);
		const ptrdiff_t at = name ? bind_find(b, m, OBJECT_PATH, c, name) : -1;

		if (at < 0)
			continue;
		list[out->n_members++] = (struct balance_member){
			.path = &m->machine->paths[at],
			.place = name->place,
			.weight = weight ? (uint32_t)weight->number : m->machine->paths[at].weight,
			.weight_set = weight != NULL,
			.weight_place = weight ? weight->place : name->place,
			.backup = stmt_field(c, "backup") != NULL,
		};
	}
	out->members = list;
	return n > 0 && out->n_members == n;
}

static void bind_protocol(const struct stmt *s, struct balance *out)
{
	static const uint8_t numbers[] = { 6, 17, 132, 1 };     /* tcp, udp, sctp, icmp: in the table's order */
	const struct value *v = stmt_get(s, "protocol");

	if (!v || (v->type != VALUE_INT && v->type != VALUE_CHOICE))
		return;
	out->has_protocol = true;
	out->protocol_place = v->place;
	out->protocol_icmp = v->type == VALUE_CHOICE && numbers[v->number] == 1;
	if (!out->protocol_icmp)
		out->protocol = v->type == VALUE_CHOICE ? numbers[v->number] : (uint8_t)v->number;
}

static void bind_method(const struct stmt *s, struct balance *out)
{
	const struct value *v = block_typed(s, "method", VALUE_METHOD);
	const struct value *option;

	out->method = policies[POLICY_PER_FLOW];
	out->method_place = out->place;
	if (!v)
		return;
	const struct stmt *method = stmt_child(s, "method");

	out->method = v->method;
	out->method_place = v->place;
	if ((option = field_typed(method, "pick", VALUE_CHOICE)) != NULL)
		out->pick = (enum pick_how)option->number;
	if ((option = field_typed(method, "on", VALUE_CHOICE)) != NULL)
		out->on = (enum hash_on)option->number;
	if ((option = field_typed(method, "seed", VALUE_INT)) != NULL)
		out->seed = (struct opt_u64){ .value = option->number, .set = true, .place = option->place };
	if ((option = field_typed(method, "engine", VALUE_CHOICE)) != NULL)
		out->engine_nexthop = option->number == 1;
	out->compat_seed = field_typed(method, "compat", VALUE_CHOICE) != NULL;
}

static void bind_balance(struct binding *b, struct bound *m, struct object *object, struct balance *out)
{
	const struct stmt *s = object->stmt;

	out->name = object->name;
	out->place = s->name->place;
	const bool found_in = bind_in(b, m, s, out);
	const bool found_members = bind_members(b, m, s, out);

	out->from = bind_prefixes(b, s, "from", &out->n_from);
	out->to = bind_prefixes(b, s, "to", &out->n_to);
	bind_protocol(s, out);
	out->scope = (enum scope)block_number(s, BLOCK_BALANCE, "scope");
	bind_method(s, out);
	object->sound = object->sound && found_in && found_members && (out->method->where & POLICY_BALANCE) &&
			out->n_in + out->n_from + out->n_to > 0;
	out->slots = (uint32_t)block_number(s, BLOCK_BALANCE, "slots");
	out->when_down = (enum when_down)block_number(s, BLOCK_BALANCE, "when-down");
	out->when_all_down = (enum when_all_down)block_number(s, BLOCK_BALANCE, "when-all-down");
	out->inbound_same_path = out->method->kind == POLICY_PER_FLOW &&
				 block_number(s, BLOCK_BALANCE, "inbound") == 0;
}

static void bind_balances(struct binding *b, struct bound *m)
{
	const struct objects *o = &m->objects[OBJECT_BALANCE];
	struct balance *list = arena_array(b->arena, struct balance, o->n);

	for (size_t i = 0; i < o->n; i++)
		bind_balance(b, m, &o->list[i], &list[i]);
	m->machine->balances = list;
	m->machine->n_balances = o->n;
}

/* ---- settings -------------------------------------------------------------------------------------------------- */

static void bind_sysctls(struct binding *b, struct bound *m)
{
	struct sysctl_line *list = arena_array(b->arena, struct sysctl_line, m->n_sysctls);

	for (size_t i = 0; i < m->n_sysctls; i++) {
		const struct value *name = stmt_value(m->sysctls[i], "name");
		const struct value *value = stmt_value(m->sysctls[i], "value");

		list[i] = (struct sysctl_line){ .name = name ? name->text : "", .value = value ? value->text : "" };
		if (name)
			list[i].place = name->place;
		if (value)
			list[i].value_place = value->place;
	}
	m->machine->sysctls = list;
	m->machine->n_sysctls = m->n_sysctls;
}

void bind_packet(struct binding *b, struct bound *m)
{
	bind_shapers(b, m);
	bind_interfaces(b, m);
	bind_paths(b, m);
	bind_balances(b, m);
	bind_sysctls(b, m);
}
