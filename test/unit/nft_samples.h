/* SPDX-License-Identifier: MIT */
/* Plans for the tests of target nft, made from profiles: the two references of packet.md section 5 on the router, and
 * one that holds every method, key and condition. */
#ifndef NLBC_TEST_NFT_SAMPLES_H
#define NLBC_TEST_NFT_SAMPLES_H

#include "base/arena.h"
#include "base/text.h"
#include "plan/plan.h"
#include "unit.h"

#define NFT_INTERFACES \
	"interface back { device eth1 }\n" \
	"interface p1 { device eth2 }\n" \
	"interface p2 { device eth3 }\n"

static const char per_packet[] UNUSED =
	"nlbc 1\nprofile per-packet\n" NFT_INTERFACES
	"path p1 { via 10.10.2.2; interface p1; table main }\n"
	"path p2 { via 10.10.2.4; interface p2 }\n"
	"balance forward { from 10.10.1.0/24; to 10.10.3.0/24; method per-packet; path p1; path p2 }\n";

static const char per_flow[] UNUSED =
	"nlbc 1\nprofile per-flow\n" NFT_INTERFACES
	"path p1 { via 10.10.2.2 fd00:10:21::2; interface p1; table main }\n"
	"path p2 { via 10.10.2.4 fd00:10:22::2; interface p2 }\n"
	"balance forward { in back; to 10.10.3.0/24; to fd00:10:3::/64; method per-flow; slots 16\n"
	"path p1 weight 50; path p2 weight 50 }\n";

static const char compat_seed[] UNUSED =
	"nlbc 1\nprofile seed\n" NFT_INTERFACES
	"path p1 { via 10.10.2.2; interface p1; table main }\n"
	"path p2 { via 10.10.2.4; interface p2 }\n"
	"balance forward { in back; method per-flow compat seed; path p1; path p2 }\n";

static const char all_sorts[] UNUSED =
	"nlbc 1\nprofile all-sorts\n" NFT_INTERFACES
	"interface wan-a { device ppp0 }\n"
	"interface wan-b { device vlan.7 }\n"
	"path a { via 192.0.2.1 2001:db8:1::1; interface wan-a }\n"
	"path b { interface wan-b; weight 3 }\n"
	"path c { via 10.10.2.2; interface p1 }\n"
	"path d { via 10.10.2.4; interface p2 }\n"
	"balance all { from 10.0.0.0/8; to 10.0.0.0/8; method per-flow; slots 16; scope all\n"
	"path a; path b; when-down drop; when-all-down drop }\n"
	"balance by-hash { from 10.1.0.0/17; to 10.64.0.0/10; method hash; slots 16; protocol udp; path c; path d }\n"
	"balance by-source { from 10.2.0.0/16; from 10.3.0.0/16; from 10.9.8.7; to 10.65.0.0/16; to 10.66.0.0/23\n"
	"method hash on source seed 7; slots 16; path c; path d }\n"
	"balance by-destination { from 10.4.0.0/16; to 10.67.0.0/16; method hash on destination; slots 16; path c; path d }\n"
	"balance by-addresses { from 10.5.0.0/16; to 10.68.0.0/16; method hash on addresses; slots 16; path c; path d }\n"
	"balance by-chance { from 10.6.0.0/16; to 10.69.0.0/16; method random; slots 16; path c; path d }\n"
	"balance in-turn { from 10.7.0.0/16; to 10.70.0.0/16; method per-flow pick turn; protocol icmp; path c weight 3; path d }\n";

static inline struct plan *nft_sample(const char *profile, struct arena *a)
{
	struct diags d;

	diags_init(&d, a);
	const struct profile *p = profile_read_text("x.prof", str_of(profile), NULL, a, &d);
	struct plan *plan = p ? plan_compile(p->machines, NULL, NULL, NULL, a, &d) : NULL;
	auto_text struct text said = { 0 };
	diags_print(&d, DIAG_GCC, NULL, false, &said);
	ck_assert_msg(plan != NULL, "%s", text_get(&said));
	plan->generation = 1;
	plan->sum = "0123456789ab";
	return plan;
}

#endif
