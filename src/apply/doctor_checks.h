/* SPDX-License-Identifier: MIT */
/* The checks of the doctor, for its table (doctor.c) only. Each says in d what it finds: an error is a FAIL. */
#ifndef NLBC_APPLY_DOCTOR_CHECKS_H
#define NLBC_APPLY_DOCTOR_CHECKS_H

#include "apply/doctor.h"
#include "apply/road.h"
#include "target/uses.h"

struct exam {
	struct session *session;
	const struct doctor_request *request;
	const struct plan *plan;        /* of the profile asked about or in force; else the empty one */
	struct road road;               /* the plan compared with the kernel, if `compared` */
	bool asked;                     /* there is a profile, and plan->machine and plan->facts are of it */
	bool compared;
};

enum looked { LOOKED_NOT, LOOKED };     /* not: the profile has nothing of the kind */

/* doctor_machine.c: the kernel, our rights, our files */
enum looked check_capabilities(struct exam *e, struct diags *d);
enum looked check_kernel(struct exam *e, struct diags *d);
enum looked check_state_directory(struct exam *e, struct diags *d);
enum looked check_conntrack(struct exam *e, struct diags *d);
enum looked check_groups(struct exam *e, struct diags *d);
enum looked check_queues(struct exam *e, struct diags *d);
enum looked check_unfinished(struct exam *e, struct diags *d);
enum looked check_leftovers(struct exam *e, struct diags *d);
enum looked check_drift(struct exam *e, struct diags *d);

/* doctor_others.c: who else is here */
enum looked check_nft(struct exam *e, struct diags *d);
enum looked check_flavours(struct exam *e, struct diags *d);
enum looked check_legacy(struct exam *e, struct diags *d);
enum looked check_marks(struct exam *e, struct diags *d);
enum looked check_preferences(struct exam *e, struct diags *d);
enum looked check_tables(struct exam *e, struct diags *d);
enum looked check_protocol(struct exam *e, struct diags *d);
enum looked check_translation(struct exam *e, struct diags *d);
enum looked check_networkd(struct exam *e, struct diags *d);
enum looked check_networkmanager(struct exam *e, struct diags *d);
enum looked check_firewalls(struct exam *e, struct diags *d);

/* doctor_ways.c: what the packets meet on their way */
enum looked check_forwarding(struct exam *e, struct diags *d);
enum looked check_reverse_path(struct exam *e, struct diags *d);
enum looked check_offload(struct exam *e, struct diags *d);
enum looked check_links(struct exam *e, struct diags *d);
enum looked check_next_hops(struct exam *e, struct diags *d);

/* The devices by which paths lead; with `counted`, only those of balances that count packets. In the session's arena. */
size_t exam_ways(const struct exam *e, bool counted, struct way_out **ways);
/* A balance that chooses anew for each packet. */
bool counts_packets(const struct balance *b);

#endif
