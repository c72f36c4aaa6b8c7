/* SPDX-License-Identifier: MIT */
/* Where others use mark bits besides ip rules: nft, tc filters and legacy iptables; and systemd-networkd, which
 * removes what it did not make. All of it is only read. */
#ifndef NLBC_TARGET_USES_H
#define NLBC_TARGET_USES_H

#include "target/kernel.h"
#include "target/marks.h"

/* Filters of kind fw on any queue. 0, -errno. */
int uses_in_filters(struct kernel *k, struct mark_scan *scan) MUST_USE;
/* Rules of legacy table mangle, both families; only where the table is there already, since looking makes it.
 * 0, -errno. */
int uses_in_legacy(struct mark_scan *scan) MUST_USE;
/* Rules of any nft table but ours; looking takes 2 s at most, a warning says when that was not enough. 0, -errno. */
int uses_in_nft(struct kernel *k, struct mark_scan *scan) MUST_USE;
/* A warning where networkd runs in this namespace and would take our rules or routes for its own. `root` is put before
 * the names of its files ("" but in tests). */
void warn_of_networkd(const char *root, const struct place *place, struct diags *d);

#endif
