/* SPDX-License-Identifier: MIT */
/* Quotients as decimal text. */
#include "base/base.h"

#include "unit.h"
#include "weights/decimal.h"

static const struct {
	int64_t number, divisor;
	int tens;
	unsigned digits;
	const char *text;
} vectors[] = {
	{ 0, 1, 0, 0, "0" }, { 0, 7, 0, 3, "0.000" }, { 1, 3, 0, 6, "0.333333" }, { 2, 3, 0, 6, "0.666667" }, { 1, 2, 0, 0, "1" },
	{ 1, 2, 0, 1, "0.5" }, { 9999995, 10, 0, 0, "1000000" }, { 99, 100, 0, 1, "1.0" }, { 949, 1000, 0, 1, "0.9" },
	{ -1, 8, 0, 2, "-0.13" }, { 5, 1, -3, 3, "5000.000" }, { 5, 1, 3, 3, "0.005" }, { 5, 1, 3, 2, "0.01" }, { 4, 1, 3, 2, "0.00" },
	{ 123456, 1, 18, 12, "0.000000000000" }, { 1, 3, -18, 2, "333333333333333333.33" }, { 1, 1, -2, 0, "100" },
	{ 1, 100, 0, 2, "0.01" }, { INT64_MAX, 1, 0, 2, "9223372036854775807.00" },
};

START_TEST(quotients_are_exact_to_the_last_digit)
{
	char buf[DECIMAL_TEXT];

	ck_assert_str_eq(decimal_print(vectors[_i].number, vectors[_i].divisor, vectors[_i].tens, vectors[_i].digits, buf),
			 vectors[_i].text);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, quotients_are_exact_to_the_last_digit, 0, ARRAY_LEN(vectors));
}
