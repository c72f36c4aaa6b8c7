/* SPDX-License-Identifier: MIT */
/* The checks of meaning (profile.md section 6), after reading and binding. Some look at one statement and run once; the
 * others compare the objects of one machine and run for each role, but say the same thing only once. An object with an
 * error of its own counts as present and is not compared. */
#ifndef NLBC_PROFILE_CHECK_H
#define NLBC_PROFILE_CHECK_H

#include "base/base.h"
#include "profile/bind.h"

struct check {
	struct binding *binding;
	struct arena *arena;
	struct diags *diags;
	struct bound *bound;            /* the machine at hand */
	const struct machine *machine;
	uint64_t *told;                 /* digests of what was said, a hash table; 0: free */
	size_t n_told, told_room;       /* room: a power of two */
};

/* All of them; what is wrong goes into the binding's diags. */
void check_profile(struct binding *b);

/* Like diag_error and diag_warning, but NULL when an earlier role said the same of this place (and, unless NULL, of the
 * other place, which becomes the note `first given here` or whatever `note` says). */
struct check_message {
	const struct place *place, *other;
	const char *code, *note;
};
struct diag *check_error(struct check *c, const struct check_message *m, const char *fmt, ...) PRINTF(3, 4);
struct diag *check_warning(struct check *c, const struct check_message *m, const char *fmt, ...) PRINTF(3, 4);

/* Whether it makes sense to say what is missing in a block: not where something in it could not be read. */
static inline bool check_is_whole(const struct stmt *s) { return !s->broken && !s->has_unknown; }

/* One statement each, wherever it stands. */
void check_interface(struct diags *d, const struct stmt *s);
void check_shaper(struct diags *d, const struct stmt *s);
void check_path(struct diags *d, const struct stmt *s);
void check_balance(struct diags *d, const struct stmt *s);
void check_proxy(struct diags *d, const struct stmt *s);
void check_onion(struct diags *d, const struct stmt *s);
void check_web(struct diags *d, const struct stmt *s);

/* Host bits in the prefixes of a keyword. */
void check_prefixes(struct diags *d, const struct stmt *s, const char *keyword);

/* One machine: check_packet.c, check_balance.c, check_service.c. */
void check_paths(struct check *c);
void check_balances(struct check *c);
void check_listeners(struct check *c);

/* One balance in which nothing is wrong, with the weights in effect; s is its statement. */
void check_weights(struct check *c, const struct balance *b, const struct stmt *s);
/* hint: methods that do: ... (of enum policy_where). */
void check_methods_that_do(struct diags *d, struct diag *g, unsigned where);

#endif
