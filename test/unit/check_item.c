/* SPDX-License-Identifier: MIT */
/* Items: sorting, finding, the difference of two lists, and what is known as ours. */
#include "base/base.h"

#include <signal.h>

#include "base/arena.h"
#include "plan/item.h"
#include "unit.h"

static struct arena *arena;

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

/* "key=body" words; sorted. */
static struct items items_of(const char *const *words)
{
	struct items s;

	items_init(&s, arena);
	for (; *words; words++) {
		const char *equals = strchr(*words, '=');

		items_add(&s, arena_copy(arena, *words, (size_t)(equals - *words)), equals + 1, NULL, NULL);
	}
	items_sort(&s);
	return s;
}
#define ITEMS(...) items_of((const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL })

static const char *shown(const struct changes *c)
{
	static const char signs[] = { [CHANGE_ADD] = '+', [CHANGE_EDIT] = '~', [CHANGE_REMOVE] = '-' };
	auto_text struct text t = { 0 };

	for (size_t i = 0; i < c->n; i++) {
		const struct change *x = &c->list[i];

		text_printf(&t, "%s%c%s", i ? " " : "", signs[x->op], (x->to ? x->to : x->from)->key);
	}
	return arena_copy(arena, text_get(&t), t.n);
}

START_TEST(items_are_sorted_bytewise)
{
	struct items s;
	char previous[16] = "";

	items_init(&s, arena);
	for (unsigned i = 0; i < 3000; i++)
		items_add(&s, arena_printf(arena, "elem/a.%u/%u", i % 7, i * 7919 % 3000), "", NULL, NULL);
	items_sort(&s);
	ck_assert_uint_eq(s.n, 3000);
	for (size_t i = 0; i < s.n; i++) {
		ck_assert_int_lt(strcmp(previous, s.list[i].key), 0);
		ck_assert_ptr_eq(items_find(&s, s.list[i].key), &s.list[i]);
		(void)snprintf(previous, sizeof(previous), "%s", s.list[i].key);
	}
	ck_assert_ptr_null(items_find(&s, "elem/a.0/3000"));
}
END_TEST

START_TEST(two_items_of_one_key_are_a_mistake)
{
	const struct items s = ITEMS("a=1", "b=1", "a=2");

	(void)s;
}
END_TEST

START_TEST(what_the_kernel_tells_twice_counts_once)
{
	struct items s;

	items_init(&s, arena);
	items_add(&s, "elem/m/1", "goto x", NULL, NULL);
	items_add(&s, "elem/m/0", "goto x", NULL, NULL);
	items_add(&s, "elem/m/1", "goto x", NULL, NULL);
	items_sort_live(&s);
	ck_assert_uint_eq(s.n, 2);
	ck_assert_str_eq(s.list[0].key, "elem/m/0");
	ck_assert_str_eq(s.list[1].key, "elem/m/1");
}
END_TEST

START_TEST(the_difference_is_one_merge)
{
	const struct items live = ITEMS("a=1", "b=2", "chain/about=gen=1", "d=4", "e=5");
	const struct items want = ITEMS("b=2", "c=3", "chain/about=gen=2", "d=5", "e=5", "f=6");
	struct changes c;

	items_diff(&live, &want, arena, &c);
	ck_assert_str_eq(shown(&c), "-a +c ~d +f");
	ck_assert_uint_eq(c.n_add, 2);
	ck_assert_uint_eq(c.n_edit, 1);
	ck_assert_uint_eq(c.n_remove, 1);
	ck_assert_ptr_eq(c.list[2].from, items_find(&live, "d"));
	ck_assert_ptr_eq(c.list[2].to, items_find(&want, "d"));
}
END_TEST

START_TEST(nothing_differs_from_itself)
{
	const struct items live = ITEMS("a=1", "b=2"), none = ITEMS();
	struct changes c;

	items_diff(&live, &live, arena, &c);
	ck_assert_uint_eq(c.n, 0);
	items_diff(&none, &live, arena, &c);
	ck_assert_str_eq(shown(&c), "+a +b");
	items_diff(&live, &none, arena, &c);
	ck_assert_str_eq(shown(&c), "-a -b");
}
END_TEST

START_TEST(the_first_displaced_value_is_kept)
{
	struct own o = { .arena = arena };

	ck_assert_ptr_null(own_displaced(&o, "setting/x"));
	own_displace(&o, "setting/x", "0", "1");
	own_displace(&o, "setting/y", "5", NULL);
	own_displace(&o, "setting/x", "1", "2");
	ck_assert_uint_eq(o.n_displaced, 2);
	ck_assert_str_eq(own_displaced(&o, "setting/x")->value, "0");
	ck_assert_str_eq(own_displaced(&o, "setting/x")->ours, "2");
	ck_assert_str_eq(own_displaced(&o, "setting/x")->former, "1");
	ck_assert(displaced_is_ours(own_displaced(&o, "setting/x"), "1"));
	ck_assert(!displaced_is_ours(own_displaced(&o, "setting/x"), "0"));
	own_displace(&o, "setting/x", "7", "3");        /* 7 is of somebody else */
	ck_assert_ptr_null(own_displaced(&o, "setting/x")->former);
	own_displace(&o, "setting/x", "3", "2");
	ck_assert_ptr_null(own_displaced(&o, "setting/y")->ours);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, items_are_sorted_bytewise);
	tcase_add_test_raise_signal(tc, two_items_of_one_key_are_a_mistake, SIGABRT);
	tcase_add_test(tc, what_the_kernel_tells_twice_counts_once);
	tcase_add_test(tc, the_difference_is_one_merge);
	tcase_add_test(tc, nothing_differs_from_itself);
	tcase_add_test(tc, the_first_displaced_value_is_kept);
}
