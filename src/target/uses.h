/* SPDX-License-Identifier: MIT */
/* What others have and do that meets ours: mark bits, preferences, tables, both flavours of iptables, address translation,
 * offloads; and services that remove what they did not make. All of it is only read. */
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

/* ---- parts of the survey before a change, for who looks at one of them (the errors are those of apply) ----------- */
struct changes;
struct plan;
/* Mark bits in ip rules, tc filters, nft and legacy iptables. 0 also with errors in d; -errno explained. */
int survey_marks(struct kernel *k, const struct plan *p, struct diags *d) MUST_USE;
/* Rules of others in our block. */
int survey_preferences(struct kernel *k, const struct plan *p, uint8_t family, struct diags *d) MUST_USE;
/* Routes of others where those that are added here (items of target route) would go. */
int survey_route_tables(struct kernel *k, const struct plan *p, const struct changes *c, struct diags *d) MUST_USE;

/* ---- others ------------------------------------------------------------------------------------------------------ */
/* Does the kernel hold this legacy table? Asking makes none. 1, 0; -EACCES: only root is told. */
int legacy_has_table(uint8_t family, const char *table);
/* 1: table mangle of iptables-nft holds rules, IPv4 or IPv6; 0: not; -errno. */
int uses_nft_mangle(struct kernel *k) MUST_USE;
/* A warning for each family whose table mangle has rules of legacy iptables and of iptables-nft. 0; -errno explained. */
int warn_of_flavours(struct kernel *k, const struct place *place, struct diags *d) MUST_USE;

/* A device by which paths lead. */
struct way_out {
	const char *device;
	int index;
};
/* A warning for each rule that translates the source of what leaves by one of the devices. 0; -errno explained. */
int warn_of_nat(struct kernel *k, const struct way_out *ways, size_t n, struct diags *d) MUST_USE;

/* Does the device join packets on arrival? 0; -errno. */
int receive_offload(const char *device, bool *gro, bool *lro) MUST_USE;

/* ---- services of the host; `root` is put before the names of their files ("" but in tests) ------------------------ */
/* A warning where networkd runs in this namespace and would take our rules or routes for its own. */
void warn_of_networkd(const char *root, const struct place *place, struct diags *d);
/* A warning for each of the devices that NetworkManager manages here. */
void warn_of_networkmanager(const char *root, const struct way_out *ways, size_t n, struct diags *d);
/* No connection tracking, here or as a module: an error. Hardly any room for connections: a warning. */
void check_tracking(const char *root, const struct place *place, struct diags *d);
/* A warning where ip-route(8) knows our route protocol by another name than nlbc. */
void warn_of_protocol(const char *root, uint8_t number, const struct place *place, struct diags *d);
/* A warning for each firewall service that takes nft tables, or legacy ones, away when it is reloaded. */
void warn_of_firewalls(const char *root, bool legacy, struct diags *d);

#endif
