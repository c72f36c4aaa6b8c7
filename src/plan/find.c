/* SPDX-License-Identifier: MIT */
/* What the names in a plan's ops stand for. */
#include "base/base.h"

#include "plan/plan.h"

const struct chain *plan_chain(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n_chains; i++)
		if (strcmp(p->chains[i].name, name) == 0)
			return &p->chains[i];
	BUG("no chain '%s'", name);
}

const struct map *plan_map(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n_maps; i++)
		if (strcmp(p->maps[i].name, name) == 0)
			return &p->maps[i];
	BUG("no map '%s'", name);
}

const struct set *plan_set(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n_sets; i++)
		if (strcmp(p->sets[i].name, name) == 0)
			return &p->sets[i];
	BUG("no set '%s'", name);
}
