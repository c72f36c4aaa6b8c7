/* SPDX-License-Identifier: MIT */
/* The parts of a worker that know nothing of sockets: pool, queue, budget, buffers; and the sizes that are promised. */
#include "base/base.h"

#include "proxy/parts.h"
#include "unit.h"

START_TEST(the_pool_gives_the_newest_and_knows_the_oldest)
{
	struct pool pool = { 0 };
	struct pool_place c[4];

	for (unsigned i = 0; i < 4; i++)
		pool_add(&pool, &c[i], i);
	ck_assert_ptr_eq(pool.oldest, &c[0]);
	ck_assert_ptr_eq(pool_take(&pool), &c[3]);
	pool_remove(&pool, &c[0]);
	ck_assert_ptr_eq(pool.oldest, &c[1]);
	ck_assert_uint_eq(pool.n, 2);
	ck_assert_ptr_eq(pool_take(&pool), &c[2]);
	ck_assert_ptr_eq(pool_take(&pool), &c[1]);
	ck_assert_ptr_null(pool_take(&pool));
	ck_assert_ptr_null(pool.oldest);
}
END_TEST

START_TEST(a_connection_leaves_the_middle_of_the_pool)
{
	struct pool pool = { 0 };
	struct pool_place c[3];

	for (unsigned i = 0; i < 3; i++)
		pool_add(&pool, &c[i], i);
	pool_remove(&pool, &c[1]);
	ck_assert_ptr_eq(pool_take(&pool), &c[2]);
	ck_assert_ptr_eq(pool_take(&pool), &c[0]);
	ck_assert_ptr_null(pool_take(&pool));
}
END_TEST

START_TEST(the_queue_is_first_in_first_out_and_bounded)
{
	struct queue queue;
	struct queue_place p[4] = { 0 };

	queue_init(&queue, 3);
	for (unsigned i = 0; i < 3; i++)
		ck_assert(queue_add(&queue, &p[i]));
	ck_assert(!queue_add(&queue, &p[3]));
	ck_assert(!queue_has(&p[3]));
	ck_assert_ptr_eq(queue_take(&queue), &p[0]);
	ck_assert(queue_add(&queue, &p[3]));
	ck_assert_ptr_eq(queue_take(&queue), &p[1]);
	ck_assert_ptr_eq(queue_take(&queue), &p[2]);
	ck_assert_ptr_eq(queue_take(&queue), &p[3]);
	ck_assert_ptr_null(queue_take(&queue));
}
END_TEST

START_TEST(who_is_tired_leaves_the_queue_and_who_found_no_place_is_first_again)
{
	struct queue queue;
	struct queue_place p[3] = { 0 };

	queue_init(&queue, 3);
	for (unsigned i = 0; i < 3; i++)
		ck_assert(queue_add(&queue, &p[i]));
	queue_remove(&queue, &p[2]);
	queue_remove(&queue, &p[2]);
	ck_assert_uint_eq(queue.n, 2);
	ck_assert_ptr_eq(queue_take(&queue), &p[0]);
	queue_add_first(&queue, &p[0]);
	ck_assert(queue_add(&queue, &p[2]));
	ck_assert_ptr_eq(queue_take(&queue), &p[0]);
	ck_assert_ptr_eq(queue_take(&queue), &p[1]);
	ck_assert_ptr_eq(queue_take(&queue), &p[2]);
}
END_TEST

static unsigned take_all(struct budget *b, uint64_t now_us)
{
	unsigned n = 0;

	while (budget_take(b, now_us))
		n++;
	return n;
}

START_TEST(repeats_are_ten_at_start_and_one_a_second)
{
	struct budget b;

	budget_init(&b, 1000);
	ck_assert_uint_eq(take_all(&b, 1000), 10);
	ck_assert_uint_eq(take_all(&b, 1000 + 999999), 0);
	ck_assert_uint_eq(take_all(&b, 1000 + 1000000), 1);
	ck_assert_uint_eq(take_all(&b, 1000 + 4500000), 3);
	ck_assert_uint_eq(take_all(&b, 1000 + 5000000), 1);
}
END_TEST

