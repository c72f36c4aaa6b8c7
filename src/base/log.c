/* SPDX-License-Identifier: MIT */
/* The log: a level that main sets, and lines that stay lines whatever is in them. */
#include "base/base.h"

#include <stdarg.h>

#include "base/log.h"
#include "base/text.h"

static enum log_level least_level = LOG_LEVEL_WARNING;

void log_set_level(enum log_level least)
{
	least_level = least;
}

bool log_wants(enum log_level level)
{
	return level <= least_level;
}

void log_event(enum log_level level, const char *event, const char *pairs, ...)
{
	static const char *const names[] = {
		[LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning",
		[LOG_LEVEL_INFO] = "info", [LOG_LEVEL_DEBUG] = "debug",
	};
	auto_text struct text said = { 0 };
	auto_text struct text line = { 0 };
	va_list ap;

	if (!log_wants(level))
		return;
	va_start(ap, pairs);
	text_vprintf(&said, pairs, ap);
	va_end(ap);
	text_printf(&line, "level=%s event=%s%s", names[level], event, said.n ? " " : "");
	text_add_printable(&line, (struct str){ text_get(&said), said.n });
	text_putc(&line, '\n');
	(void)fwrite(line.p, 1, line.n, stderr);   /* a log that cannot be written has nowhere to say so */
}
