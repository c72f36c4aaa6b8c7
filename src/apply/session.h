/* SPDX-License-Identifier: MIT */
/* All that one command needs in one network namespace: the kernel, the journal (locked where something will change),
 * what is ours, and who asks. */
#ifndef NLBC_APPLY_SESSION_H
#define NLBC_APPLY_SESSION_H

#include "apply/journal.h"
#include "base/arena.h"
#include "base/diag.h"
#include "plan/item.h"
#include "profile/profile.h"

#include <signal.h>

struct kernel;

struct session_conf {
	const char *state_dir;                          /* NULL: /var/lib/nlbc */
	const volatile sig_atomic_t *interrupted;       /* set by a signal handler; NULL: cannot be interrupted */
};

struct session {
	struct arena *arena;            /* of everything here; the caller's */
	struct kernel *kernel;
	const char *state_dir;
	struct journal journal;
	struct own own;                 /* from the journal, else the defaults */
	const char *by;                 /* user name */
	char netns[17], boot[37];
	const volatile sig_atomic_t *interrupted;
};

/* The state directory meant: this, or the default one for NULL. */
const char *session_dir(const char *state_dir);
/* In the network namespace of this process. With `change`: needs CAP_NET_ADMIN and takes the lock. 0; -errno explained
 * in d (permission, busy, kernel). The caller closes. */
int session_open(struct session *s, const struct session_conf *c, bool change, struct arena *a,
		 struct diags *d) MUST_USE;
void session_close(struct session *s);

struct kept_device {
	const char *interface, *device;
};

/* The profile of a generation of this namespace as it was applied. */
struct kept_profile {
	const struct profile *profile;
	const struct machine *machine;
	struct kept_device *devices;    /* as its interfaces were resolved */
	size_t n_devices;
};
/* The generation's file; 0; -errno explained in d (code "kernel"). */
int session_load(struct session *s, uint64_t generation, struct kept_profile *out, struct diags *d) MUST_USE;
/* Writes that file: twin, role, devices as resolved in f. 0, -errno. */
struct facts;
int session_save(struct session *s, uint64_t generation, const struct profile *p, const struct machine *m,
		 const struct facts *f) MUST_USE;
/* Such a file's bytes; messages would call it `name`. NULL, or what is wrong with it. */
const char *kept_read(const char *name, struct str bytes, struct arena *a, struct kept_profile *out) MUST_USE;
/* The questions of that profile, with the devices it was applied to, which may have gone since. */
struct facts *kept_facts(const struct kept_profile *k, struct arena *a);

#endif
