/* SPDX-License-Identifier: MIT */
/* Text, characters, numbers, words, digests and files. */
#include "base/base.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/text.h"
#include "unit.h"

START_TEST(text_grows_and_stays_terminated)
{
	auto_text struct text t = { 0 };

	ck_assert_str_eq(text_get(&t), "");
	for (int i = 0; i < 5000; i++)
		text_putc(&t, 'x');
	ck_assert_uint_eq(t.n, 5000);
	ck_assert_uint_eq(strlen(t.p), 5000);
	text_clear(&t);
	ck_assert_str_eq(text_get(&t), "");
	text_printf(&t, "%s/%d", "class", 7);
	text_puts(&t, " ok");
	text_add(&t, "\0b", 2);
	ck_assert_uint_eq(t.n, 12);
	ck_assert_int_eq(memcmp(t.p, "class/7 ok\0b", 13), 0);
	text_add(&t, NULL, 0);
	ck_assert_uint_eq(t.n, 12);
}
END_TEST

static const struct {
	const char *in, *out;
} printables[] = {
	{ "plain text\twith a tab", "plain text\twith a tab" },
	{ "bell\a and escape\033[31m", "bell? and escape?[31m" },
	{ "line\r\nend\x7f", "line??end?" },
	{ "h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "\xff\xfe lone \xc3", "?? lone ?" },
	{ "overlong \xc0\xaf \xe0\x80\xaf", "overlong ?? ???" },
	{ "surrogate \xed\xa0\x80, beyond \xf4\x90\x80\x80", "surrogate ???, beyond ????" },
	{ "C1 \xc2\x9b, mark \xef\xbb\xbf, turn \xe2\x80\xae, line \xe2\x80\xa8", "C1 ?, mark ?, turn ?, line ?" },
};

START_TEST(what_cannot_be_printed_becomes_a_question_mark)
{
	auto_text struct text t = { 0 };

	text_add_printable(&t, str_of(printables[_i].in));
	ck_assert_str_eq(text_get(&t), printables[_i].out);
}
END_TEST

START_TEST(a_character_has_its_length_and_number)
{
	uint32_t c = 0;

	ck_assert_uint_eq(utf8_char(STR(""), &c), 0);
	ck_assert_uint_eq(utf8_char(STR("a"), NULL), 1);
	ck_assert_uint_eq(utf8_char(STR("\xe2\x82\xac!"), &c), 3);
	ck_assert_uint_eq(c, 0x20ac);
	ck_assert_uint_eq(utf8_char((struct str){ "\xe2\x82\xac", 2 }, &c), 0);
	ck_assert_uint_eq(utf8_char((struct str){ "\0", 1 }, &c), 1);
	ck_assert_uint_eq(c, 0);
}
END_TEST

static const struct {
	const char *in;
	int err;
	uint64_t value;
} uints[] = {
	{ "0", 0, 0 },
	{ "7", 0, 7 },
	{ "18446744073709551615", 0, UINT64_MAX },
	{ "18446744073709551616", -ERANGE, 0 },
	{ "99999999999999999999999", -ERANGE, 0 },
	{ "99999999999999999999999x", -EINVAL, 0 },
	{ "0x0", 0, 0 },
	{ "0x01000000", 0, 0x1000000 },
	{ "0xFFffFFffFFffFFff", 0, UINT64_MAX },
	{ "0x10000000000000000", -ERANGE, 0 },
	{ "", -EINVAL, 0 },
	{ "00", -EINVAL, 0 },
	{ "01", -EINVAL, 0 },
	{ "0x", -EINVAL, 0 },
	{ "0X1", -EINVAL, 0 },
	{ "0xg", -EINVAL, 0 },
	{ "-1", -EINVAL, 0 },
	{ "+1", -EINVAL, 0 },
	{ " 1", -EINVAL, 0 },
	{ "1 ", -EINVAL, 0 },
	{ "1e3", -EINVAL, 0 },
	{ "1a", -EINVAL, 0 },
	{ "lots", -EINVAL, 0 },
};

START_TEST(a_whole_number_is_read_exactly_or_refused)
{
	uint64_t value = 4711;

	ck_assert_int_eq(parse_uint(str_of(uints[_i].in), &value), uints[_i].err);
	ck_assert_uint_eq(value, uints[_i].err ? 4711 : uints[_i].value);
}
END_TEST

static const struct {
	const char *in;
	int err;
	uint64_t value;
} millionths[] = {
	{ "0", 0, 0 },
	{ "1", 0, 1000000 },
	{ "007", 0, 7000000 },
	{ "2.6", 0, 2600000 },
	{ "0.000001", 0, 1 },
	{ "1.25", 0, 1250000 },
	{ "18446744073709.551615", 0, UINT64_MAX },
	{ "18446744073709.551616", -ERANGE, 0 },
	{ "18446744073710", -ERANGE, 0 },
	{ "99999999999999999999999.5", -ERANGE, 0 },
	{ "", -EINVAL, 0 },
	{ ".", -EINVAL, 0 },
	{ ".5", -EINVAL, 0 },
	{ "5.", -EINVAL, 0 },
	{ "1.2.3", -EINVAL, 0 },
	{ "0.0000001", -EINVAL, 0 },
	{ "1e3", -EINVAL, 0 },
	{ "1,5", -EINVAL, 0 },
	{ "-1", -EINVAL, 0 },
	{ "0x10", -EINVAL, 0 },
};

START_TEST(a_fraction_is_read_exactly_or_refused)
{
	uint64_t value = 4711;

	ck_assert_int_eq(parse_millionths(str_of(millionths[_i].in), &value), millionths[_i].err);
	ck_assert_uint_eq(value, millionths[_i].err ? 4711 : millionths[_i].value);
}
END_TEST

START_TEST(a_number_is_not_read_beyond_its_view)
{
	uint64_t value = 0;

	ck_assert_int_eq(parse_uint((struct str){ "123456", 3 }, &value), 0);
	ck_assert_uint_eq(value, 123);
	ck_assert_int_eq(parse_millionths((struct str){ "1.5999999", 3 }, &value), 0);
	ck_assert_uint_eq(value, 1500000);
}
END_TEST

static const struct {
	const char *a, *b;
	unsigned limit, distance;
} distances[] = {
	{ "quantum", "quantum", 2, 0 }, { "qunatum", "quantum", 2, 1 }, { "quantm", "quantum", 2, 1 },
	{ "quanttum", "quantum", 2, 1 }, { "quentum", "quantum", 2, 1 }, { "ab", "ba", 2, 1 },
	{ "wieght", "height", 2, 2 },	 { "shaper", "path", 2, 3 },	  { "shaper", "path", 9, 5 },
	{ "", "abc", 9, 3 },		 { "", "abc", 2, 3 },		  { "ewna", "ewma", 1, 1 },
};

START_TEST(distance_counts_letters_and_swapped_neighbours)
{
	const struct str a = str_of(distances[_i].a);
	const struct str b = str_of(distances[_i].b);

	ck_assert_uint_eq(edit_distance(a, b, distances[_i].limit), distances[_i].distance);
	ck_assert_uint_eq(edit_distance(b, a, distances[_i].limit), distances[_i].distance);
}
END_TEST

START_TEST(very_long_words_are_never_near)
{
	char word[100];

	memset(word, 'x', sizeof(word));
	ck_assert_uint_eq(edit_distance((struct str){ word, 100 }, (struct str){ word, 99 }, 2), 3);
	ck_assert_uint_eq(edit_distance((struct str){ word, 64 }, (struct str){ word, 63 }, 2), 1);
}
END_TEST

static const struct {
	const char *word, *nearest;
} nears[] = {
	{ "wieght", "weight" }, { "weigt", "weight" }, { "weghti", "weight" }, { "wgt", NULL },
	{ "vai", "via" },	{ "vva", "via" },      { "va", NULL },	       { "x", NULL },
	{ "viax", "via" },	{ "vaix", NULL },      { "fron", "from" },     { "table", "table" },
	{ "tablet", "table" },	{ "elephant", NULL },  { "sup", "up" },	       { "tap", "top" },
};

START_TEST(the_nearest_word_is_proposed_and_the_first_of_two)
{
	static const char *const words[] = { "weight", "via", "from", "table", "up", "top", "tip" };
	const char *nearest = nearest_word(str_of(nears[_i].word), words, ARRAY_LEN(words));

	if (nears[_i].nearest)
		ck_assert_str_eq(nearest, nears[_i].nearest);
	else
		ck_assert_ptr_null(nearest);
}
END_TEST

START_TEST(sha256_is_that_of_the_standard)
{
	char hex[65];

	sha256_hex("abc", 3, hex);
	ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_hex("", 0, hex);
	ck_assert_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

static const struct {
	const char *plain, *coded;
} base64s[] = {
	{ "", "" },	       { "f", "Zg==" },	       { "fo", "Zm8=" },	  { "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xff\xfe\xfd", "//79" },
};

START_TEST(base64_goes_both_ways)
{
	auto_text struct text coded = { 0 };
	auto_free void *plain = NULL;
	size_t n = 0;

	base64_encode(base64s[_i].plain, strlen(base64s[_i].plain), &coded);
	ck_assert_str_eq(text_get(&coded), base64s[_i].coded);
	ck_assert_int_eq(base64_decode(str_of(base64s[_i].coded), &plain, &n), 0);
	ck_assert_uint_eq(n, strlen(base64s[_i].plain));
	ck_assert_int_eq(memcmp(plain, base64s[_i].plain, n), 0);
}
END_TEST

static const char *const not_base64[] = {
	"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "====", "Z===", "Zg==Zg==", "Zm 9", "Zm9\n", "Zm-_", "=Zg=",
};

START_TEST(base64_refuses_all_but_the_one_spelling)
{
	auto_free void *plain = NULL;
	size_t n = 0;

	ck_assert_int_eq(base64_decode(str_of(not_base64[_i]), &plain, &n), -EINVAL);
	ck_assert_ptr_null(plain);
}
END_TEST

static void write_temporary(char *path, const char *bytes, size_t n)
{
	auto_close int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
}

START_TEST(a_file_is_read_whole_up_to_its_limit)
{
	char path[] = "check_text.XXXXXX";
	auto_free char *out = NULL;
	size_t n = 0;

	write_temporary(path, "a\0b", 3);
	ck_assert_int_eq(read_file(path, 2, &out, &n), -EFBIG);
	ck_assert_ptr_null(out);
	ck_assert_int_eq(read_file(path, 3, &out, &n), 0);
	(void)unlink(path);
	ck_assert_uint_eq(n, 3);
	ck_assert_int_eq(memcmp(out, "a\0b", 4), 0);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_says_why)
{
	auto_free char *out = NULL;
	size_t n = 0;

	ck_assert_int_eq(read_file("no such file", 9, &out, &n), -ENOENT);
	ck_assert_int_eq(read_file("/", 9, &out, &n), -EISDIR);
	ck_assert_int_eq(read_file("/dev/null", 0, &out, &n), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_str_eq(out, "");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, text_grows_and_stays_terminated);
	tcase_add_loop_test(tc, what_cannot_be_printed_becomes_a_question_mark, 0, ARRAY_LEN(printables));
	tcase_add_test(tc, a_character_has_its_length_and_number);
	tcase_add_loop_test(tc, a_whole_number_is_read_exactly_or_refused, 0, ARRAY_LEN(uints));
	tcase_add_loop_test(tc, a_fraction_is_read_exactly_or_refused, 0, ARRAY_LEN(millionths));
	tcase_add_test(tc, a_number_is_not_read_beyond_its_view);
	tcase_add_loop_test(tc, distance_counts_letters_and_swapped_neighbours, 0, ARRAY_LEN(distances));
	tcase_add_test(tc, very_long_words_are_never_near);
	tcase_add_loop_test(tc, the_nearest_word_is_proposed_and_the_first_of_two, 0, ARRAY_LEN(nears));
	tcase_add_test(tc, sha256_is_that_of_the_standard);
	tcase_add_loop_test(tc, base64_goes_both_ways, 0, ARRAY_LEN(base64s));
	tcase_add_loop_test(tc, base64_refuses_all_but_the_one_spelling, 0, ARRAY_LEN(not_base64));
	tcase_add_test(tc, a_file_is_read_whole_up_to_its_limit);
	tcase_add_test(tc, a_file_that_cannot_be_read_says_why);
}
