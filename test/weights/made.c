/* SPDX-License-Identifier: MIT */
/* Problems of weights.md section 9, exactly in the order in which it draws their numbers. */
#include "base/base.h"

#include <endian.h>
#include <errno.h>
#include <openssl/sha.h>

#include "made.h"

enum { UNIT = 10000, TRUNKS = 24, CARRIERS = 200, RELAY_ENDS = 400, RING = 1024, SCALE = 4096, HEADER = 24 };

const char *const made_kind_names[MADE_KINDS] = {
	[MADE_TIERS] = "tiers", [MADE_STEPS] = "steps", [MADE_RELAYS] = "relays", [MADE_PLAIN] = "plain",
};

/* TIERS(m, n) or TIERS(m, n, .member = …) */
#define TIERS(m_, ...) { .kind = MADE_TIERS, .m = m_, .n = __VA_ARGS__ }
const struct made_row made_rows[] = {
	{ .name = "tiers 20x100", .wish = TIERS(20, 100),
	  .digest = "a4bca97542bee108", .value = "51002361280931787413", .max = "2741775181502995062",
	  .second = "57893624083237516329" },
	{ .name = "plain 20x100", .wish = { .kind = MADE_PLAIN, .m = 20, .n = 100 },
	  .digest = "a94de473dd378998", .value = "3642655823292733815" },
	{ .name = "tiers 250x400", .wish = TIERS(250, 400),
	  .digest = "43978a1283288f74", .value = "154160535602838737985" },
	{ .name = "plain 250x1000", .wish = { .kind = MADE_PLAIN, .m = 250, .n = 1000 },
	  .digest = "6ae34603b6b0d296", .value = "114151768948214787837",
	  .max = "402522446313939119", .second = "149462624356056430346" },
	{ .name = "tiers 1000x400", .wish = TIERS(1000, 400),
	  .digest = "21d0b7795645507e", .value = "207874321421909516998", .max = "4456033139374551748",
	  .second = "240890654086326800857" },
	{ .name = "steps 1000x400", .wish = { .kind = MADE_STEPS, .m = 1000, .n = 400 },
	  .digest = "4826b840c94653aa", .value = "126226076719139810304" },
	{ .name = "relays 1000x2100", .wish = { .kind = MADE_RELAYS, .m = 1000, .n = 2100 },
	  .digest = "6bef0855075ad9aa", .value = "163892087928951868670", .is_slow = true },
	{ .name = "plain 1000x3000", .wish = { .kind = MADE_PLAIN, .m = 1000, .n = 3000 },
	  .digest = "0443c201fcb8b402", .value = "448896521818456812427", .is_slow = true },
	{ .name = "tiers 7200x400", .wish = TIERS(7200, 400),
	  .digest = "bde2e8e36bf2c1d3", .value = "284671168265233908749", .is_slow = true },
	{ .name = "tiers 7200x400, Wgg 1", .wish = TIERS(7200, 400, .wgg = 10000),
	  .digest = "7b56680224178d90", .value = "568327948920142130000", .is_slow = true },
	{ .name = "tiers 1000x400, Wgg 0.9611", .wish = TIERS(1000, 400, .wgg = 9611),
	  .digest = "daf40c3c019095c8", .value = "394238352090229304568" },
	{ .name = "tiers 1000x400, Wgg 1", .wish = TIERS(1000, 400, .wgg = 10000),
	  .digest = "57f6b171121ed8a3", .value = "415332141451104120000" },
	{ .name = "tiers 1000x400, theta 2", .wish = TIERS(1000, 400, .theta = 2000),
	  .digest = "4574f3495700a7ee", .value = "273345421420659870900" },
	{ .name = "tiers 1000x400, theta 1.5", .wish = TIERS(1000, 400, .theta = 1500),
	  .digest = "85e426685ad0fd8b", .value = "313361009527473653599",
	  .merged = "313361009518053955247" },
	{ .name = "tiers 1000x400, theta 1", .wish = TIERS(1000, 400, .theta = 1000),
	  .digest = "afbfbf2844086f8a", .value = "430838036858065975114" },
	{ .name = "tiers 1000x400, cut at 640", .wish = TIERS(1000, 400, .cut = 640),
	  .digest = "be1611819843740c", .value = "794139130075383" },
	{ .name = "tiers 1000x400, all 7", .wish = TIERS(1000, 400, .constant = 7),
	  .digest = "50ee7071550cc035", .value = "4404244171341596645" },
	{ .name = "tiers 1x400", .wish = TIERS(1, 400),
	  .digest = "c0829ba7bd6545c7", .value = "10194381160401679444" },
	{ .name = "tiers 8000x400", .wish = TIERS(8000, 400),
	  .digest = "7d741a97da5932b1", .value = "288869079093839824602", .is_slow = true },
	{ .name = "tiers 16000x400", .wish = TIERS(16000, 400),
	  .digest = "31a5a15569469c5b", .value = "316167580079583937166", .is_slow = true },
	{ .name = "tiers 28800x400", .wish = TIERS(28800, 400),
	  .digest = "7d6c7275a3fd1560", .value = "339632358034533094411", .is_slow = true },
};
const size_t made_n_rows = ARRAY_LEN(made_rows);

