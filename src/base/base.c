/* SPDX-License-Identifier: MIT */
/* The two ways to give up: our own mistake, and no memory before the kernel is touched. */
#include "base/base.h"

#include <stdarg.h>

void bug(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "nlbc: bug at %s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

void out_of_memory(void)
{
	fputs("nlbc: out of memory\n", stderr);
	abort();
}
