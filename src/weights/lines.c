/* SPDX-License-Identifier: MIT */
/* Lines of a stream, in one buffer of a line's greatest length and one read. Bytes are looked at twice, both times many at
 * once: for those that are no text, and for the line feed. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "weights/lines.h"
#include "weights/lines_parts.h"
#include "weights/memory.h"

enum { READ_BYTES = 128 * 1024, LINE_MOST = 65536, STRIDE = 64 };

/* ---- opening --------------------------------------------------------------------------------------------------- */
static const struct packer {
	const char *name;
	struct str magic;
} packers[] = {
	{ "xz", { "\xfd" "7zXZ\0", 6 } },
	{ "gzip", { "\x1f\x8b", 2 } },
	{ "bzip2", { "BZh", 3 } },
};

static const char *packer_of(struct str start)
{
	for (size_t i = 0; i < ARRAY_LEN(packers); i++)
		if (start.n >= packers[i].magic.n && memcmp(start.p, packers[i].magic.p, packers[i].magic.n) == 0)
			return packers[i].name;
	return NULL;
}

bool tell_compressed(struct str start, const char *path, const char *unpack_for, const struct place *file, struct diags *d)
{
	const char *packer = packer_of(start);
	const bool is_stdin = strcmp(path, "-") == 0;

	if (!packer)
		return false;
	struct diag *g = diag_error(d, file, "input", "%s is compressed", file->source->name);
	diag_hint(d, g, "%s -dc%s%s | %s", packer, is_stdin ? "" : " ", is_stdin ? "" : path,
		  unpack_for ? unpack_for : "nlbc weights ... -");
	return true;
}

void tell_unreadable(const char *path, int error, const struct place *file, struct diags *d)
{
	/* Whether it is the machine that refuses, not the file that is wrong. */
	const bool is_machine = error == EMFILE || error == ENFILE || error == ENOMEM || error == EIO;
	const char *code = error == EINTR ? "interrupted" : is_machine ? "machine" : "input";

	diag_error(d, file, code, "cannot read '%s': %s", path, error == EINTR ? "stopped by a signal" : strerror(error));
}

static int lines_start(struct lines *l, const char *path)
{
	const struct place place = lines_file(l);
	struct stat st;

	l->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (l->fd < 0 || fstat(l->fd, &st) < 0 || S_ISDIR(st.st_mode)) {
		const int error = l->fd >= 0 && errno == 0 ? EISDIR : errno;
		tell_unreadable(path, error, &place, l->diags);
		return -error;
	}
	/* Enough to know compressed data by, however small the pieces are that a pipe gives. */
	while (l->end < 6 && !l->is_ended) {
		const int err = lines_fill(l);
		if (err)
			return err;
	}
	const struct str start = { l->bytes, l->end };
	return tell_compressed(start, path, l->wish.unpack_for, &place, l->diags) ? -EINVAL : 0;
}

static void lines_free(struct lines *l)
{
	if (l->fd > STDIN_FILENO)
		(void)close(l->fd);
	free(l->bytes);
	free(l);
}

struct lines *lines_open(const char *path, const struct lines_wish *w, struct arena *a, struct diags *d)
{
	struct lines *l = calloc(1, sizeof(*l));

	if (!l)
		out_of_memory();
	l->wish = *w;
	l->wish.max_bytes = w->max_bytes ? w->max_bytes : UINT64_C(1) << 32;
	l->wish.max_line = w->max_line ? w->max_line : LINE_MOST;
	l->arena = a;
	l->diags = d;
	l->source = arena_one(a, struct source);
	l->source->name = strcmp(path, "-") == 0 ? "standard input" : arena_strdup(a, path);
	l->source->order = d->n_sources++;
	l->room = l->wish.max_line + READ_BYTES;
	l->bytes = malloc(l->room);
	if (!l->bytes)
		out_of_memory();
	errno = 0;
	if (lines_start(l, path)) {
		lines_free(l);
		return NULL;
	}
	return l;
}

void lines_close(struct lines *l)
{
	if (!l)
		return;
	if (l->n_left_out > 0) {
		const struct place place = lines_file(l);
		diag_warning(l->diags, &place, "input", "%zu malformed line%s left out", l->n_left_out,
			     l->n_left_out == 1 ? "" : "s");
	}
	lines_free(l);
}

