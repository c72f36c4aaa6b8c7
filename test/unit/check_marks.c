/* SPDX-License-Identifier: MIT */
/* What foreign uses of marks mean, which bits are free, and when systemd-networkd is worth a warning. */
#include "base/base.h"

#include <sys/stat.h>

#include "base/arena.h"
#include "base/text.h"
#include "target/uses.h"
#include "unit.h"

enum { MASK = 0x7f000000 };

static struct arena *arena;
static struct diags diags;

static void setup(void)
{
	arena = arena_new();
	diags_init(&diags, arena);
}

static void teardown(void)
{
	arena_free(arena);
}

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

/* ---- networkd --------------------------------------------------------------------------------------------------- */

static void put_file(const char *root, const char *path, const char *content)
{
	char *name = arena_printf(arena, "%s%s", root, path);
	for (char *slash = name + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(name, 0700);   /* may be there */
		*slash = '/';
	}
	FILE *f = fopen(name, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(content, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static char *root_with(const char *unit, const char *conf, const char *drop_in)
{
	char *root = arena_strdup(arena, "/tmp/check_marks.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	if (unit)
		put_file(root, unit, "");
	if (conf)
		put_file(root, "/etc/systemd/networkd.conf", conf);
	if (drop_in)
		put_file(root, "/etc/systemd/networkd.conf.d/10-foreign.conf", drop_in);
	return root;
}

static void remove_root(const char *root)
{
	static const char *const names[] = {
		"/run/systemd/units/invocation:systemd-networkd.service", "/etc/systemd/networkd.conf",
		"/etc/systemd/networkd.conf.d/10-foreign.conf", "/etc/systemd/networkd.conf.d", "/etc/systemd", "/etc",
		"/run/systemd/units", "/run/systemd", "/run", "",
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)remove(arena_printf(arena, "%s%s", root, names[i]));   /* not all of them are there */
}

static const char unit[] = "/run/systemd/units/invocation:systemd-networkd.service";

static const struct networkd_row {
	const char *unit, *conf, *drop_in, *hint;      /* hint NULL: no warning */
} networkd_rows[] = {
	{ NULL, NULL, NULL, NULL },
	{ unit, NULL, NULL, "in section [Network] of networkd.conf: ManageForeignRoutingPolicyRules=no ManageForeignRoutes=no" },
	{ unit, "[Network]\nManageForeignRoutes = no\n", NULL,
	  "in section [Network] of networkd.conf: ManageForeignRoutingPolicyRules=no" },
	{ unit, "[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=false\n", NULL, NULL },
	{ unit, "[DHCPv4]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n", NULL,
	  "in section [Network] of networkd.conf: ManageForeignRoutingPolicyRules=no ManageForeignRoutes=no" },
	{ unit, "# [Network]\n[Network]\n#ManageForeignRoutes=yes", "[Network]\nManageForeignRoutes=0\n"
	  "ManageForeignRoutingPolicyRules=off", NULL },
};

START_TEST(networkd_is_warned_of_unless_told_to_leave_ours_alone)
{
	const struct networkd_row *r = &networkd_rows[_i];
	char *root = root_with(r->unit, r->conf, r->drop_in);
	warn_of_networkd(root, NULL, &diags);
	remove_root(root);
	ck_assert_uint_eq(diags.n_warnings, r->hint != NULL);
	if (r->hint)
		ck_assert_str_eq(diags.list[0]->hint, r->hint);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_first_free_field_is_found_from_the_top);
	tcase_add_test(tc, many_paths_ask_for_a_wider_field);
	tcase_add_test(tc, only_masked_uses_of_our_bits_are_errors);
	tcase_add_loop_test(tc, networkd_is_warned_of_unless_told_to_leave_ours_alone, 0, ARRAY_LEN(networkd_rows));
}
