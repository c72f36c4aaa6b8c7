/* SPDX-License-Identifier: MIT */
/* Text that grows, its characters, the checked number parsers, and whole files. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

#include "base/text.h"

void text_release(struct text *t)
{
	free(t->p);
	*t = (struct text){ 0 };
}

void text_clear(struct text *t)
{
	t->n = 0;
	if (t->p)
		t->p[0] = '\0';
}

static void text_grow(struct text *t, size_t n)
{
	if (n >= SIZE_MAX / 4 - t->n)
		out_of_memory();
	size_t room = t->room ? t->room : 64;
	while (room <= t->n + n)
		room *= 2;
	char *p = realloc(t->p, room);
	if (!p)
		out_of_memory();
	t->p = p;
	t->room = room;
}

/* Room for n more bytes and the terminating 0; nearly always there is. */
static inline void text_reserve(struct text *t, size_t n)
{
	if (n >= t->room - t->n)
		text_grow(t, n);
}

void text_add(struct text *t, const void *p, size_t n)
{
	text_reserve(t, n);
	if (n > 0)
		memcpy(t->p + t->n, p, n);
	t->n += n;
	t->p[t->n] = '\0';
}

void text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_putc(struct text *t, char c)
{
	text_add(t, &c, 1);
}

void text_printf(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(t, fmt, ap);
	va_end(ap);
}

void text_vprintf(struct text *t, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	const int n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		BUG("format '%s'", fmt);
	text_reserve(t, (size_t)n);
	(void)vsnprintf(t->p + t->n, (size_t)n + 1, fmt, again);
	va_end(again);
	t->n += (size_t)n;
}

const char *text_get(const struct text *t)
{
	return t->p ? t->p : "";
}

size_t utf8_char(struct str s, uint32_t *c)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };

	if (s.n == 0)
		return 0;
	const unsigned char *p = (const unsigned char *)s.p;
	const size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	if (n == 0 || n > s.n)
		return 0;
	uint32_t value = n == 1 ? p[0] : p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (p[i] & 0x3f);
	}
	if (value < smallest[n] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	if (c)
		*c = value;
	return n;
}

static bool is_printable(uint32_t c)
{
	if (c < 0xa0)
		return c == '\t' || (c >= 0x20 && c < 0x7f);
	return !(c >= 0x200e && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) &&
	       c != 0x061c && c != 0xfeff;
}

void text_add_printable(struct text *t, struct str s)
{
	while (s.n > 0) {
		uint32_t c = 0;
		const size_t n = utf8_char(s, &c);
		if (n > 0 && is_printable(c))
			text_add(t, s.p, n);
		else
			text_putc(t, '?');
		s.p += MAX(n, 1);
		s.n -= MAX(n, 1);
	}
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* One or more digits of a base, all of s. */
static int parse_digits(struct str s, unsigned base, uint64_t *value)
{
	uint64_t sum = 0;
	bool over = false;

	if (s.n == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.n; i++) {
		const unsigned digit = (unsigned)digit_value(s.p[i]);
		if (digit >= base)
			return -EINVAL;
		over |= __builtin_mul_overflow(sum, base, &sum);
		over |= __builtin_add_overflow(sum, digit, &sum);
	}
	if (over)
		return -ERANGE;
	*value = sum;
	return 0;
}

int parse_uint(struct str s, uint64_t *value)
{
	if (s.n > 2 && s.p[0] == '0' && s.p[1] == 'x')
		return parse_digits((struct str){ s.p + 2, s.n - 2 }, 16, value);
	if (s.n > 1 && s.p[0] == '0')
		return -EINVAL;
	return parse_digits(s, 10, value);
}

int parse_millionths(struct str s, uint64_t *millionths)
{
	const char *dot = s.n ? memchr(s.p, '.', s.n) : NULL;
	const struct str whole = { s.p, dot ? (size_t)(dot - s.p) : s.n };
	const struct str part = { dot ? dot + 1 : NULL, dot ? s.n - whole.n - 1 : 0 };
	uint64_t value = 0;
	uint64_t fraction = 0;

	if (part.n > 6 || (dot && parse_digits(part, 10, &fraction)))
		return -EINVAL;
	for (size_t i = part.n; i < 6; i++)
		fraction *= 10;
	const int err = parse_digits(whole, 10, &value);
	if (err)
		return err;
	if (__builtin_mul_overflow(value, 1000000u, &value) || __builtin_add_overflow(value, fraction, &value))
		return -ERANGE;
	*millionths = value;
	return 0;
}

int read_file(const char *path, size_t limit, char **out, size_t *n)
{
	const bool is_stdin = !path || strcmp(path, "-") == 0;
	auto_close int opened = is_stdin ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	const int fd = is_stdin ? STDIN_FILENO : opened;
	/* For a file of /proc/sys the kernel takes, and clears, as much memory as is asked for (proc_sys_call_handler). */
	const size_t piece = MIN(limit, (size_t)16383) + 1;
	auto_text struct text t = { 0 };

	if (fd < 0)
		return -errno;
	for (;;) {
		text_reserve(&t, piece);
		const ssize_t got = read(fd, t.p + t.n, piece);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		t.n += (size_t)got;
		if (t.n > limit)
			return -EFBIG;
	}
	t.p[t.n] = '\0';
	*out = t.p;
	*n = t.n;
	t.p = NULL;
	return 0;
}

int text_write(const struct text *t, int fd)
{
	size_t done = 0;

	while (done < t->n) {
		ssize_t n = write(fd, t->p + done, t->n - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return 0;
}

int write_file(const char *path, const struct text *bytes)
{
	auto_text struct text temporary = { 0 };

	text_printf(&temporary, "%s.new", path);
	auto_close int fd = open(text_get(&temporary), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	int err = text_write(bytes, fd);

	if (!err && fdatasync(fd) < 0)
		err = -errno;
	if (!err && rename(text_get(&temporary), path) < 0)
		err = -errno;
	return err;
}
