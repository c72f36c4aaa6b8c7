/* SPDX-License-Identifier: MIT */
/* Machines made by hand, for tests of what comes after the reader: the two references of packet.md section 5 and
 * balances of any number of paths. `facts_ask` and `plan_compile` take them as they are. */
#ifndef NLBC_TEST_SAMPLE_MACHINE_H
#define NLBC_TEST_SAMPLE_MACHINE_H

#include "base/arena.h"
#include "profile/profile.h"

struct sample {
	struct arena *a;
	struct machine m;
	struct interface *interfaces;
	struct path *paths;
	struct balance *balance;        /* the only one */
	struct balance_member *members;
};

static inline struct addr sample_addr(const char *text)
{
	struct addr a;

	if (addr_parse(str_of(text), &a) != 0)
		BUG("address %s", text);
	return a;
}

static inline const struct prefix_value *sample_prefixes(struct arena *a, const char *const *texts, size_t n)
{
	struct prefix_value *list = arena_array(a, struct prefix_value, n);

	for (size_t i = 0; i < n; i++) {
		list[i] = (struct prefix_value){ .text = texts[i], .has_length = true };
		if (prefix_parse(str_of(texts[i]), &list[i].prefix, &list[i].raw) != 0)
			BUG("prefix %s", texts[i]);
	}
	return list;
}
#define SAMPLE_PREFIXES(a, ...) sample_prefixes((a), (const char *const[]){ __VA_ARGS__ }, \
						sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* Interface `back` on eth1, paths p1 ... pN by eth2 ..., next hops in 10.10.2.0/24 and, if ip6, below fd00:10::; one
 * balance `forward` over all of them with equal weights and 256 slots, to 10.10.3.0/24. */
static inline struct sample sample_machine(struct arena *a, size_t n_paths, enum policy_kind method, bool ip6)
{
	struct sample s = {
		.a = a, .interfaces = arena_array(a, struct interface, n_paths + 1),
		.paths = arena_array(a, struct path, n_paths), .balance = arena_one(a, struct balance),
		.members = arena_array(a, struct balance_member, n_paths),
	};

	s.interfaces[0] = (struct interface){ .name = "back", .by = BY_DEVICE, .device = "eth1" };
	for (size_t i = 0; i < n_paths; i++) {
		const unsigned n = (unsigned)i + 1;
		const char *name = arena_printf(a, "p%u", n);

		s.interfaces[n] = (struct interface){
			.name = name, .by = BY_DEVICE, .device = arena_printf(a, "eth%u", n + 1),
		};
		s.paths[i] = (struct path){
			.name = name, .interface = &s.interfaces[n], .weight = 1, .quorum = 1,
			.via4 = sample_addr(arena_printf(a, "10.10.%u.%u", 2 + n / 100, n % 100 * 2)),
		};
		if (ip6)
			s.paths[i].via6 = sample_addr(arena_printf(a, "fd00:10:%u::2", 20 + n));
		s.members[i] = (struct balance_member){ .path = &s.paths[i], .weight = 1 };
	}
	*s.balance = (struct balance){
		.name = "forward", .method = policies[method], .members = s.members, .n_members = n_paths,
		.to = SAMPLE_PREFIXES(a, "10.10.3.0/24", "fd00:10:3::/64"), .n_to = ip6 ? 2 : 1, .slots = 256,
		.inbound_same_path = method == POLICY_PER_FLOW,
	};
	s.m = (struct machine){
		.profile = "sample",
		.kernel = { .mark_mask = 0x7f000000, .rule_base = 9000, .table_base = 71000, .route_protocol = 110 },
		.interfaces = s.interfaces, .n_interfaces = n_paths + 1, .paths = s.paths, .n_paths = n_paths,
		.balances = s.balance, .n_balances = 1,
	};
	return s;
}

/* packet.md 5.1: per-packet.prof on the router. */
static inline struct sample sample_per_packet(struct arena *a)
{
	struct sample s = sample_machine(a, 2, POLICY_PER_PACKET, false);

	s.m.profile = "per-packet";
	s.paths[0].table_main = true;
	s.balance->from = SAMPLE_PREFIXES(a, "10.10.1.0/24");
	s.balance->n_from = 1;
	return s;
}

/* packet.md 5.2: per-flow.prof with 16 slots, and IPv6 added to the paths and to `to`. */
static inline struct sample sample_per_flow(struct arena *a)
{
	struct sample s = sample_machine(a, 2, POLICY_PER_FLOW, true);

	s.m.profile = "per-flow";
	s.paths[0].table_main = true;
	s.balance->slots = 16;
	s.balance->in = arena_one(a, const struct interface *);
	s.balance->in[0] = &s.interfaces[0];
	s.balance->n_in = 1;
	return s;
}

#endif
