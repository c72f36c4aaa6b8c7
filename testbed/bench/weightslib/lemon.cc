// SPDX-License-Identifier: MIT
// lemon PROBLEM [RULE [mixed]]: solves a problem file by LEMON's network simplex. RULE: block (LEMON's own choice), altering,
// candidate, first, best; mixed: arcs in the other order that LEMON offers. Amounts are 64-bit integers, costs are COST.
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

#include "locaw.h"

typedef COST Cost;
typedef lemon::SmartDigraph Graph;
typedef lemon::NetworkSimplex<Graph, int64_t, Cost> Simplex;

// Numbers that follow from the arc or node, so that LEMON's own tables are the only copy of them. Arc l · n + i leads
// from location l to relay i; nodes are the locations, then the relays.
struct Costs {
	typedef Graph::Arc Key;
	typedef Cost Value;
	const locaw &d;
	Value operator[](Key a) const { return d.penalty[Graph::id(a)]; }
};
struct Bounds {
	typedef Graph::Arc Key;
	typedef int64_t Value;
	const locaw &d;
	Value operator[](Key a) const { return d.weight[Graph::id(a) / d.n] * d.bound[Graph::id(a) % d.n]; }
};
struct Supplies {
	typedef Graph::Node Key;
	typedef int64_t Value;
	const locaw &d;
	Value operator[](Key v) const
	{
		int k = Graph::id(v);

		return k < d.m ? d.weight[k] * d.supply : -d.clients * d.capacity[k - d.m];
	}
};

static Simplex::PivotRule rule(const char *name)
{
	static const struct {
		const char *name;
		Simplex::PivotRule rule;
	} rules[] = {
		{ "block", Simplex::BLOCK_SEARCH }, { "altering", Simplex::ALTERING_LIST },
		{ "candidate", Simplex::CANDIDATE_LIST }, { "first", Simplex::FIRST_ELIGIBLE },
		{ "best", Simplex::BEST_ELIGIBLE },
	};

	for (const auto &r : rules)
		if (!strcmp(name, r.name))
			return r.rule;
	locaw_need(0, "no such rule");
	return Simplex::BLOCK_SEARCH;
}

// The sum of amount times penalty, in decimal. (totalCost() would add up in a type of LEMON's.)
static const char *value(const locaw &d, const Simplex &simplex, char text[48])
{
	unsigned __int128 z = 0;
	char *p = text + 47;

	for (int a = 0; a < d.m * d.n; a++)
		z += (unsigned __int128)simplex.flow(Graph::arcFromId(a)) * d.penalty[a];
	*p = '\0';
	do
		*--p = (char)('0' + (int)(z % 10));
	while (z /= 10);
	return p;
}

int main(int argc, char **argv)
{
	locaw_need(argc >= 2, "usage: lemon PROBLEM [RULE [mixed]]");
	const locaw d = locaw_read(argv[1]);
	const Simplex::PivotRule chosen = rule(argc > 2 ? argv[2] : "block");
	char text[48];
	const double begun = locaw_cpu();

	Graph g;
	g.reserveNode(d.m + d.n);
	g.reserveArc(d.m * d.n);
	for (int k = 0; k < d.m + d.n; k++)
		g.addNode();
	for (int l = 0; l < d.m; l++)
		for (int i = 0; i < d.n; i++)
			g.addArc(Graph::nodeFromId(l), Graph::nodeFromId(d.m + i));
	Simplex simplex(g, argc > 3);
	simplex.costMap(Costs{ d }).upperMap(Bounds{ d }).supplyMap(Supplies{ d });
	locaw_need(simplex.run(chosen) == Simplex::OPTIMAL, "no optimum");
	const char *z = value(d, simplex, text);
	locaw_say(z, locaw_cpu() - begun, LEMON_VERSION);
	return 0;
}
