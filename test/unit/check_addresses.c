/* SPDX-License-Identifier: MIT */
/* Different addresses are counted, over workers too, whatever comes and goes. */
#include "base/base.h"

#include "proxy/addresses.h"
#include "unit.h"

enum { ROOM = 300 };

static _Atomic uint64_t places[2][ROOM];
static _Atomic uint32_t n_places[2];
static struct addresses_shown shown[2];
static struct addresses *workers[2];

static void begin(void)
{
	for (size_t i = 0; i < 2; i++) {
		memset(places[i], 0, sizeof(places[i]));
		n_places[i] = 0;
		shown[i] = (struct addresses_shown){ places[i], &n_places[i], ROOM };
		workers[i] = addresses_new(shown[i], 42);
	}
}

static void end(void)
{
	addresses_free(workers[0]);
	addresses_free(workers[1]);
}

static struct addr address(unsigned i)
{
	struct addr a = { .family = i % 2 ? AF_INET : AF_INET6 };

	a.b[0] = (uint8_t)(i >> 8);
	a.b[i % 2 ? 3 : 15] = (uint8_t)i;
	return a;
}

static uint32_t add(size_t worker, unsigned i)
{
	const struct addr a = address(i);

	return addresses_add(workers[worker], &a);
}

START_TEST(an_address_counts_once_as_long_as_it_has_a_connection)
{
	const uint32_t first = add(0, 1), second = add(0, 1), other = add(0, 2);

	ck_assert_uint_eq(first, second);
	ck_assert_uint_eq(addresses_count(shown, 1), 2);
	addresses_remove(workers[0], first);
	ck_assert_uint_eq(addresses_count(shown, 1), 2);
	addresses_remove(workers[0], second);
	ck_assert_uint_eq(addresses_count(shown, 1), 1);
	addresses_remove(workers[0], other);
	ck_assert_uint_eq(addresses_count(shown, 1), 0);
}
END_TEST

START_TEST(the_same_address_at_two_workers_counts_once)
{
	(void)add(0, 1);
	(void)add(1, 1);
	(void)add(1, 2);
	ck_assert_uint_eq(addresses_count(shown, 2), 2);
}
END_TEST

START_TEST(the_same_bytes_of_another_family_are_another_address)
{
	const struct addr v4 = { .family = AF_INET, .b = { 10, 0, 0, 1 } }, v6 = { .family = AF_INET6, .b = { 10, 0, 0, 1 } };

	(void)addresses_add(workers[0], &v4);
	(void)addresses_add(workers[0], &v6);
	ck_assert_uint_eq(addresses_count(shown, 1), 2);
}
END_TEST

START_TEST(beyond_the_room_addresses_do_not_count)
{
	for (unsigned i = 0; i < ROOM; i++)
		ck_assert_uint_ne(add(0, i), ADDRESSES_NONE);
	ck_assert_uint_eq(add(0, ROOM), ADDRESSES_NONE);
	addresses_remove(workers[0], ADDRESSES_NONE);
	ck_assert_uint_ne(add(0, 7), ADDRESSES_NONE);
	ck_assert_uint_eq(addresses_count(shown, 1), ROOM);
}
END_TEST

START_TEST(a_long_coming_and_going_is_counted_to_the_end)
{
	static uint32_t held[1000], of[1000];
	unsigned connections[400] = { 0 };
	uint32_t chance = 1;
	size_t n = 0;

	for (int step = 0; step < 20000; step++) {
		chance = chance * 1664525u + 1013904223u;
		if (n > 0 && (chance >> 16) % 2) {
			const size_t i = (chance >> 17) % n;
			addresses_remove(workers[0], held[i]);
			connections[of[i]]--;
			n--;
			held[i] = held[n];
			of[i] = of[n];
		} else if (n < ROOM) {
			of[n] = (chance >> 17) % 400;
			held[n] = add(0, of[n]);
			connections[of[n++]]++;
		}
		if (step % 1000)
			continue;
		size_t different = 0;
		for (size_t i = 0; i < 400; i++)
			different += connections[i] > 0;
		ck_assert_uint_eq(addresses_count(shown, 1), different);
	}
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, an_address_counts_once_as_long_as_it_has_a_connection);
	tcase_add_test(tc, the_same_address_at_two_workers_counts_once);
	tcase_add_test(tc, the_same_bytes_of_another_family_are_another_address);
	tcase_add_test(tc, beyond_the_room_addresses_do_not_count);
	tcase_add_test(tc, a_long_coming_and_going_is_counted_to_the_end);
}
