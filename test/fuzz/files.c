/* SPDX-License-Identifier: MIT */
/* Files in memory, each used again for the next input. */
#include "base/base.h"

#include <sys/mman.h>

#include "files.h"

const char *fuzz_file(unsigned which, const uint8_t *bytes, size_t n, char path[FUZZ_PATH])
{
	static int fds[FUZZ_FILES];     /* one more than the descriptor, so that 0 is none */

	if (fds[which] == 0)
		fds[which] = memfd_create("fuzz", MFD_CLOEXEC) + 1;
	const int fd = fds[which] - 1;
	if (fd < 0 || ftruncate(fd, 0) < 0 || pwrite(fd, bytes, n, 0) != (ssize_t)n)
		abort();
	(void)snprintf(path, FUZZ_PATH, "/proc/self/fd/%d", fd);
	return path;
}