/* Splitmix64, started at 1. */
struct source {
	uint64_t z;
};

static uint64_t next(struct source *s)
{
	uint64_t x = s->z += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static uint32_t below(struct source *s, uint64_t k)
{
	return (uint32_t)(next(s) % k);
}

/* Which of the 4096 samples pass through something; `depth` halves their number each time. */
struct mask {
	uint64_t word[64];
};

static void draw_mask(struct source *s, unsigned depth, struct mask *m)
{
	for (size_t k = 0; k < ARRAY_LEN(m->word); k++) {
		m->word[k] = UINT64_MAX;
		for (unsigned i = 0; i < depth; i++)
			m->word[k] &= next(s);
	}
}

struct carrier {
	uint32_t home;
	struct mask mask;
};
struct network {
	struct mask trunk[TRUNKS][TRUNKS];
	struct carrier carrier[CARRIERS];
};
struct end {
	const struct carrier *carrier;
	struct mask mask;                /* what it and its carrier lie on */
};

static void draw_network(struct source *s, struct network *net)
{
	for (size_t a = 0; a < TRUNKS; a++)
		for (size_t b = a + 1; b < TRUNKS; b++) {
			draw_mask(s, 2 + below(s, 4), &net->trunk[a][b]);
			net->trunk[b][a] = net->trunk[a][b];
		}
	for (size_t k = 0; k < CARRIERS; k++) {
		net->carrier[k].home = below(s, TRUNKS);
		draw_mask(s, k < 20 ? 4 : 6, &net->carrier[k].mask);
	}
}

static void draw_end(struct source *s, const struct network *net, struct end *e)
{
	const uint32_t range = 1 + below(s, CARRIERS);

	e->carrier = &net->carrier[below(s, range)];
	memset(&e->mask, 0, sizeof(e->mask));
	if (below(s, 3) != 0)
		draw_mask(s, 8, &e->mask);
	for (size_t k = 0; k < ARRAY_LEN(e->mask.word); k++)
		e->mask.word[k] |= e->carrier->mask.word[k];
}

static uint16_t samples_met(const struct end *l, const struct end *i, const struct mask *trunk)
{
	unsigned n = 0;

	for (size_t k = 0; k < ARRAY_LEN(trunk->word); k++)
		n += (unsigned)__builtin_popcountll(l->mask.word[k] | i->mask.word[k] | trunk->word[k]);
	return (uint16_t)n;
}

static void *allocate(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		out_of_memory();
	return p;
}

static void make_routed(struct source *s, struct made *d)
{
	auto_free struct network *net = allocate(1, sizeof(*net));
	const uint32_t n_ends = d->wish.kind == MADE_RELAYS ? RELAY_ENDS : d->wish.n;
	auto_free struct end *ends = allocate(n_ends, sizeof(*ends));
	auto_free uint32_t *end_of = allocate(d->wish.n, sizeof(*end_of));
	auto_free uint16_t *row = allocate(n_ends, sizeof(*row));

	draw_network(s, net);
	for (uint32_t i = 0; i < n_ends; i++)
		draw_end(s, net, &ends[i]);
	for (uint32_t i = 0; i < d->wish.n; i++)
		end_of[i] = d->wish.kind == MADE_RELAYS ? below(s, 1 + below(s, RELAY_ENDS)) : i;
	for (size_t l = 0; l < d->wish.m; l++) {
		struct end from;

		draw_end(s, net, &from);
		for (uint32_t i = 0; i < n_ends; i++) {
			row[i] = samples_met(&from, &ends[i], &net->trunk[from.carrier->home][ends[i].carrier->home]);
			if (d->wish.kind == MADE_STEPS)
				row[i] -= row[i] % 256;
		}
		for (uint32_t i = 0; i < d->wish.n; i++)
			d->penalty[l * d->wish.n + i] = row[end_of[i]];
	}
}

static uint32_t ring_distance(uint32_t a, uint32_t b)
{
	const uint32_t d = a > b ? a - b : b - a;

	return MIN(d, RING - d);
}

static void make_plain(struct source *s, struct made *d)
{
	struct spot {
		uint32_t x, y, h;
	} at;
	auto_free struct spot *relay = allocate(d->wish.n, sizeof(*relay));

	for (size_t i = 0; i < d->wish.n; i++) {
		relay[i].x = below(s, RING);
		relay[i].y = below(s, RING);
		relay[i].h = below(s, 1200);
	}
	for (size_t l = 0; l < d->wish.m; l++) {
		at.x = below(s, RING);
		at.y = below(s, RING);
		for (size_t i = 0; i < d->wish.n; i++) {
			const uint32_t far = ring_distance(at.x, relay[i].x) + ring_distance(at.y, relay[i].y);

			d->penalty[l * d->wish.n + i] = (uint16_t)(100 + relay[i].h + far / 2 + below(s, 64));
		}
	}
}

static void change_levels(struct made *d)
{
	const struct made_wish *w = &d->wish;

	for (size_t k = 0; k < (size_t)w->m * w->n; k++) {
		if (w->cut)
			d->penalty[k] = d->penalty[k] >= w->cut;
		if (w->constant)
			d->penalty[k] = (uint16_t)w->constant;
		if (w->levels)
			d->penalty[k] = (uint16_t)(d->penalty[k] * w->levels / (SCALE + 1));
	}
}

struct made *made_new(const struct made_wish *w)
{
	struct made *d = allocate(1, sizeof(*d));
	struct source s = { 1 };

	d->wish = *w;
	d->wish.wgg = w->wgg ? w->wgg : 5833;
	d->wish.theta = w->theta ? w->theta : 5000;
	d->weight = allocate(w->m, sizeof(*d->weight));
	d->bandwidth = allocate(w->n, sizeof(*d->bandwidth));
	d->penalty = allocate((size_t)w->m * w->n, sizeof(*d->penalty));
	for (uint32_t l = 0; l < w->m; l++)
		d->weight[l] = 1 + 600000 / (l + 5);
	for (uint32_t i = 0; i < w->n; i++)
		if (w->kind == MADE_TIERS || w->kind == MADE_STEPS)
			d->bandwidth[i] = 20 + 5000000 / (i + 1) + below(&s, 2000);
		else
			d->bandwidth[i] = 20 + 260000 / (1 + below(&s, 100));
	if (w->kind == MADE_PLAIN)
		make_plain(&s, d);
	else
		make_routed(&s, d);
	change_levels(d);
	return d;
}

void made_free(struct made *d)
{
	if (!d)
		return;
	free(d->weight);
	free(d->bandwidth);
	free(d->penalty);
	free(d);
}

/* The file's bytes: weights and penalties stand in it as they stand in memory on a little-endian machine. */
static uint8_t *made_bytes(const struct made *d, size_t *n)
{
	const size_t pairs = (size_t)d->wish.m * d->wish.n;
	const uint32_t head[] = { htole32(d->wish.m), htole32(d->wish.n), htole32(d->wish.wgg), htole32(d->wish.theta) };
	uint8_t *bytes, *at;

	*n = HEADER + 8 * ((size_t)d->wish.m + d->wish.n) + 2 * pairs;
	bytes = at = allocate(*n, 1);
	memcpy(at, "LOCAW1\0", 8);
	memcpy(at + 8, head, sizeof(head));
	at += HEADER;
	for (size_t k = 0; k < d->wish.m; k++, at += 8)
		memcpy(at, &(uint64_t){ htole64((uint64_t)d->weight[k]) }, 8);
	for (size_t k = 0; k < d->wish.n; k++, at += 8)
		memcpy(at, &(uint64_t){ htole64((uint64_t)d->bandwidth[k]) }, 8);
	for (size_t k = 0; k < pairs; k++, at += 2)
		memcpy(at, &(uint16_t){ htole16(d->penalty[k]) }, 2);
	return bytes;
}

int made_write(const struct made *d, FILE *f)
{
	size_t n;
	auto_free uint8_t *bytes = made_bytes(d, &n);

	errno = 0;
	if (fwrite(bytes, 1, n, f) != n || fflush(f))
		return errno ? -errno : -EIO;
	return 0;
}

void made_digest(const struct made *d, char digest[17])
{
	uint8_t sha[SHA256_DIGEST_LENGTH];
	size_t n;
	auto_free uint8_t *bytes = made_bytes(d, &n);

	(void)SHA256(bytes, n, sha);
	for (size_t k = 0; k < 8; k++)
		(void)snprintf(digest + 2 * k, 3, "%02x", sha[k]);
}

void made_transport(const struct made *d, struct transport *t)
{
	int64_t *capacity = allocate(d->wish.n, sizeof(*capacity)), *bound = allocate(d->wish.n, sizeof(*bound));
	const int64_t *weight = d->weight;
	wide supply = 0;

	for (size_t i = 0; i < d->wish.n; i++)
		supply += (wide)d->bandwidth[i] * d->wish.wgg;
	for (size_t i = 0; i < d->wish.n; i++) {
		/* Costs are the shares, so that their sum is the supply. */
		const wide most = (wide)d->bandwidth[i] * d->wish.wgg * d->wish.theta / 1000;

		capacity[i] = d->bandwidth[i] * UNIT;
		bound[i] = (int64_t)(most < supply ? most : supply);
	}
	*t = (struct transport){ d->wish.m, d->wish.n, weight, capacity, bound, (int64_t)supply,
				 { d->wish.m, d->wish.n, d->penalty, NULL } };
}

void made_transport_release(struct transport *t)
{
	free((void *)t->capacity);
	free((void *)t->bound);
	*t = (struct transport){ 0 };
}