/* ---- places and messages --------------------------------------------------------------------------------------- */
unsigned lines_number(const struct lines *l)
{
	return l->number;
}

const char *lines_name(const struct lines *l)
{
	return l->source->name;
}

static unsigned characters(struct str s)
{
	unsigned n = 0;

	for (; s.n > 0; n++) {
		const size_t size = MAX(utf8_char(s, NULL), 1);
		s.p += size;
		s.n -= size;
	}
	return n;
}

struct place lines_place(const struct lines *l, struct str word)
{
	const struct str where = word.p ? word : l->line;
	const struct str before = { l->line.p, (size_t)(where.p - l->line.p) };

	return (struct place){ .source = l->source, .line = l->number, .column = characters(before) + 1,
			       .length = characters(where) };
}

struct place lines_file(const struct lines *l)
{
	return (struct place){ .source = l->source };
}

/* What is quoted may be as long as a line: the middle of such a message says nothing. */
static void shorten(struct text *t)
{
	enum { MOST = 320, FIRST = 160, LAST = 128 };
	auto_text struct text whole = { 0 };

	if (t->n <= MOST)
		return;
	text_add(&whole, t->p, t->n);
	t->n = FIRST;
	text_puts(t, " ... ");
	text_add(t, whole.p + whole.n - LAST, LAST);
}

static struct diag *tell(struct lines *l, struct str word, const char *fmt, va_list ap)
{
	auto_text struct text t = { 0 };
	struct place place = lines_place(l, word);

	if (l->n_errors++ < DIAGS_SHOWN && l->line.p) {
		struct source *shown = arena_one(l->arena, struct source);
		*shown = *l->source;
		shown->text = (struct str){ arena_str(l->arena, l->line), l->line.n };
		shown->first_line = l->number;
		place.source = shown;
	}
	text_vprintf(&t, fmt, ap);
	shorten(&t);
	return diag_error(l->diags, &place, "input", "%s", text_get(&t));
}

struct diag *lines_wrong(struct lines *l, struct str word, const char *fmt, ...)
{
	va_list ap;

	if (l->wish.lenient) {
		l->n_left_out += l->left_out_last != l->number;
		l->left_out_last = l->number;
		return NULL;
	}
	va_start(ap, fmt);
	struct diag *g = tell(l, word, fmt, ap);
	va_end(ap);
	return g;
}

struct diag *lines_wrong_at(struct lines *l, struct place place, const char *fmt, ...)
{
	auto_text struct text t = { 0 };
	va_list ap;

	if (l->wish.lenient) {
		l->n_left_out++;
		return NULL;
	}
	l->n_errors++;
	va_start(ap, fmt);
	text_vprintf(&t, fmt, ap);
	va_end(ap);
	return diag_error(l->diags, &place, "input", "%s", text_get(&t));
}

struct diag *lines_error(struct lines *l, struct str word, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	struct diag *g = tell(l, word, fmt, ap);
	va_end(ap);
	return g;
}

bool lines_hopeless(const struct lines *l)
{
	return l->n_errors >= DIAGS_SHOWN;
}

bool lines_failed(const struct lines *l)
{
	return l->n_errors > 0;
}

/* ---- bytes ----------------------------------------------------------------------------------------------------- */
int lines_fill(struct lines *l)
{
	if (l->begin > 0) {
		memmove(l->bytes, l->bytes + l->begin, l->end - l->begin);
		l->end -= l->begin;
		l->searched -= MIN(l->searched, l->begin);
		l->plain -= MIN(l->plain, l->begin);
		l->begin = 0;
		l->line = (struct str){ NULL, 0 };
	}
	const ssize_t got = read(l->fd, l->bytes + l->end, l->room - l->end);
	const struct place place = lines_file(l);
	if (got < 0) {
		const int error = errno;
		tell_unreadable(l->source->name, error, &place, l->diags);
		return -error;
	}
	l->is_ended = got == 0;
	l->end += (size_t)got;
	l->total += (uint64_t)got;
	if (l->total > l->wish.max_bytes) {
		diag_error(l->diags, &place, "input", "file is longer than %llu bytes",
			   (unsigned long long)l->wish.max_bytes);
		return -EFBIG;
	}
	return memory_allows(l->arena, 0, l->diags) ? 0 : -ENOMEM;
}

