/* SPDX-License-Identifier: MIT */
/* A plan in the making: what the compile_*.c files share. Nobody else includes this. */
#ifndef NLBC_PLAN_COMPILE_H
#define NLBC_PLAN_COMPILE_H

#include "plan/area.h"
#include "plan/names.h"
#include "plan/plan.h"

enum { OWNER_REFUSED = UINT16_MAX };    /* in struct owner_list */
enum { RULES_NEAR = 46, RULES_NEXTHOP = 16, LIST_LIMIT = 4096, TABLE_MAIN = 254 };

#define LIST_OF(type) struct { type *list; size_t n, room; }
/* The next element of a list that grows in arena a, zeroed. */
#define LIST_ADD(a, l) (((l)->list = arena_grow((a), (l)->list, (l)->n, &(l)->room, sizeof(*(l)->list))), \
			&(l)->list[(l)->n++])

/* Room for n elements at once, in a list that is still empty. */
#define LIST_ROOM(a, l, n_) ((l)->list = arena_alloc((a), (n_) * sizeof(*(l)->list)), (l)->room = (n_))

struct path_work {
	struct plan_path *out;
	const struct fact_interface *fact;
	bool shared;                    /* its device is another path's too */
	bool steered;                   /* a balance marks packets for it */
	bool routed;                    /* a balance of any engine uses it, or a probe */
	bool off;                       /* device switched off, or `via auto` without one: no routes */
	bool dead;                      /* off, or without carrier: the kernel makes no next-hop objects by it */
	bool saves;                     /* arrivals are remembered in the connection */
	bool is_input;                  /* its device is in `in` of a balance */
	uint32_t mask;                  /* of its mark */
	const char *from;               /* chain from_P; NULL: no arrival mark */
};

/* Who owns each entry: one list for all packets, or one for each family where the members differ. */
struct list_work {
	const char *memory_name, *map_name;
	uint16_t *owner;                /* member, or SLOT_FREE */
	uint32_t size;                  /* S or T */
	bool refused;                   /* every entry is */
	bool kept;                      /* as it was before the last member failed */
};

struct balance_work {
	const struct balance *conf;
	struct plan_balance *out;
	struct plan_member *members;
	struct area area;
	bool family[FAMILIES];          /* packets of it are steered */
	bool marks;                     /* engine slots: by packet marks */
	bool remembers;                 /* per-flow, but not compat seed */
	bool turns;                     /* turn list instead of slot list */
	bool refuses;                   /* there is a chain refuse_B */
	const char *choose, *live, *refuse;
	const char **pick, **stay;      /* chains of the members */
	struct list_work lists[FAMILIES];
	size_t n_lists;
};

struct compile {
	struct arena *a;
	struct diags *d;
	const struct machine *m;
	const struct facts *f;
	const struct memory *before;
	struct memory *after;
	struct plan *p;
	struct path_work *paths;                /* of machine->paths */
	struct balance_work *balances;          /* of machine->balances */
	struct balance_work **order;            /* inner before outer, else by name */
	const char **devices;                   /* of machine->interfaces */
	uint32_t highest;                       /* path number */
	bool compat;                            /* its only balance is compat seed */
	bool steering;                          /* only what a weight or state moves */
	LIST_OF(struct chain) chains;
	LIST_OF(struct set) sets;
	LIST_OF(struct map) maps;
	LIST_OF(struct counter) counters;
	LIST_OF(struct nexthop) nexthops;
	LIST_OF(struct route) routes;
	LIST_OF(struct rule) rules;
	LIST_OF(struct tc_tree) trees;
	LIST_OF(struct setting) settings;
	LIST_OF(struct owner_list) lists;       /* to be remembered */
};

static inline bool path_carries(const struct plan_path *p, unsigned family)
{
	return family == IP4 ? p->ip4 : p->ip6;
}

static inline bool member_is_dead(const struct plan_member *m)
{
	return m->path->state == MEMBER_DOWN || m->path->state == MEMBER_PROBING;
}

static inline struct path_work *path_work(const struct compile *c, const struct plan_path *p)
{
	return &c->paths[p - c->p->paths];
}

const char *join_parts(struct arena *a, const char *const *parts, size_t n);
/* Texts put together. */
#define JOIN(a, ...) join_parts((a), (const char *const[]){ __VA_ARGS__ }, \
				sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

/* The plan's side of one of the machine's paths. */
static inline struct plan_path *plan_path(const struct compile *c, const struct path *conf)
{
	const size_t index = (size_t)(conf - c->m->paths);

	if (index >= c->m->n_paths)
		BUG("path '%s' is not one of the machine's", conf->name);
	return &c->p->paths[index];
}

/* compile_paths.c: numbers, marks, tables, devices, families, states. */
void compile_paths(struct compile *c);
/* compile_balances.c: numbers, members, weights, areas, the order of trying; what only the plan can refuse. */
void compile_balances(struct compile *c);
/* compile_lists.c: turn lists and slot lists. */
void compile_lists(struct compile *c);
/* compile_steer.c: chains, sets, maps, counters. */
void compile_steer(struct compile *c);
/* compile_routes.c: next hops, routes, rules. */
void compile_routes(struct compile *c);
/* compile_settings.c */
void compile_settings(struct compile *c);
/* compile_shape.c */
void compile_shape(struct compile *c);

#endif
