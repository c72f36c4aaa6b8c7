/* SPDX-License-Identifier: MIT */
/* Capabilities, landlock and the limit of open files, without their libraries. */
#include "base/base.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "proxy/rights.h"

enum { FILES_OF_WORKER = 64 };

static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3] = { 0 };
	uint32_t held = 0;

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);        /* follows from the rest, too */
	if (syscall(SYS_capget, &head, caps) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_LEN(caps); i++) {
		held |= caps[i].effective | caps[i].permitted | caps[i].inheritable;
		caps[i] = (struct __user_cap_data_struct){ 0 };
	}
	if (held == 0)          /* a unit may not even allow the call */
		return 0;
	return syscall(SYS_capset, &head, caps) < 0 ? -errno : 0;
}

/* How many rights to files a version of landlock knows: the first 13, one more each in versions 2 and 3 (landlock(7)). */
static uint64_t all_rights(long version)
{
	return (UINT64_C(1) << (12 + MIN(version, 3L))) - 1;
}

/* An empty rule-set: of files nothing may be opened, made or removed. Kernels and sandboxes without it refuse, which is
 * no fault: the worker opens none. */
static void forbid_files(void)
{
	const long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (version < 1)
		return;
	const struct landlock_ruleset_attr attr = { .handled_access_fs = all_rights(version) };
	auto_close int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	if (rules >= 0)
		(void)syscall(SYS_landlock_restrict_self, rules, 0);
}

int rights_of_worker(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	const int err = drop_capabilities();

	if (err)
		return err;
	forbid_files();
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : 0;
}

int rights_of_master(void)
{
	return geteuid() == 0 ? 0 : drop_capabilities();
}

uint64_t files_raise_limit(void)
{
	struct rlimit limit = { 0 };

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return FILES_OF_WORKER * 2;     /* cannot be: what every system has */
	if (limit.rlim_cur < limit.rlim_max) {
		const struct rlimit raised = { limit.rlim_max, limit.rlim_max };

		if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
			limit = raised;
	}
	return limit.rlim_cur;
}

uint32_t files_connections(uint64_t limit, uint32_t wanted, unsigned workers)
{
	const uint64_t each = limit > FILES_OF_WORKER ? (limit - FILES_OF_WORKER) / 2 : 0;

	return (uint32_t)MAX(MIN((uint64_t)wanted, each * workers), (uint64_t)workers);
}
