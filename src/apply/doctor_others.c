/* SPDX-License-Identifier: MIT */
/* The doctor on others: who uses what is ours, and who takes away what we made. */
#include "base/base.h"

#include "apply/doctor_checks.h"
#include "plan/facts.h"

enum { USUAL_RULE_BLOCK = 200 };        /* packet.md section 10 */

/* Errors of these are in d already; there is nothing more to say. */
static enum looked told(int err UNUSED)
{
	return LOOKED;
}

static bool steers_by_nft(const struct exam *e)
{
	return !e->asked || (e->plan->n_chains && e->plan->kernel.target == TARGET_NFT);
}

enum looked check_nft(struct exam *e, struct diags *d)
{
	const struct changes none = { 0 };

	if (!steers_by_nft(e))
		return LOOKED_NOT;
	return told(target_nft.survey(e->session->kernel, e->plan, &none, &e->session->own, d));
}

static bool steers_by_legacy(const struct exam *e)
{
	return e->asked && e->plan->n_chains && e->plan->kernel.target == TARGET_IPTABLES;
}

/* With target iptables that is an error, which the next check tells. */
enum looked check_flavours(struct exam *e, struct diags *d)
{
	if (steers_by_legacy(e))
		return LOOKED_NOT;
	return told(warn_of_flavours(e->session->kernel, &e->plan->kernel.place, d));
}

/* As if all that a target wants were still to be added: what is ours does not count. */
static bool all_added(const struct exam *e, const struct target *t, struct changes *out)
{
	struct items nothing;

	items_init(&nothing, e->session->arena);
	for (size_t i = 0; i < e->road.n_steps; i++) {
		if (e->road.steps[i].target != t)
			continue;
		items_diff(&nothing, &e->road.steps[i].wanted, e->session->arena, out);
		return true;
	}
	return false;
}

enum looked check_legacy(struct exam *e, struct diags *d)
{
	struct changes all;

	if (!steers_by_legacy(e) || !all_added(e, &target_ipt, &all))
		return LOOKED_NOT;
	return told(target_ipt.survey(e->session->kernel, e->plan, &all, &e->session->own, d));
}

enum looked check_marks(struct exam *e, struct diags *d)
{
	if (e->asked && !e->plan->n_rules && !e->plan->n_chains)
		return LOOKED_NOT;
	return told(survey_marks(e->session->kernel, e->plan, d));
}

static bool has_rules(const struct plan *p, uint8_t family)
{
	for (size_t i = 0; i < p->n_rules; i++)
		if (p->rules[i].family == family)
			return true;
	return false;
}

/* Where nothing is applied, the block that a profile of few paths will take. */
enum looked check_preferences(struct exam *e, struct diags *d)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	enum looked looked = LOOKED_NOT;
	struct plan p = *e->plan;

	if (!e->asked)
		p.rule_size = USUAL_RULE_BLOCK;
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (!e->asked || has_rules(&p, families[i]))
			looked = told(survey_preferences(e->session->kernel, &p, families[i], d));
	return looked;
}

enum looked check_tables(struct exam *e, struct diags *d)
{
	struct changes all;

	if (!e->asked || !e->plan->n_routes || !all_added(e, &target_route, &all))
		return LOOKED_NOT;
	return told(survey_route_tables(e->session->kernel, e->plan, &all, d));
}

enum looked check_protocol(struct exam *e, struct diags *d)
{
	warn_of_protocol(e->request->root, e->plan->kernel.route_protocol, &e->plan->kernel.place, d);
	return LOOKED;
}

bool counts_packets(const struct balance *b)
{
	return b->method->kind == POLICY_PER_PACKET || b->method->kind == POLICY_RANDOM;
}

static bool is_counted(const struct plan *p, const struct plan_path *path)
{
	for (size_t i = 0; i < p->n_balances; i++)
		for (size_t m = 0; m < p->balances[i].n_members; m++)
			if (p->balances[i].members[m].path == path && counts_packets(p->balances[i].conf))
				return true;
	return false;
}

size_t exam_ways(const struct exam *e, bool counted, struct way_out **ways)
{
	const struct plan *p = e->plan;
	size_t n = 0;

	*ways = arena_array(e->session->arena, struct way_out, p->n_paths);
	for (size_t i = 0; e->asked && i < p->n_paths; i++) {
		const struct fact_interface *f = &p->facts->interfaces[facts_index(p->machine, p->paths[i].conf->interface)];
		bool known = !f->ifindex || (counted && !is_counted(p, &p->paths[i]));

		for (size_t w = 0; w < n && !known; w++)
			known = (*ways)[w].index == f->ifindex;
		if (!known)
			(*ways)[n++] = (struct way_out){ f->device, f->ifindex };
	}
	return n;
}

enum looked check_translation(struct exam *e, struct diags *d)
{
	struct way_out *ways;
	const size_t n = exam_ways(e, true, &ways);

	return n ? told(warn_of_nat(e->session->kernel, ways, n, d)) : LOOKED_NOT;
}

enum looked check_networkd(struct exam *e, struct diags *d)
{
	warn_of_networkd(e->request->root, &e->plan->kernel.place, d);
	return LOOKED;
}

enum looked check_networkmanager(struct exam *e, struct diags *d)
{
	struct way_out *ways;
	const size_t n = exam_ways(e, false, &ways);

	if (!n)
		return LOOKED_NOT;
	warn_of_networkmanager(e->request->root, ways, n, d);
	return LOOKED;
}

enum looked check_firewalls(struct exam *e, struct diags *d)
{
	if (e->asked && !e->plan->n_chains)
		return LOOKED_NOT;
	warn_of_firewalls(e->request->root, e->plan->kernel.target == TARGET_IPTABLES, d);
	return LOOKED;
}
