/* SPDX-License-Identifier: MIT */
/* AS relationships, and clients, destinations, suspects and prefixes beside them; bytes up to each 0x1e are another file, which
 * no text holds. Whatever they are, they are read or explained, and the routes that follow are such that no AS would change
 * its mind when it looks at what its neighbours offer. */
#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "files.h"
#include "fuzz.h"
#include "weights/penalty.h"
#include "weights/relations.h"
#include "weights/routes.h"

enum { RELATIONS, CLIENTS, DESTINATIONS, SUSPECTS, PREFIXES, PARTS, RELAYS = PARTS, SEPARATOR = 0x1e, MOST = 48 };

static const char usual_clients[] = "location,weight\nAS3,1\n7,2\n";
static const char usual_destinations[] = "as,weight\n4,1\n7,3\n";
static const char usual_suspects[] = "1\n2\n";
static const char usual_prefixes[] = "1.0.0.0\t16\t1\n1.0.4.0\t24\t4\n1.0.5.0\t24\t5\n1.0.6.0\t24\t6_7\n";
static const char consensus[] =
	"network-status-version 3\nvote-status consensus\nconsensus-method 29\nvalid-after 2020-02-29 10:00:00\n"
	"fresh-until 2020-02-29 11:00:00\nvalid-until 2020-02-29 13:00:00\n"
	"r a AAAAAAAAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAAAAAAAA 2020-02-29 09:00:00 1.0.4.1 9001 0\ns Guard\nw Bandwidth=5\n"
	"r b ABAAAAAAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAAAAAAAA 2020-02-29 09:00:00 1.0.5.1 9001 0\ns Exit Guard\nw Bandwidth=5\n"
	"r c ACAAAAAAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAAAAAAAA 2020-02-29 09:00:00 1.0.6.1 9001 0\ns Exit\nw Bandwidth=5\n"
	"directory-footer\nbandwidth-weights Wbd=3333 Wbe=0 Wbg=4000 Wbm=10000 Wdb=10000 Web=10000 Wed=10000 Wee=10000 Weg=10000 "
	"Wem=10000 Wgb=10000 Wgd=0 Wgg=6000 Wgm=6000 Wmb=10000 Wmd=0 Wme=0 Wmg=4000 Wmm=10000\n";

static void require(bool is_true)
{
	if (!is_true)
		abort();
}

/* ---- routes ---------------------------------------------------------------------------------------------------- */
enum { NO_KIND, FROM_CUSTOMER, FROM_PEER, FROM_PROVIDER };       /* the best first */
struct tree {
	const struct relations *r;
	uint32_t to;
	uint32_t path[MOST][MOST];
	size_t length[MOST];
	int kind[MOST];
};

static bool is_beside(const struct neighbours *n, uint32_t x, uint32_t y)
{
	for (uint32_t i = n->from[x]; i < n->from[x + 1]; i++)
		if (n->list[i] == y)
			return true;
	return false;
}

/* As what x hears of y's route: a customer and a peer tell those that go everywhere, a provider all. */
static int offer(const struct tree *t, uint32_t x, uint32_t y)
{
	const bool is_everywhere = y == t->to || t->kind[y] == FROM_CUSTOMER;

	for (size_t i = 0; i < t->length[y]; i++)
		if (t->path[y][i] == x)
			return NO_KIND;
	if (t->length[y] == 0)
		return NO_KIND;
	if (is_everywhere && is_beside(&t->r->customers, x, y))
		return FROM_CUSTOMER;
	if (is_everywhere && is_beside(&t->r->peers, x, y))
		return FROM_PEER;
	return is_beside(&t->r->providers, x, y) ? FROM_PROVIDER : NO_KIND;
}

/* What kind of route each has follows from its end: the destination's goes everywhere. */
static void find_kinds(struct tree *t, size_t n)
{
	for (size_t length = 2; length <= n; length++)
		for (uint32_t x = 0; x < n; x++)
			if (t->length[x] == length) {
				t->kind[x] = offer(t, x, t->path[x][1]);
				require(t->kind[x] != NO_KIND);
			}
}

