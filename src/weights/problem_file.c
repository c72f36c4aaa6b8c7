/* SPDX-License-Identifier: MIT */
/* Read in one piece; penalties are used where they lie. Numbers are little endian in the file. */
#include "base/base.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "weights/lines.h"
#include "weights/memory.h"
#include "weights/problem_file.h"

enum {
	HEAD_BYTES = 24, LOCATIONS_MOST = 1000 * 1000, RELAYS_MOST = UINT16_MAX, UNIT = 10000, THETA_MOST = 1000 * 1000,
	FILE_SCALE = 4096, NAME_ROOM = 12, DRAIN_BYTES = 65536,
};

static const uint64_t bytes_most = (uint64_t)4 << 30;

struct reading {
	const char *path;
	int fd;
	struct place place;              /* the file */
	struct arena *arena;
	struct diags *d;
	char *bytes;                     /* behind the head */
	size_t m, n;
	uint64_t size;                   /* of the whole file, as its head wants it */
};

PRINTF(2, 3) static int wrong(struct reading *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_error(r->d, &r->place, "input", "%s", arena_vprintf(r->arena, fmt, ap));
	va_end(ap);
	return -EINVAL;
}

/* As many bytes as there are, at most n. */
static int read_bytes(struct reading *r, void *to, uint64_t n, uint64_t *got)
{
	for (*got = 0; *got < n;) {
		const ssize_t k = read(r->fd, (char *)to + *got, (size_t)(n - *got));

		if (k < 0) {
			const int error = errno;
			tell_unreadable(r->place.source->name, error, &r->place, r->d);
			return -error;
		}
		if (k == 0)
			break;
		*got += (uint64_t)k;
	}
	return 0;
}

/* How long a file is of which `before` bytes have been read. */
static int count_rest(struct reading *r, uint64_t before, uint64_t *size)
{
	char bytes[DRAIN_BYTES];
	uint64_t got = 0;
	struct stat st;

	*size = before;
	if (fstat(r->fd, &st) == 0 && S_ISREG(st.st_mode)) {
		*size = (uint64_t)st.st_size;
		return 0;
	}
	do {
		const int err = read_bytes(r, bytes, sizeof(bytes), &got);
		if (err)
			return err;
		*size += got;
		if (*size > bytes_most)
			return wrong(r, "file is longer than %llu bytes", (unsigned long long)bytes_most);
	} while (got > 0);
	return 0;
}

static int wrong_size(struct reading *r, uint64_t before)
{
	uint64_t size;
	const int err = count_rest(r, before, &size);

	return err ? err : wrong(r, "file has %llu bytes, %llu expected", (unsigned long long)size, (unsigned long long)r->size);
}

