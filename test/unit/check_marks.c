/* SPDX-License-Identifier: MIT */
/* What foreign uses of marks mean, and which bits are free. */
#include "base/base.h"

#include "target/uses.h"
#include "fixture.h"
#include "unit.h"

enum { MASK = 0x7f000000 };

START_TEST(the_first_free_field_is_found_from_the_top)
{
	ck_assert_uint_eq(mark_free_field(0, 7), 0xfe000000);
	ck_assert_uint_eq(mark_free_field(0xff000000, 7), 0x00fe0000);
	ck_assert_uint_eq(mark_free_field(0x40000000, 7), 0x3f800000);
	ck_assert_uint_eq(mark_free_field(0x02040810, 7), 0);
	ck_assert_uint_eq(mark_free_field(0xffff0000, 11), 0x0000ffe0);
}
END_TEST

START_TEST(many_paths_ask_for_a_wider_field)
{
	struct mark_scan s;
	mark_scan_init(&s, MASK, 126, NULL, &diags);
	ck_assert_uint_eq(s.bits, 7);
	mark_scan_init(&s, MASK, 127, NULL, &diags);
	ck_assert_uint_eq(s.bits, 8);
	mark_scan_init(&s, MASK, 1024, NULL, &diags);
	ck_assert_uint_eq(s.bits, 11);
}
END_TEST

START_TEST(only_masked_uses_of_our_bits_are_errors)
{
	struct mark_scan s;
	mark_scan_init(&s, MASK, 2, NULL, &diags);
	mark_scan_found(&s, MARK_READ, 0xff, "a");
	ck_assert_uint_eq(diags.n_errors + diags.n_warnings, 0);
	mark_scan_found(&s, MARK_WRITE, UINT32_MAX, "b");
	ck_assert_uint_eq(diags.n_warnings, 1);
	mark_scan_found(&s, MARK_WRITE, 0x01000000, "c");
	mark_scan_end(&s);
	ck_assert_uint_eq(diags.n_errors, 1);
	ck_assert_str_eq(diags.list[1]->text, "mark bits 0x7f000000 are used by c");
	ck_assert_str_eq(diags.list[1]->hint, "set 'mark-mask' to free bits, for example 0xfe000000");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_first_free_field_is_found_from_the_top);
	tcase_add_test(tc, many_paths_ask_for_a_wider_field);
	tcase_add_test(tc, only_masked_uses_of_our_bits_are_errors);
}
