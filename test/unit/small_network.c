/* SPDX-License-Identifier: MIT */
/* Writes small consensuses. */
#include "base/base.h"

#include "base/text.h"
#include "fixture.h"
#include "small_network.h"

static const char usual_weights[] = "Wbd=3333 Wbe=0 Wbg=4000 Wbm=10000 Wdb=10000 Web=10000 Wed=10000 Wee=10000 Weg=10000 "
				    "Wem=10000 Wgb=10000 Wgd=0 Wgg=6000 Wgm=6000 Wmb=10000 Wmd=0 Wme=0 Wmg=4000 Wmm=10000";

const char *small_consensus(const struct small_relay *relays, size_t n, const char *weights)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	auto_text struct text t = { 0 };

	text_puts(&t, "network-status-version 3\nvote-status consensus\nconsensus-method 29\n"
		      "valid-after 2020-02-29 10:00:00\nfresh-until 2020-02-29 11:00:00\nvalid-until 2020-02-29 13:00:00\n");
	for (size_t i = 0; i < n; i++)
		text_printf(&t,
			    "r r%zu %c%cAAAAAAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAAAAAAAA 2020-02-29 09:00:00 %s 9001 0\n"
			    "s %s\nw Bandwidth=%u\n",
			    i, digits[i / 64], digits[i % 64], relays[i].address, relays[i].flags, relays[i].weight);
	text_puts(&t, "directory-footer\n");
	if (!weights || weights[0])
		text_printf(&t, "bandwidth-weights %s\n", weights ? weights : usual_weights);
	return arena_strdup(arena, text_get(&t));
}
