/* SPDX-License-Identifier: MIT */
/* A generation's file under another name, outside of any network namespace's folder. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>

#include "apply/boot.h"
#include "base/text.h"

enum { BOOT_LIMIT = 64 << 20 };

const char boot_prof[] = NLBC_CONFDIR "/boot.prof";

static const char *boot_file(const char *state_dir, struct arena *a)
{
	return arena_printf(a, "%s/boot.json", session_dir(state_dir));
}

static int copy(struct session *s, uint64_t generation, const char *file)
{
	auto_text struct text bytes = { 0 };
	char *p = NULL;
	int err = journal_load_generation(&s->journal, generation, &p, &bytes.n);

	if (err)
		return err;
	bytes.p = p;
	err = write_file(file, &bytes);
	if (err)
		return err;
	auto_close int dir = open(session_dir(s->state_dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 || fsync(dir) < 0 ? -errno : 0;
}

int boot_save(struct session *s, uint64_t generation, struct diags *d)
{
	const char *file = boot_file(s->state_dir, s->arena);
	int err = copy(s, generation, file);

	if (err)
		diag_error(d, NULL, "kernel", "cannot keep the start-up profile in %s: %s", file, strerror(-err));
	return err;
}

int boot_load(const char *state_dir, struct arena *a, struct kept_profile *out, struct diags *d)
{
	const char *file = boot_file(state_dir, a);
	auto_free char *bytes = NULL;
	size_t n = 0;
	int err = read_file(file, BOOT_LIMIT, &bytes, &n);

	if (err == -ENOENT)
		return err;
	if (err == -EACCES) {
		diag_hint(d, diag_error(d, NULL, "permission", "not allowed to read %s", file), "run as root, or join group nlbc");
		return err;
	}
	const char *wrong = err ? strerror(-err) : kept_read(file, (struct str){ bytes, n }, a, out);

	if (!wrong)
		return 0;
	diag_hint(d, diag_error(d, NULL, "profile", "cannot read %s: %s", file, wrong), "nlbc apply --save FILE makes it anew");
	return -EINVAL;
}

static bool same_machine(const struct machine *a, const struct machine *b)
{
	return a->kernel.target == b->kernel.target && !a->role == !b->role && (!a->role || strcmp(a->role, b->role) == 0);
}

bool boot_is(const char *state_dir, const struct kept_profile *k, struct arena *a)
{
	struct kept_profile boot = { 0 };
	char digests[2][65];
	struct diags quiet;

	diags_init(&quiet, a);
	int err = boot_load(state_dir, a, &boot, &quiet);

	if (err == -ENOENT && access(boot_prof, R_OK) == 0)
		boot.profile = profile_read(boot_prof, NULL, a, &quiet);
	if (!boot.profile || (!err && !same_machine(boot.machine, k->machine)))
		return false;
	profile_digest(boot.profile, digests[0]);
	profile_digest(k->profile, digests[1]);
	return strcmp(digests[0], digests[1]) == 0;
}
