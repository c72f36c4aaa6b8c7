/* SPDX-License-Identifier: MIT */
/* Listening sockets: who serves which, what a new set shares with the one before, and what cannot be had. */
#include "base/base.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "fixture.h"
#include "proxy/listen.h"
#include "proxy/socket.h"
#include "unit.h"

/* A port of the loopback that is free now. */
static struct endpoint free_port(void)
{
	struct endpoint e = { .addr = { .family = AF_INET, .b = { 127, 0, 0, 1 } } };
	struct sockaddr_storage sa;
	const socklen_t n = socket_address(&e, &sa);
	auto_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, n), 0);
	ck_assert_int_eq(socket_endpoint(fd, &e), 0);
	return e;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

START_TEST(every_socket_has_a_worker_and_every_worker_a_socket)
{
	for (size_t n = 1; n <= LISTEN_SOCKETS; n++)
		for (unsigned workers = 1; workers <= LISTEN_SOCKETS; workers++) {
			bool served[LISTEN_SOCKETS] = { false };

			for (unsigned w = 0; w < workers; w++) {
				unsigned has = 0;

				for (size_t k = 0; k < n; k++)
					if (listen_serves(k, n, w, workers)) {
						served[k] = true;
						has++;
					}
				ck_assert_uint_ge(has, 1);
				ck_assert_uint_le(has, MAX((n + workers - 1) / workers, (size_t)1));
			}
			for (size_t k = 0; k < n; k++)
				ck_assert(served[k]);
		}
}
END_TEST

START_TEST(a_set_has_a_socket_for_each_worker)
{
	const struct listeners none = { 0 };
	const struct listen_wish wish = { .at = free_port(), .workers = 3, .http = true };
	struct listeners l;
	struct endpoint at;

	ck_assert_int_eq(listeners_open(&l, &none, &wish, 1, arena, &diags), 0);
	ck_assert_uint_eq(l.n, 1);
	ck_assert_uint_eq(l.list[0].n, 3);
	for (size_t k = 0; k < 3; k++) {
		ck_assert_int_eq(socket_endpoint(l.list[0].fds[k], &at), 0);
		ck_assert_uint_eq(at.port, wish.at.port);
		ck_assert(fcntl(l.list[0].fds[k], F_GETFL) & O_NONBLOCK);
		ck_assert(fcntl(l.list[0].fds[k], F_GETFD) & FD_CLOEXEC);
	}
	listeners_close(&l, NULL);
	ck_assert(!is_open(l.list[0].fds[0]));
}
END_TEST

START_TEST(endpoints_that_stay_keep_their_sockets)
{
	const struct listeners none = { 0 };
	struct listen_wish wishes[] = { { .at = free_port(), .workers = 2 }, { .at = free_port(), .workers = 1 } };
	struct listeners before, after;

	ck_assert_int_eq(listeners_open(&before, &none, wishes, 2, arena, &diags), 0);
	const struct listening *kept = listeners_find(&before, &wishes[0].at), *left = listeners_find(&before, &wishes[1].at);

	wishes[0].workers = 3;
	ck_assert_int_eq(listeners_open(&after, &before, wishes, 1, arena, &diags), 0);
	ck_assert_uint_eq(after.list[0].n, 3);
	ck_assert_int_eq(after.list[0].fds[0], kept->fds[0]);
	ck_assert_int_eq(after.list[0].fds[1], kept->fds[1]);
	listeners_close(&before, &after);
	ck_assert(is_open(kept->fds[0]));
	ck_assert(!is_open(left->fds[0]));
	listeners_close(&after, NULL);
}
END_TEST

START_TEST(fewer_workers_close_no_socket)
{
	const struct listeners none = { 0 };
	struct listen_wish wish = { .at = free_port(), .workers = 4 };
	struct listeners before, after;

	ck_assert_int_eq(listeners_open(&before, &none, &wish, 1, arena, &diags), 0);
	wish.workers = 1;
	ck_assert_int_eq(listeners_open(&after, &before, &wish, 1, arena, &diags), 0);
	ck_assert_uint_eq(after.list[0].n, 4);
	listeners_close(&after, NULL);
}
END_TEST

START_TEST(a_second_copy_is_told)
{
	const struct listeners none = { 0 };
	const struct source source = { .name = "x.prof" };
	const struct place place = { .source = &source, .line = 1, .column = 1 };
	const struct listen_wish first = { .at = free_port(), .workers = 1, .place = &place };
	const struct listen_wish both[] = { { .at = free_port(), .workers = 1, .place = &place }, first };
	struct listeners l, second;
	char text[200];

	ck_assert_int_eq(listeners_open(&l, &none, &first, 1, arena, &diags), 0);
	ck_assert_int_eq(listeners_open(&second, &none, both, 2, arena, &diags), -1);
	ck_assert_uint_eq(second.n, 0);
	ck_assert_uint_eq(diags.n_errors, 1);
	(void)snprintf(text, sizeof(text), "cannot listen on 127.0.0.1:%u: Address already in use", first.at.port);
	ck_assert_str_eq(diags.list[0]->text, text);
	ck_assert_str_eq(diags.list[0]->code, "kernel");
	listeners_close(&l, NULL);
}
END_TEST

START_TEST(what_fails_leaves_nothing_open)
{
	const struct listeners none = { 0 };
	struct listen_wish wishes[] = { { .at = free_port(), .workers = 2 }, { .workers = 1 } };
	struct listeners kept, l;
	const int before = dup(STDOUT_FILENO);

	(void)close(before);
	ck_assert_int_eq(listeners_open(&kept, &none, wishes, 1, arena, &diags), 0);
	/* 192.0.2.1 is nobody's address. */
	wishes[1].at = (struct endpoint){ .addr = { .family = AF_INET, .b = { 192, 0, 2, 1 } }, .port = 20000 };
	ck_assert_int_eq(listeners_open(&l, &kept, wishes, 2, arena, &diags), -1);
	ck_assert(is_open(kept.list[0].fds[1]));
	listeners_close(&kept, NULL);
	const int after = dup(STDOUT_FILENO);

	(void)close(after);
	ck_assert_int_eq(after, before);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_socket_has_a_worker_and_every_worker_a_socket);
	tcase_add_test(tc, a_set_has_a_socket_for_each_worker);
	tcase_add_test(tc, endpoints_that_stay_keep_their_sockets);
	tcase_add_test(tc, fewer_workers_close_no_socket);
	tcase_add_test(tc, a_second_copy_is_told);
	tcase_add_test(tc, what_fails_leaves_nothing_open);
}