START_TEST(each_finished_request_brings_a_fifth_of_a_repeat)
{
	struct budget b;

	budget_init(&b, 0);
	(void)take_all(&b, 0);
	for (unsigned i = 0; i < 4; i++)
		budget_finished(&b);
	ck_assert_uint_eq(take_all(&b, 0), 0);
	budget_finished(&b);
	ck_assert_uint_eq(take_all(&b, 0), 1);
}
END_TEST

START_TEST(no_more_than_a_hundred_repeats_are_saved_up)
{
	struct budget b;

	budget_init(&b, 0);
	for (unsigned i = 0; i < 10000; i++)
		budget_finished(&b);
	ck_assert_uint_eq(take_all(&b, 1000000000), 100);
}
END_TEST

START_TEST(a_lent_buffer_moves_when_it_grows_and_all_memory_is_counted)
{
	struct buffers all = { 0 };
	struct buffer b;
	char near[8];

	buffer_lend(&b, near, sizeof(near));
	ck_assert_int_eq(buffer_add(&all, &b, "12345678", 8), 0);
	ck_assert_uint_eq(all.bytes, 0);
	ck_assert_int_eq(buffer_add(&all, &b, "9", 1), 0);
	ck_assert_uint_eq(all.bytes, 4096);
	ck_assert_mem_eq(b.p, "123456789", 9);
	for (unsigned i = 0; i < 1000; i++)
		ck_assert_int_eq(buffer_add(&all, &b, "0123456789", 10), 0);
	ck_assert_uint_eq(b.n, 10009);
	ck_assert_uint_eq(all.bytes, 16384);
	buffer_release(&all, &b);
	ck_assert_uint_eq(all.bytes, 0);
}
END_TEST

START_TEST(what_a_head_takes_is_not_counted_but_what_it_grows_by)
{
	struct buffers all = { 0 };
	struct buffer b = { 0 };
	static const char bytes[5000];

	ck_assert_int_eq(buffer_add(&all, &b, bytes, 100), 0);
	ck_assert_uint_eq(all.bytes, 4096);
	buffer_uncount(&all, &b);
	buffer_uncount(&all, &b);
	ck_assert_uint_eq(all.bytes, 0);
	ck_assert_int_eq(buffer_add(&all, &b, bytes, sizeof(bytes)), 0);
	ck_assert_uint_eq(all.bytes, 4096);
	buffer_count(&all, &b);
	ck_assert_uint_eq(all.bytes, 8192);
	buffer_uncount(&all, &b);
	buffer_release(&all, &b);
	ck_assert_uint_eq(all.bytes, 0);
}
END_TEST

START_TEST(an_idle_connection_costs_at_most_400_bytes)
{
	ck_assert_uint_le(sizeof(struct client), 400);
	ck_assert_uint_le(sizeof(struct server_conn), 400);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_test(tc, the_pool_gives_the_newest_and_knows_the_oldest);
	tcase_add_test(tc, a_connection_leaves_the_middle_of_the_pool);
	tcase_add_test(tc, the_queue_is_first_in_first_out_and_bounded);
	tcase_add_test(tc, who_is_tired_leaves_the_queue_and_who_found_no_place_is_first_again);
	tcase_add_test(tc, repeats_are_ten_at_start_and_one_a_second);
	tcase_add_test(tc, each_finished_request_brings_a_fifth_of_a_repeat);
	tcase_add_test(tc, no_more_than_a_hundred_repeats_are_saved_up);
	tcase_add_test(tc, a_lent_buffer_moves_when_it_grows_and_all_memory_is_counted);
	tcase_add_test(tc, what_a_head_takes_is_not_counted_but_what_it_grows_by);
	tcase_add_test(tc, an_idle_connection_costs_at_most_400_bytes);
}
