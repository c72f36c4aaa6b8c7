/* SPDX-License-Identifier: MIT */
/* The shared page: its parts do not overlap, everyone sees the same, another layout is refused. */
#include "base/base.h"

#include <errno.h>

#include "proxy/page.h"
#include "unit.h"

START_TEST(a_new_page_is_zero_but_for_sizes_and_estimates)
{
	auto_close int fd = page_new(3, 5, 0);
	struct page *p = page_map(fd);

	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(p->n_workers, 3);
	ck_assert_uint_eq(p->n_servers, 5);
	ck_assert_uint_eq(p->version, 0);
	for (size_t w = 0; w < 3; w++) {
		ck_assert_uint_eq(page_worker(p, w)->heartbeat, 0);
		for (size_t s = 0; s < 5; s++) {
			ck_assert_int_eq(page_share(p, w, s)->estimate_us, -1);
			ck_assert_uint_eq(page_share(p, w, s)->requests, 0);
		}
	}
	page_unmap(p);
}
END_TEST

START_TEST(no_part_lies_in_another)
{
	auto_close int fd = page_new(4, 7, 0);
	struct page *p = page_map(fd);

	for (size_t s = 0; s < 7; s++)
		memset(page_server(p, s), (int)(1 + s), sizeof(struct page_server));
	for (size_t w = 0; w < 4; w++)
		memset(page_worker(p, w), (int)(20 + w), sizeof(struct page_worker));
	for (size_t w = 0; w < 4; w++)
		for (size_t s = 0; s < 7; s++)
			memset(page_share(p, w, s), (int)(40 + w * 7 + s), sizeof(struct page_share));
	ck_assert_uint_eq(p->n_workers, 4);
	for (size_t s = 0; s < 7; s++)
		ck_assert_uint_eq(page_server(p, s)->trial, 0x01010101u * (1 + s));
	for (size_t w = 0; w < 4; w++) {
		ck_assert_uint_eq(page_worker(p, w)->pid, 0x01010101u * (20 + w));
		ck_assert_uint_eq(page_worker(p, w)->total.buckets[HISTOGRAM_BUCKETS - 1], 0x01010101u * (20 + w));
		for (size_t s = 0; s < 7; s++)
			ck_assert_uint_eq(page_share(p, w, s)->answer.buckets[HISTOGRAM_BUCKETS - 1],
					  0x01010101u * (40 + w * 7 + s));
	}
	page_unmap(p);
}
END_TEST

START_TEST(who_maps_it_sees_the_same)
{
	auto_close int fd = page_new(1, 1, 0);
	struct page *a = page_map(fd), *b = page_map(fd);

	page_server(a, 0)->weight = 17;
	ck_assert_uint_eq(page_server(b, 0)->weight, 17);
	page_unmap(a);
	page_unmap(b);
}
END_TEST

START_TEST(parts_of_workers_share_no_cache_line)
{
	auto_close int fd = page_new(2, 2, 0);
	struct page *p = page_map(fd);

	ck_assert_uint_eq((uintptr_t)page_worker(p, 0) % 64, 0);
	ck_assert_uint_eq((uintptr_t)page_worker(p, 1) % 64, 0);
	ck_assert_uint_eq((uintptr_t)page_server(p, 1) % 64, 0);
	page_unmap(p);
}
END_TEST

START_TEST(each_worker_shows_addresses_of_its_own)
{
	auto_close int fd = page_new(2, 3, 10);
	struct page *p = page_map(fd);
	const struct addresses_shown a = page_addresses(p, 0), b = page_addresses(p, 1);

	ck_assert_uint_eq(a.room, 10);
	ck_assert_ptr_eq(b.places, a.places + 10);
	a.places[9] = 1;
	b.places[9] = 2;
	*b.n_places = 10;
	ck_assert_uint_eq(page_worker(p, 1)->n_addresses, 10);
	ck_assert_uint_eq(addresses_count(&b, 1), 1);
	page_unmap(p);
}
END_TEST

START_TEST(another_layout_is_refused)
{
	auto_close int fd = page_new(2, 2, 0);
	const uint32_t workers = 3;

	ck_assert_int_eq(pwrite(fd, &workers, sizeof(workers), 0), sizeof(workers));
	ck_assert_ptr_null(page_map(fd));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(ftruncate(fd, 10), 0);
	ck_assert_ptr_null(page_map(fd));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(page_new(SIZE_MAX, 1, 0), -EINVAL);
	ck_assert_int_eq(page_new(1, 1, SIZE_MAX), -EINVAL);
}
END_TEST

START_TEST(a_dead_worker_has_nothing_open)
{
	auto_close int fd = page_new(2, 2, 0);
	struct page *p = page_map(fd);

	page_worker(p, 1)->connections = 3;
	page_worker(p, 1)->requests = 9;
	page_share(p, 1, 0)->open = 2;
	page_share(p, 1, 0)->pooled = 1;
	page_share(p, 0, 0)->open = 4;
	page_server(p, 0)->connections = 7;
	page_share(p, 0, 0)->connections = 5;
	page_share(p, 1, 0)->connections = 2;      /* whatever is open: it may die between two counts */
	page_server(p, 0)->trial = 2;
	page_server(p, 1)->trial = 1;
	page_bury_worker(p, 1);
	ck_assert_uint_eq(page_worker(p, 1)->connections, 0);
	ck_assert_uint_eq(page_worker(p, 1)->requests, 9);
	ck_assert_uint_eq(page_share(p, 1, 0)->open + page_share(p, 1, 0)->pooled, 0);
	ck_assert_uint_eq(page_share(p, 0, 0)->open, 4);
	ck_assert_uint_eq(page_server(p, 0)->connections, 5);
	ck_assert_uint_eq(page_server(p, 0)->trial, 0);
	ck_assert_uint_eq(page_server(p, 1)->trial, 1);
	page_unmap(p);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, a_dead_worker_has_nothing_open);
	tcase_add_test(tc, a_new_page_is_zero_but_for_sizes_and_estimates);
	tcase_add_test(tc, no_part_lies_in_another);
	tcase_add_test(tc, who_maps_it_sees_the_same);
	tcase_add_test(tc, parts_of_workers_share_no_cache_line);
	tcase_add_test(tc, each_worker_shows_addresses_of_its_own);
	tcase_add_test(tc, another_layout_is_refused);
}
