/* SPDX-License-Identifier: MIT */
/* What a server saw, for whoever judges a proxy: CONNECTION<TAB>WHAT<TAB>TEXT, the bytes as they came, with \r \n \t \\
 * and \xHH for what does not print, and beside them how the strict reader took them. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>

#include "bench/origin.h"

int origin_record_open(const char *path)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

	return fd < 0 ? -errno : fd;
}

static void add_escaped(struct text *t, const char *p, size_t n)
{
	static const char plain[] = "\r\n\t\\", letters[] = "rnt\\";

	for (size_t i = 0; i < n; i++) {
		const char *at = p[i] ? strchr(plain, p[i]) : NULL;

		if (at)
			text_printf(t, "\\%c", letters[at - plain]);
		else if (p[i] >= ' ' && p[i] <= '~')
			text_putc(t, p[i]);
		else
			text_printf(t, "\\x%02x", (unsigned)(unsigned char)p[i]);
	}
}

static void write_line(const struct origin_conn *c, const char *what, const char *p, size_t n)
{
	auto_text struct text t = { 0 };

	text_printf(&t, "%" PRIu64 "\t%s\t", c->number, what);
	add_escaped(&t, p, n);
	text_putc(&t, '\n');
	const int err = text_write(&t, c->server->record);

	if (err) {
		diag_error(&c->server->origin->bench->diags, NULL, "kernel", "cannot write '%s': %s", c->server->conf.record,
			   strerror(-err));
		loop_stop(&c->server->origin->loop);
	}
}

void origin_record_bytes(const struct origin_conn *c, const char *p, size_t n)
{
	if (c->server->record >= 0)
		write_line(c, "bytes", p, n);
}

void origin_record(const struct origin_conn *c, const char *what, const char *fmt, ...)
{
	auto_text struct text t = { 0 };
	va_list ap;

	if (c->server->record < 0)
		return;
	va_start(ap, fmt);
	text_vprintf(&t, fmt, ap);
	va_end(ap);
	write_line(c, what, text_get(&t), t.n);
}
