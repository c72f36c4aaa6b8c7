/* SPDX-License-Identifier: MIT */
/* Times and sizes in columns. */
#include "base/base.h"

#include <time.h>

#include "bench/words.h"

void epoch_add(struct text *t)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);      /* cannot fail for this clock */
	text_printf(t, "%lld.%06ld\t", (long long)now.tv_sec, now.tv_nsec / 1000);
}

void size_add(struct text *t, double bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB" };
	size_t i = 0;

	if (bytes < 1000) {
		text_printf(t, "%d Byte%s", (int)bytes, (int)bytes == 1 ? "" : "s");
		return;
	}
	for (bytes /= 1000; bytes >= 1000 && i + 1 < ARRAY_LEN(units); i++)
		bytes /= 1000;
	text_printf(t, "%.1f %s", bytes, units[i]);
}
