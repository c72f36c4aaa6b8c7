/* SPDX-License-Identifier: MIT */
/* Files of relays in any form: each is read or explained; what was read keeps what readers rely on; its weights are within
 * their range. */
#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "files.h"
#include "fuzz.h"
#include "weights/bandwidth.h"
#include "weights/lines.h"
#include "weights/relays.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void look_at_relays(const struct relays *r)
{
	char id[RELAY_ID_TEXT];

	for (size_t i = 0; i < r->n; i++) {
		const struct relay *relay = &r->list[i];
		require(is_name(str_of(relay->name)) && relay->weight <= INT32_MAX);
		require(relay->class < RELAY_CLASSES && strchr("GDEM", relay_class_letter(relay->class)));
		require(relay->guard_fraction >= -1 && relay->guard_fraction <= 100);
		require(relay->place.source && (relay->place.line > 0) == (r->form != RELAYS_JSON));
		require(relay->has_id == (r->form == RELAYS_CONSENSUS));
		require(strlen(relay_id_print(relay, id)) == (relay->has_id ? 40 : 1));
		require(i == 0 || !relay->has_id || memcmp(r->list[i - 1].id, relay->id, sizeof(relay->id)) < 0);
	}
}

static void look_at_weights(const struct relays *r, unsigned method, int64_t scale)
{
	struct bandwidth_sums sums;
	struct bandwidth_weights w;
	int64_t line[PUBLISHED_WEIGHTS];
	const char *reason;

	bandwidth_add(r->list, r->n, method, &sums);
	require(sums.g >= 0 && sums.m >= 0 && sums.e >= 0 && sums.d >= 0 && sums.t <= sums.g + sums.m + sums.e + sums.d);
	const int err = bandwidth_compute(&sums, scale, &w, &reason);
	require((err == 0) == !reason && (err == 0) == (w.which != NULL));
	if (err)
		return;
	bandwidth_line(&w, scale, line);
	for (size_t i = 0; i < PUBLISHED_WEIGHTS; i++)
		require(line[i] >= 0 && line[i] <= scale);
}

/* The verb that reads nothing but a consensus comes to the same. */
static void read_as_consensus(const char *path, const struct relays *r, struct arena *a)
{
	struct diags d;

	diags_init(&d, a);
	const struct consensus *c = consensus_read(path, NULL, a, &d);
	require(!c == (d.n_errors > 0));
	require(!c == !(r && r->consensus) && (!c || c->n_relays == r->n));
}

static void read_as(const char *path, bool lenient)
{
	auto_text struct text shown = { 0 };
	struct arena *a = arena_new();
	struct diags d;

	diags_init(&d, a);
	const struct relays *r = relays_read(path, lenient, a, &d);
	require(!r == (d.n_errors > 0));
	if (r) {
		look_at_relays(r);
		look_at_weights(r, r->consensus ? r->consensus->method : 0, r->consensus ? r->consensus->scale : 10000);
	}
	if (!lenient)
		read_as_consensus(path, r, a);
	diags_print(&d, DIAG_HUMAN, path, false, &shown);
	arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[FUZZ_PATH];

	fuzz_file(0, data, size, path);
	read_as(path, false);
	read_as(path, true);
	return 0;
}
