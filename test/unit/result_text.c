/* SPDX-License-Identifier: MIT */
/* Files in memory: nothing is left behind. */
#include "base/base.h"

#include <sys/mman.h>

#include "result_text.h"

char *result_text(const struct result *r)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (!f || result_write(r, f) != 0 || fclose(f) != 0)
		BUG("a result that cannot be written");
	return text;
}

const struct result *result_of_text(const char *text, size_t n, struct arena *a, struct diags *d)
{
	auto_close int fd = memfd_create("result", MFD_CLOEXEC);
	char path[32];

	for (size_t at = 0; at < n;) {
		const ssize_t got = fd < 0 ? -1 : write(fd, text + at, n - at);

		if (got <= 0)
			BUG("no file of %zu bytes in memory", n);
		at += (size_t)got;
	}
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return result_read(path, a, d);
}
