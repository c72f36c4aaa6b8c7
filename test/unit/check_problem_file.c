/* SPDX-License-Identifier: MIT */
/* Problem files: what is read, and what is said of files that are none. */
#include "base/base.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "fixture.h"
#include "unit.h"
#include "weights/problem_file.h"

/* Section 9's smallest problem; 8 + 4 × 4 + 5 × 8 + 6 × 2 bytes. */
static const struct tiny {
	char magic[8];
	int32_t m, n, wgg, theta;
	int64_t w[2], b[3];
	uint16_t p[6];
} __attribute__((packed)) tiny = {
	"LOCAW1\0", 2, 3, 8000, 1500, { 1, 1 }, { 50, 30, 20 }, { 10, 20, 40, 10, 30, 40 },
};

static struct inputs *read_bytes(const void *bytes, size_t n)
{
	auto_close int fd = memfd_create("problem", MFD_CLOEXEC);
	char path[32];

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return problem_file_read(path, arena, &diags);
}

static void fails(const void *bytes, size_t n, const char *text)
{
	ck_assert_ptr_null(read_bytes(bytes, n));
	ck_assert_uint_eq(diags.n, 1);
	if (text)
		ck_assert_str_eq(diags.list[0]->text, text);
	ck_assert_str_eq(diags.list[0]->code, "input");
	ck_assert_ptr_nonnull(diags.list[0]->place.source);
}

START_TEST(a_problem_file_is_read_as_it_is)
{
	struct inputs *in = read_bytes(&tiny, sizeof(tiny));

	ck_assert_ptr_nonnull(in);
	ck_assert_uint_eq(in->unit, 10000);
	ck_assert_uint_eq(in->theta, 1500);
	ck_assert_int_eq(in->weights.wgg, 8000);
	ck_assert_int_eq(in->weights.wmg, 2000);
	ck_assert_uint_eq(in->n_locations, 2);
	ck_assert_str_eq(in->locations[1].name, "l1");
	ck_assert_uint_eq(in->locations[1].weight.whole, 1);
	ck_assert_uint_eq(in->n_relays, 3);
	ck_assert_str_eq(in->relays[2].name, "r2");
	ck_assert_uint_eq(in->relays[2].weight, 20);
	ck_assert_uint_eq(values_at(&in->values, 1, 1), 30);
	ck_assert_uint_eq(in->scale.n, 4096);
	ck_assert(in->is_problem_file);
}
END_TEST

static const struct {
	size_t at;
	int32_t value;
	const char *text, *hint;
} words[] = {
	{ 8, 0, "number of locations 0 is out of range", "1 to 1000000" },
	{ 8, 1000001, "number of locations 1000001 is out of range", "1 to 1000000" },
	{ 12, 65536, "number of relays 65536 is out of range", "1 to 65535" },
	{ 12, -1, "number of relays -1 is out of range", "1 to 65535" },
	{ 16, 10001, "Wgg 10001 is out of range", "1 to 10000" },
	{ 20, 1000001, "theta 1000001 is out of range", "1 to 1000000" },
	{ 24, 0, "weight 0 of location l0 is not above 0", NULL },
	{ 36, -1, "weight -4294967295 of location l1 is not above 0", NULL },
	{ 60, -1, "weight -4294967276 of relay r2 is negative", NULL },
	{ 12, 65535, "file has 76 bytes, 786460 expected", NULL },
	{ 0, 0, "not a problem file: it does not begin with 'LOCAW1'", NULL },
};

START_TEST(a_word_that_is_wrong_is_told)
{
	struct tiny t = tiny;

	memcpy((char *)&t + words[_i].at, &words[_i].value, sizeof(words[_i].value));
	fails(&t, sizeof(t), words[_i].text);
	if (words[_i].hint)
		ck_assert_str_eq(diags.list[0]->hint, words[_i].hint);
}
END_TEST

START_TEST(a_file_of_another_length_is_told)
{
	char longer[sizeof(tiny) + 1] = { 0 };

	memcpy(longer, &tiny, sizeof(tiny));
	fails(longer, sizeof(longer), "file has 77 bytes, 76 expected");
	diags_init(&diags, arena);
	fails(longer, 75, "file has 75 bytes, 76 expected");
	diags_init(&diags, arena);
	fails(longer, 20, "file has 20 bytes, at least 24 expected");
}
END_TEST

START_TEST(a_pipe_of_another_length_is_told)
{
	for (size_t n = sizeof(tiny) - 1; n <= sizeof(tiny) + 1; n++) {
		char bytes[sizeof(tiny) + 1] = { 0 }, path[32];
		int ends[2];

		diags_init(&diags, arena);
		memcpy(bytes, &tiny, sizeof(tiny));
		ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
		ck_assert_int_eq(write(ends[1], bytes, n), (ssize_t)n);
		(void)close(ends[1]);
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
		ck_assert((problem_file_read(path, arena, &diags) != NULL) == (n == sizeof(tiny)));
		(void)close(ends[0]);
		if (n != sizeof(tiny))
			ck_assert_str_eq(diags.list[0]->text, n < sizeof(tiny) ? "file has 75 bytes, 76 expected" :
										"file has 77 bytes, 76 expected");
	}
}
END_TEST

START_TEST(a_file_larger_than_the_memory_allowed_is_not_read)
{
	arena_allow(arena, 17 * 1024);
	ck_assert_ptr_nonnull(read_bytes(&tiny, sizeof(tiny)));
	arena_allow(arena, 75);
	ck_assert_ptr_null(read_bytes(&tiny, sizeof(tiny)));
	ck_assert_str_eq(diags.list[0]->text, "this problem needs 16 KiB, 0.1 KiB are allowed");
	ck_assert_str_eq(diags.list[0]->code, "machine");
}
END_TEST

START_TEST(a_compressed_file_is_told)
{
	fails("\xfd" "7zXZ\0 and more", 15, NULL);
	ck_assert_ptr_nonnull(strstr(diags.list[0]->text, " is compressed"));
	ck_assert_ptr_nonnull(strstr(diags.list[0]->hint, "xz -dc "));
}
END_TEST

START_TEST(a_file_that_is_not_there_is_told)
{
	ck_assert_ptr_null(problem_file_read("/nowhere/x", arena, &diags));
	ck_assert_str_eq(diags.list[0]->text, "cannot read '/nowhere/x': No such file or directory");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_problem_file_is_read_as_it_is);
	tcase_add_loop_test(tc, a_word_that_is_wrong_is_told, 0, ARRAY_LEN(words));
	tcase_add_test(tc, a_file_of_another_length_is_told);
	tcase_add_test(tc, a_pipe_of_another_length_is_told);
	tcase_add_test(tc, a_file_larger_than_the_memory_allowed_is_not_read);
	tcase_add_test(tc, a_compressed_file_is_told);
	tcase_add_test(tc, a_file_that_is_not_there_is_told);
}
