/* SPDX-License-Identifier: MIT */
/* Descriptions of packets, lines as `nlbc trace -` reads them: each is answered or explained, and what reads is said and
 * read again to the same. */
#include "base/base.h"

#include "base/arena.h"
#include "cli/packet.h"
#include "fuzz.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static bool is_same(const struct trace_question *x, const struct trace_question *y)
{
	return addr_eq(&x->source, &y->source) && addr_eq(&x->destination, &y->destination) && x->protocol == y->protocol &&
	       x->has_ports == y->has_ports && x->source_port == y->source_port && x->destination_port == y->destination_port;
}

static void say_again(const struct packet_list *packets, struct arena *a, struct diags *d)
{
	for (size_t i = 0; i < packets->n; i++) {
		const struct source said = { .name = "said", .text = str_of(packet_print(&packets->list[i], a)) };
		struct packet_list again;

		require(packets_parse(&said, NULL, &again, a, d) == 0);
		require(again.n == 1 && is_same(&again.list[0], &packets->list[i]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const struct source source = { .name = "fuzz", .text = { (const char *)data, size } };
	auto_text struct text shown = { 0 };
	struct packet_list packets;
	struct diags d;

	diags_init(&d, a);
	const int err = packets_parse(&source, "eth0", &packets, a, &d);

	require((err != 0) == (d.n_errors > 0));
	if (!err)
		say_again(&packets, a, &d);
	diags_print(&d, DIAG_HUMAN, NULL, false, &shown);
	arena_free(a);
	return 0;
}