static void require_content(const struct tree *t, size_t n, uint32_t x)
{
	size_t length = 0;
	uint32_t next = 0;
	int kind = NO_KIND;

	for (uint32_t y = 0; y < n; y++) {
		const int offered = y == x ? NO_KIND : offer(t, x, y);
		if (offered == NO_KIND)
			continue;
		if (kind == NO_KIND || offered < kind || (offered == kind && t->length[y] + 1 < length)) {
			kind = offered;
			length = t->length[y] + 1;
			next = y;
		}
	}
	require(t->length[x] == length && t->kind[x] == kind && (length == 0 || t->path[x][1] == next));
}

static void look_at_tree(struct routes *routes, const struct relations *r, uint32_t to)
{
	struct tree t = { .r = r, .to = to };
	const size_t n = r->ases.n;

	routes_towards(routes, to);
	for (uint32_t x = 0; x < n; x++)
		t.length[x] = routes_path(routes, x, t.path[x]);
	require(t.length[to] == 1);
	find_kinds(&t, n);
	for (uint32_t x = 0; x < n; x++)
		if (x != to)
			require_content(&t, n, x);
}

static void look_at_routes(const char *path, bool lenient, struct arena *a)
{
	struct diags d;

	diags_init(&d, a);
	const struct relations *r = relations_read(path, NULL, lenient, a, &d);
	require(!r == (d.n_errors > 0));
	if (!r || r->ases.n > MOST)
		return;
	struct routes *routes = routes_new(r);
	for (uint32_t to = 0; to < r->ases.n; to++)
		look_at_tree(routes, r, to);
	routes_free(routes);
}

/* ---- penalties ------------------------------------------------------------------------------------------------- */
static void look_at_penalties(char paths[][FUZZ_PATH], bool lenient, bool by_suspects, struct arena *a)
{
	auto_text struct text shown = { 0 };
	struct diags d;
	const struct penalty_wish w = {
		.relations = paths[RELATIONS], .relays = paths[RELAYS], .clients = paths[CLIENTS], .prefixes = paths[PREFIXES],
		.destinations = by_suspects ? NULL : paths[DESTINATIONS], .suspects = by_suspects ? paths[SUSPECTS] : NULL,
		.samples = 64, .threads = 1, .lenient = lenient,
	};

	diags_init(&d, a);
	const struct penalties *p = penalty_compute(&w, NULL, a, &d);
	require(!p == (d.n_errors > 0));
	for (size_t i = 0; p && i < p->values.rows; i++)
		for (size_t k = 0; k < p->values.columns; k++)
			require(by_suspects || values_at(&p->values, i, k) <= p->scale);
	diags_print(&d, DIAG_HUMAN, paths[RELATIONS], false, &shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const struct {
		const char *text;
		size_t n;
	} usual[PARTS] = {
		[RELATIONS] = { "", 0 },
		[CLIENTS] = { usual_clients, sizeof(usual_clients) - 1 },
		[DESTINATIONS] = { usual_destinations, sizeof(usual_destinations) - 1 },
		[SUSPECTS] = { usual_suspects, sizeof(usual_suspects) - 1 },
		[PREFIXES] = { usual_prefixes, sizeof(usual_prefixes) - 1 },
	};
	char paths[PARTS + 1][FUZZ_PATH];

	for (size_t k = 0; k < PARTS; k++) {
		const uint8_t *end = k + 1 < PARTS && n > 0 ? memchr(bytes, SEPARATOR, n) : NULL;
		const size_t length = end ? (size_t)(end - bytes) : n;

		if (length > 0)
			fuzz_file((unsigned)k, bytes, length, paths[k]);
		else
			fuzz_file((unsigned)k, (const uint8_t *)usual[k].text, usual[k].n, paths[k]);
		bytes += length + (end != NULL);
		n -= length + (end != NULL);
	}
	fuzz_file(RELAYS, (const uint8_t *)consensus, sizeof(consensus) - 1, paths[RELAYS]);
	for (unsigned way = 0; way < 4; way++) {
		struct arena *a = arena_new();
		if (way < 2)
			look_at_routes(paths[RELATIONS], way, a);
		look_at_penalties(paths, way % 2, way / 2, a);
		arena_free(a);
	}
	return 0;
}