static uint32_t number_at(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

/* A word of the head as a number from 1 to most; a negative one is shown as it is. */
static int take(struct reading *r, const char *what, const char *p, uint32_t most, uint32_t *out)
{
	*out = number_at(p);
	if (*out >= 1 && *out <= most)
		return 0;
	diag_hint(r->d, diag_error(r->d, &r->place, "input", "%s %d is out of range", what, (int)(int32_t)*out), "1 to %u", most);
	return -EINVAL;
}

static int read_head(struct reading *r, struct inputs *in)
{
	char head[HEAD_BYTES];
	uint64_t got;
	uint32_t m, n, wgg, theta;
	const int err = read_bytes(r, head, sizeof(head), &got);

	if (err)
		return err;
	if (tell_compressed((struct str){ head, (size_t)got }, r->path, NULL, &r->place, r->d))
		return -EINVAL;
	if (got < 8 || memcmp(head, "LOCAW1\0", 8) != 0)
		return wrong(r, "not a problem file: it does not begin with 'LOCAW1'");
	if (got < sizeof(head))
		return wrong(r, "file has %llu bytes, at least %d expected", (unsigned long long)got, HEAD_BYTES);
	if (take(r, "number of locations", head + 8, LOCATIONS_MOST, &m) | take(r, "number of relays", head + 12, RELAYS_MOST, &n) |
	    take(r, "Wgg", head + 16, UNIT, &wgg) | take(r, "theta", head + 20, THETA_MOST, &theta))
		return -EINVAL;
	r->m = m;
	r->n = n;
	r->size = HEAD_BYTES + 8 * ((uint64_t)m + n) + 2 * (uint64_t)m * n;
	in->theta = theta;
	in->weights = (struct bandwidth_weights){ .wgg = wgg, .wmg = UNIT - wgg, .wee = UNIT, .wed = UNIT };
	return 0;
}

/* A regular file of the wrong length is not read at all. */
static int read_body(struct reading *r)
{
	const uint64_t n = r->size - HEAD_BYTES;
	struct stat st;
	uint64_t got;

	if (fstat(r->fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size != r->size)
		return wrong_size(r, 0);
	if (r->size > bytes_most)
		return wrong(r, "file is longer than %llu bytes", (unsigned long long)bytes_most);
	if (!memory_allows(r->arena, r->size, r->d))
		return -ENOMEM;
	r->bytes = arena_alloc(r->arena, (size_t)n);
	const int err = read_bytes(r, r->bytes, n, &got);
	if (err)
		return err;
	char more;
	uint64_t got_more = 0;
	if (got == n && read_bytes(r, &more, 1, &got_more) == 0 && got_more == 0)
		return 0;
	return wrong_size(r, HEAD_BYTES + got + got_more);
}

/* l0, l1, …: all in one piece. */
static char *numbered(struct arena *a, char letter, size_t n)
{
	char *names = arena_alloc(a, n * NAME_ROOM);

	for (size_t i = 0; i < n; i++)
		(void)snprintf(names + i * NAME_ROOM, NAME_ROOM, "%c%u", letter, (unsigned)i % 10000000);
	return names;
}

static int take_locations(struct reading *r, struct inputs *in)
{
	const uint64_t *weights = (const uint64_t *)(const void *)r->bytes;
	const char *names = numbered(r->arena, 'l', r->m);

	in->locations = arena_array(r->arena, struct location, r->m);
	in->n_locations = r->m;
	in->is_whole = true;
	for (size_t l = 0; l < r->m; l++) {
		const uint64_t w = le64toh(weights[l]);

		if (w < 1 || w > INT64_MAX)
			return wrong(r, "weight %lld of location l%zu is not above 0", (long long)w, l);
		in->locations[l] = (struct location){
			.name = names + l * NAME_ROOM, .weight = { w, (double)w, true }, .row = (uint32_t)l,
		};
	}
	return 0;
}

static int take_relays(struct reading *r, struct inputs *in)
{
	const uint64_t *weights = (const uint64_t *)(const void *)r->bytes + r->m;
	const char *names = numbered(r->arena, 'r', r->n);
	struct relay *relays = arena_array(r->arena, struct relay, r->n);
	uint32_t *column = arena_array(r->arena, uint32_t, r->n);

	for (size_t i = 0; i < r->n; i++) {
		const uint64_t b = le64toh(weights[i]);

		if (b > INT64_MAX)
			return wrong(r, "weight %lld of relay r%zu is negative", (long long)b, i);
		relays[i] = (struct relay){
			.name = names + i * NAME_ROOM, .is_weighted = true, .guard_fraction = -1, .class = CLASS_GUARD, .weight = b,
			.place = r->place,
		};
		column[i] = b > 0 ? (uint32_t)i : NO_COLUMN;
	}
	in->relays = relays;
	in->n_relays = r->n;
	in->column = column;
	return 0;
}

static void take_penalties(struct reading *r, struct inputs *in)
{
	uint16_t *p = (uint16_t *)(void *)(r->bytes + 8 * (r->m + r->n));

	for (size_t k = 0; k < r->m * r->n; k++)
		p[k] = le16toh(p[k]);
	in->values = (struct values){ .rows = r->m, .columns = r->n, .p16 = p };
	in->scale = (struct penalty_scale){ .n = FILE_SCALE };
}

struct inputs *problem_file_read(const char *path, struct arena *a, struct diags *d)
{
	const bool is_stdin = strcmp(path, "-") == 0;
	auto_close int opened = is_stdin ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	const int error = errno;
	struct source *source = arena_one(a, struct source);
	struct reading r = { .path = path, .fd = is_stdin ? STDIN_FILENO : opened, .arena = a, .d = d };
	struct inputs *in = arena_one(a, struct inputs);

	source->name = is_stdin ? "standard input" : arena_strdup(a, path);
	source->order = d->n_sources++;
	r.place = (struct place){ .source = source };
	if (r.fd < 0) {
		tell_unreadable(path, error, &r.place, d);
		return NULL;
	}
	in->unit = UNIT;
	in->is_problem_file = true;
	if (read_head(&r, in) || read_body(&r) || take_locations(&r, in) || take_relays(&r, in))
		return NULL;
	take_penalties(&r, in);
	return in;
}