/* Bytes to look at, each 0 or 1: control bytes but tab and line feed, and all that is not ASCII unless it may be. Without
 * branches, so that the compiler takes many bytes at once. */
static inline unsigned char is_odd(unsigned char c, unsigned char any)
{
	return (unsigned char)(((c < 0x20) & (c != '\t') & (c != '\n')) | (c == 0x7f) | ((c >> 7) & !any));
}

static size_t plain_until(const char *bytes, size_t from, size_t to, bool any_bytes)
{
	const unsigned char *p = (const unsigned char *)bytes;

	for (; to - from >= STRIDE; from += STRIDE) {
		unsigned char odd = 0;
		for (size_t i = 0; i < STRIDE; i++)
			odd |= is_odd(p[from + i], any_bytes);
		if (odd)
			break;
	}
	while (from < to && !is_odd(p[from], any_bytes))
		from++;
	return from;
}

bool lines_ascii(struct lines *l, struct str s)
{
	const size_t n = plain_until(s.p, 0, s.n, false);

	if (n < s.n)
		lines_wrong(l, (struct str){ s.p + n, 1 }, "byte 0x%02x is not ASCII", (unsigned char)s.p[n]);
	return n == s.n;
}

static bool is_skipped(struct str line)
{
	if (line.n > 0 && line.p[0] == '#')
		return true;
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] != ' ' && line.p[i] != '\t')
			return false;
	return true;
}

/* The line from `begin`: 1: it is text; 0: it is to be left out; -EILSEQ: explained. */
static int check_line(struct lines *l, size_t begin, size_t n)
{
	if (l->plain >= begin + n)
		return 1;
	l->plain = plain_until(l->bytes, MAX(l->plain, begin), l->end, l->wish.any_bytes);
	if (l->plain >= begin + n)
		return 1;
	const struct str at = { l->bytes + l->plain, 1 };
	if ((unsigned char)at.p[0] < 0x80) {
		lines_error(l, at, "byte 0x%02x is not text", (unsigned)at.p[0]);
		return -EILSEQ;
	}
	if (!l->wish.raw && is_skipped(l->line) && plain_until(l->line.p, 0, n, true) == n)
		return 0;
	return lines_ascii(l, l->line) || l->wish.lenient ? 0 : -EILSEQ;
}

static int tell_too_long(struct lines *l)
{
	l->number++;
	l->line = (struct str){ NULL, 0 };
	lines_error(l, l->line, "line is longer than %zu bytes", l->wish.max_line);
	return -EMSGSIZE;
}

/* The next line feed; NULL: none, and the file is at its end, -errno in *err. */
static const char *find_end(struct lines *l, int *err)
{
	*err = 0;
	for (;;) {
		const char *feed = memchr(l->bytes + l->searched, '\n', l->end - l->searched);
		if (feed || l->is_ended)
			return feed;
		l->searched = l->end;
		if (l->end - l->begin > l->wish.max_line + 1)
			*err = tell_too_long(l);
		else
			*err = lines_fill(l);
		if (*err)
			return NULL;
	}
}

int lines_next(struct lines *l, struct str *line)
{
	for (;;) {
		int err;
		const char *feed = find_end(l, &err);
		if (err || (!feed && l->begin == l->end)) {
			l->line = (struct str){ NULL, 0 };
			return err;
		}
		const size_t begin = l->begin;
		const size_t stop = feed ? (size_t)(feed - l->bytes) : l->end;
		const size_t n = stop - begin - (feed && stop > begin && feed[-1] == '\r');
		if (n > l->wish.max_line)
			return tell_too_long(l);
		l->begin = feed ? stop + 1 : stop;
		l->searched = l->begin;
		l->number++;
		l->line = (struct str){ l->bytes + begin, n };
		const int use = check_line(l, begin, n);
		if (use < 0)
			return use;
		if (use == 0 || (!l->wish.raw && is_skipped(l->line)))
			continue;
		*line = l->line;
		return 1;
	}
}
