/* SPDX-License-Identifier: MIT */
/* What is wrong, or could go wrong, with a profile on this machine: a row of checks (doctor.c), each of which looks at one
 * thing with the eyes that apply has. Nothing is changed and no lock is taken. */
#ifndef NLBC_APPLY_DOCTOR_H
#define NLBC_APPLY_DOCTOR_H

#include "apply/session.h"

enum finding_level { FINDING_OK, FINDING_WARN, FINDING_FAIL };

struct finding {
	enum finding_level level;
	const char *check;              /* the row's name */
	const char *text;
	const char *hint;               /* what to type or write; NULL: nothing to do */
	struct place place;             /* in the profile; source NULL: none */
};

struct findings {
	struct finding *list;           /* in the order of the rows */
	size_t n, room;
};

/* The profile asked about; NULL: the one in force, or where nothing is, the machine alone, and what only a profile would
 * make a fault is then a warning. */
struct doctor_request {
	const struct profile *profile;
	const struct machine *machine;
	const char *root;               /* before the names of the host's own files; "" but in tests */
};

/* s may be opened without `change`. Texts live in its arena. */
void doctor_look(struct session *s, const struct doctor_request *q, struct findings *out);

#endif
