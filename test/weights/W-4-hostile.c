/* SPDX-License-Identifier: MIT */
/* W-4: a consensus may be cut anywhere or be as large as it likes: it is told, or read, within 64 MiB and a second. Its wrong
 * lines one by one are test/unit/check_consensus. */
#include "base/base.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "../unit/unit.h"
#include "base/arena.h"
#include "base/text.h"
#include "weights/relays.h"

enum { MEMORY_KIB = 64 * 1024, CPU_MS = 1000, PREFIXES = 20 * 1024, PARTS = 16 };

/* Sanitizers hold more memory and take longer, so neither is judged. */
static bool is_instrumented(void)
{
	return dlsym(RTLD_DEFAULT, "__asan_init") != NULL;
}

static int fd = -1;

static const char *path_of(void)
{
	static char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

static void put(const struct text *t)
{
	ck_assert_int_eq(text_write(t, fd), 0);
}

/* ---- a consensus of any length --------------------------------------------------------------------------------- */
static void add_head(struct text *t)
{
	text_puts(t, "network-status-version 3\nvote-status consensus\nconsensus-method 29\nvalid-after 2020-02-29 10:00:00\n"
		     "fresh-until 2020-02-29 11:00:00\nvalid-until 2020-02-29 13:00:00\nknown-flags Exit Fast Guard\n");
}

static void add_relay(struct text *t, unsigned i)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	text_printf(t, "r relay%u %c%c%cAAAAAAAAAAAAAAAAAAAAAAAA %027u 2020-02-29 00:48:16 192.0.2.%u 443 0\n", i, digits[i >> 12 & 63],
		    digits[i >> 6 & 63], digits[i & 63], i, i % 256);
	text_printf(t, "s %sFast%s Running\nv Tor 0.4.2.6\nw Bandwidth=%u\np reject 1-65535\n", i % 3 ? "" : "Exit ",
		    i % 2 ? "" : " Guard", i % 30000);
}

static void add_relays(unsigned n)
{
	auto_text struct text t = { 0 };

	add_head(&t);
	for (unsigned i = 0; i < n; i++) {
		add_relay(&t, i);
		if (t.n < 1000000 && i + 1 < n)
			continue;
		put(&t);
		text_clear(&t);
	}
}

/* n bytes more, all the same; line feeds with lines of blanks between them. */
static void add_filled(const char *before, char fill, size_t n, const char *after)
{
	auto_text struct text t = { 0 };

	add_head(&t);
	text_puts(&t, before);
	put(&t);
	text_clear(&t);
	for (size_t i = 0; i < 65536; i++)
		text_putc(&t, fill == '\n' && i % 64 ? ' ' : fill);
	for (; n > t.n; n -= t.n)
		put(&t);
	t.n = n;
	text_puts(&t, after);
	put(&t);
}

/* ---- what it costs --------------------------------------------------------------------------------------------- */
/* In a process of its own, so that the memory is that of reading alone. Its exit code: 0 read, 1 told. */
static int read_alone(const char **text, unsigned *line)
{
	int pipe_fds[2];
	char said[256] = "";
	struct rusage usage;
	int status;

	ck_assert_int_eq(pipe(pipe_fds), 0);
	const pid_t pid = fork();
	if (pid == 0) {
		struct arena *a = arena_new();
		struct diags d;
		auto_text struct text t = { 0 };
		diags_init(&d, a);
		const bool is_read = consensus_read(path_of(), NULL, a, &d) != NULL;
		if (d.n > 0)
			text_printf(&t, "%u %.200s", d.list[0]->place.line, d.list[0]->text);
		_exit(text_write(&t, pipe_fds[1]) < 0 ? 2 : !is_read);
	}
	(void)close(pipe_fds[1]);
	const ssize_t n = read(pipe_fds[0], said, sizeof(said) - 1);
	(void)close(pipe_fds[0]);
	ck_assert_int_ge(n, 0);
	ck_assert_int_eq(wait4(pid, &status, 0, &usage), pid);
	ck_assert(WIFEXITED(status));
	if (!is_instrumented()) {
		ck_assert_int_le(usage.ru_maxrss, MEMORY_KIB);
		ck_assert_int_le(usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000, CPU_MS);
	}
	static char kept[256];
	const char *blank = strchr(said, ' ');
	(void)snprintf(kept, sizeof(kept), "%s", blank ? blank + 1 : "");
	*text = kept;
	*line = (unsigned)strtoul(said, NULL, 10);
	return WEXITSTATUS(status);
}

