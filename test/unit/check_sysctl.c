/* SPDX-License-Identifier: MIT */
/* Settings: names to files, and which of them count as ours. */
#include "base/base.h"

#include <errno.h>

#include "base/text.h"
#include "target/proc.h"
#include "target/target.h"
#include "fixture.h"
#include "unit.h"

static const struct path_row { const char *name, *path; } paths[] = {
	{ "net.ipv4.ip_forward", "/proc/sys/net/ipv4/ip_forward" },
	{ "net.ipv4.conf.eth0/100.rp_filter", "/proc/sys/net/ipv4/conf/eth0.100/rp_filter" },
	{ "net.ipv4.conf.//.rp_filter", NULL },
	{ "net..ipv4", NULL },
	{ ".net", NULL },
	{ "net.", NULL },
	{ "/.net", NULL },
	{ "", NULL },
};

START_TEST(names_become_files_below_proc_sys_or_nothing)
{
	auto_text struct text path = {0};
	int err = setting_path(paths[_i].name, &path);
	ck_assert_int_eq(err, paths[_i].path ? 0 : -EINVAL);
	if (paths[_i].path)
		ck_assert_str_eq(path.p, paths[_i].path);
}
END_TEST

START_TEST(blanks_in_values_do_not_count)
{
	auto_text struct text value = {0};
	setting_normalise(str_of(" 4096\t131072  6291456\n"), &value);
	ck_assert_str_eq(value.p, "4096 131072 6291456");
}
END_TEST

/* A setting every kernel has; its value here is whatever it is. */
static const char name[] = "net.ipv4.conf.default.rp_filter";

static struct items items_read(const char *wanted_value, bool remembered)
{
	const struct setting setting = { .name = name, .value = wanted_value };
	struct plan plan = { .arena = arena, .settings = &setting, .n_settings = wanted_value != NULL };
	struct displaced displaced = { .key = "setting/net.ipv4.conf.default.rp_filter", .value = "7", .ours = "8" };
	const struct own own = { .arena = arena, .displaced = &displaced, .n_displaced = remembered };
	struct items wanted, live;
	items_init(&wanted, arena);
	items_init(&live, arena);
	ck_assert_int_eq(target_sysctl.lower(&plan, LOWER_ALL, &wanted, &diags), 0);
	items_sort(&wanted);
	ck_assert_int_eq(target_sysctl.read(NULL, &own, &wanted, &live, &diags), 0);
	return live;
}

START_TEST(a_setting_nobody_remembers_is_ours_only_if_it_is_as_wanted)
{
	auto_text struct text now = {0};
	ck_assert_int_eq(setting_read(name, &now), 0);
	ck_assert_uint_eq(items_read(now.p, false).n, 1);
	ck_assert_uint_eq(items_read("77", false).n, 0);
	ck_assert_uint_eq(items_read(NULL, false).n, 0);
}
END_TEST

START_TEST(a_remembered_setting_is_an_item_as_it_stands_now)
{
	auto_text struct text now = {0};
	ck_assert_int_eq(setting_read(name, &now), 0);
	const struct items live = items_read(NULL, true);
	ck_assert_uint_eq(live.n, 1);
	ck_assert_str_eq(live.list[0].body, now.p);
}
END_TEST

START_TEST(a_setting_this_machine_lacks_is_said_at_its_place)
{
	const struct item wanted = { .key = "setting/net.ipv4.conf.no-such-device.rp_filter", .body = "2",
				     .origin.place = { .line = 7 } };
	struct change change = { .op = CHANGE_ADD, .to = &wanted };
	const struct changes c = { .list = &change, .n = 1 };
	struct own own = { .arena = arena };
	ck_assert_int_eq(target_sysctl.survey(NULL, NULL, &c, &own, &diags), 0);
	ck_assert_uint_eq(diags.n_errors, 1);
	ck_assert_str_eq(diags.list[0]->text, "no setting 'net.ipv4.conf.no-such-device.rp_filter' on this machine");
	ck_assert_uint_eq(diags.list[0]->place.line, 7);
	ck_assert_uint_eq(own.n_displaced, 0);
}
END_TEST

START_TEST(settings_print_as_sysctl_reads_them)
{
	const struct setting settings[] = { { .name = "net.ipv4.conf.eth0/100.src_valid_mark", .value = "1" },
					    { .name = "net.ipv4.tcp_rmem", .value = "4096\t5000 6000" } };
	const struct plan plan = { .arena = arena, .settings = settings, .n_settings = 2 };
	auto_text struct text out = {0};
	target_sysctl.print(&plan, "sysctl", &out);
	ck_assert_str_eq(text_get(&out), "net.ipv4.conf.eth0/100.src_valid_mark = 1\nnet.ipv4.tcp_rmem = 4096 5000 6000\n");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, names_become_files_below_proc_sys_or_nothing, 0, ARRAY_LEN(paths));
	tcase_add_test(tc, blanks_in_values_do_not_count);
	tcase_add_test(tc, a_setting_nobody_remembers_is_ours_only_if_it_is_as_wanted);
	tcase_add_test(tc, a_remembered_setting_is_an_item_as_it_stands_now);
	tcase_add_test(tc, a_setting_this_machine_lacks_is_said_at_its_place);
	tcase_add_test(tc, settings_print_as_sysctl_reads_them);
}
