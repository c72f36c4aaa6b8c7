/* SPDX-License-Identifier: MIT */
/* Files that say where clients are: users, prefixes, geoip, location dump, hosts, clients; bytes up to each 0x1e are another
 * one, which no text holds. Whatever they are, they are read or explained; no address counts twice, and no client is lost. */
#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "files.h"
#include "fuzz.h"
#include "weights/clients.h"
#include "weights/places.h"

enum { USERS, PREFIXES, GEOIP, LOCATION, HOSTS, CLIENTS, PARTS, SEPARATOR = 0x1e };

static void require(bool is_true)
{
	if (!is_true)
		abort();
}

static void look_at_places(const struct places *p, bool has_hosts, struct arena *a)
{
	for (enum origin_rule rule = ORIGIN_SPLIT; rule <= ORIGIN_DROP; rule++) {
		struct holdings h;
		uint64_t total = 0;

		places_count(p, rule, a, &h);
		for (size_t i = 0; i < h.n; i++) {
			total += h.list[i].count;
			require(h.list[i].count > 0);
			require(i == 0 || memcmp(h.list[i - 1].country, h.list[i].country, 2) < 0 ||
				(memcmp(h.list[i - 1].country, h.list[i].country, 2) == 0 && h.list[i - 1].as < h.list[i].as));
		}
		require(total == h.total && h.n_as <= h.n && (has_hosts || total < (uint64_t)1 << 32));
	}
	for (uint64_t address = 0; address < (uint64_t)1 << 32; address += 0x00fffd07)
		(void)places_as(p, (uint32_t)address);
}

static void look_at_estimate(const struct clients_wish *w, struct arena *a, struct diags *d)
{
	const struct clients_estimate *e = clients_estimate(w, a, d);
	uint64_t total = 0;

	require(!e == (d->n_errors > 0));
	for (size_t i = 0; e && i < e->n; i++) {
		require(e->list[i].weight > 0 && (i == 0 || e->list[i - 1].weight >= e->list[i].weight));
		total += e->list[i].weight;
	}
	require(!e || total == w->total);
}

static void look_at_clients(const char *path, bool lenient, struct arena *a)
{
	struct diags d;

	diags_init(&d, a);
	const struct client_list *c = clients_read(path, lenient, a, &d);
	require(!c == (d.n_errors > 0));
	for (size_t i = 0; c && i < c->n; i++)
		require(c->list[i].weight.real > 0 && *location_key(c->list[i].name));
}

static void read_as(char paths[][FUZZ_PATH], const bool *has, bool lenient)
{
	auto_text struct text shown = { 0 };
	struct arena *a = arena_new();
	struct diags d;
	const struct clients_wish w = {
		.users = paths[USERS],
		.places = { .prefixes = has[LOCATION] ? NULL : paths[PREFIXES], .geoip = has[LOCATION] ? NULL : paths[GEOIP],
			    .location = has[LOCATION] ? paths[LOCATION] : NULL, .hosts = has[HOSTS] ? paths[HOSTS] : NULL,
			    .lenient = lenient },
		.total = lenient ? 7 : (uint64_t)1 << 40, .min_addresses = 1, .lenient = lenient,
	};

	diags_init(&d, a);
	const struct places *p = places_read(&w.places, a, &d);
	require(!p == (d.n_errors > 0));
	if (p)
		look_at_places(p, has[HOSTS], a);
	diags_init(&d, a);
	look_at_estimate(&w, a, &d);
	diags_print(&d, DIAG_HUMAN, paths[USERS], false, &shown);
	look_at_clients(paths[CLIENTS], lenient, a);
	arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	char paths[PARTS][FUZZ_PATH];
	bool has[PARTS] = { false };

	for (size_t k = 0; k < PARTS; k++) {
		const uint8_t *end = k + 1 < PARTS && n > 0 ? memchr(bytes, SEPARATOR, n) : NULL;
		const size_t length = end ? (size_t)(end - bytes) : n;

		has[k] = length > 0;
		fuzz_file((unsigned)k, bytes, length, paths[k]);
		bytes += length + (end != NULL);
		n -= length + (end != NULL);
	}
	read_as(paths, has, false);
	read_as(paths, has, true);
	return 0;
}