static void expect_told(const char *text, unsigned line)
{
	const char *said;
	unsigned at;

	ck_assert_int_eq(read_alone(&said, &at), 1);
	ck_assert_str_eq(said, text);
	ck_assert_uint_eq(at, line);
}

START_TEST(one_relay_too_many_is_told)
{
	add_relays(RELAYS_MOST + 1);
	expect_told("consensus has more than 200000 relays", 7 + 5 * RELAYS_MOST + 1);
}
END_TEST

START_TEST(as_many_relays_as_may_be_are_read)
{
	const char *said;
	unsigned line;
	struct text footer = { 0 };

	add_relays(RELAYS_MOST);
	text_puts(&footer, "directory-footer\n");
	put(&footer);
	text_release(&footer);
	ck_assert_int_eq(read_alone(&said, &line), 0);
}
END_TEST

START_TEST(a_line_of_a_million_bytes_is_told)
{
	add_filled("contact ", 'x', 1000000, "\n");
	expect_told("line is longer than 65536 bytes", 8);
}
END_TEST

START_TEST(a_file_of_more_than_64_mib_is_told)
{
	add_filled("", '\n', (size_t)RELAYS_BYTES, "directory-footer\n");
	expect_told("file is longer than 67108864 bytes", 0);
}
END_TEST

START_TEST(many_errors_cost_no_more_than_few)
{
	auto_text struct text t = { 0 };

	add_head(&t);
	for (unsigned i = 0; i < 600000; i++)
		text_puts(&t, "r\ns\ns\nw x x x x\n");
	put(&t);
	expect_told("r line has 0 words, 8 expected", 8);
}
END_TEST

/* A part of them at a time, within the time that a test has. */
START_TEST(every_prefix_is_told)
{
	struct text t = { 0 };

	add_head(&t);
	for (unsigned i = 0; t.n < PREFIXES; i++)
		add_relay(&t, i);
	for (size_t n = (size_t)_i; n <= PREFIXES; n += PARTS) {
		struct arena *a = arena_new();
		struct diags d;
		diags_init(&d, a);
		ck_assert_int_eq(ftruncate(fd, 0), 0);
		ck_assert_int_eq(pwrite(fd, t.p, n, 0), (ssize_t)n);
		ck_assert_msg(!consensus_read(path_of(), NULL, a, &d), "%zu bytes", n);
		ck_assert_msg(d.n_errors > 0, "%zu bytes", n);
		for (size_t i = 0; i < d.n; i++)
			ck_assert_msg(n == 0 || d.list[i]->place.line > 0, "%zu bytes", n);
		arena_free(a);
	}
	text_release(&t);
}
END_TEST

static void setup(void)
{
	fd = memfd_create("consensus", 0);
	ck_assert_int_ge(fd, 0);
}

static void teardown(void)
{
	(void)close(fd);
}

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_relay_too_many_is_told);
	tcase_add_test(tc, as_many_relays_as_may_be_are_read);
	tcase_add_test(tc, a_line_of_a_million_bytes_is_told);
	tcase_add_test(tc, a_file_of_more_than_64_mib_is_told);
	tcase_add_test(tc, many_errors_cost_no_more_than_few);
	tcase_add_loop_test(tc, every_prefix_is_told, 0, PARTS);
}
