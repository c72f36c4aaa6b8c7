/* SPDX-License-Identifier: MIT */
/* R-6 of the packet layer's targets: one path goes down and comes back, again and again, inside one process that holds
 * the generation in force. Prints the CPU time of each change in microseconds, one a line.
 *   steer PATH COUNT     in the namespace where a profile is applied; state directory in NLBC_STATE_DIR */
#include "base/base.h"

#include <sys/resource.h>

#include "apply/steer.h"

static double cpu_us(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static int move(struct steer *st, const char *path, enum member_state state, struct diags *d)
{
	struct memory to = st->memory;

	memory_found(&to, path, state, REASON_PROBE, st->session->arena);
	double start = cpu_us();
	int err = steer_move(st, &to, d);

	printf("%.0f\n", cpu_us() - start);
	return err;
}

static int run(struct session *s, const char *path, long count, struct diags *d)
{
	struct steer st;
	int err = steer_open(&st, s, d);

	for (long i = 0; !err && i < count; i++)
		err = move(&st, path, i % 2 ? MEMBER_UP : MEMBER_DOWN, d);
	steer_close(&st);
	return err;
}

int main(int argc, char **argv)
{
	const struct session_conf conf = { .state_dir = getenv("NLBC_STATE_DIR") };
	struct arena *a = arena_new();
	auto_text struct text said = { 0 };
	struct session s;
	struct diags d;

	if (argc != 3) {
		fprintf(stderr, "usage: steer PATH COUNT\n");
		return 1;
	}
	diags_init(&d, a);
	int err = session_open(&s, &conf, true, a, &d);

	if (!err) {
		err = run(&s, argv[1], strtol(argv[2], NULL, 10), &d);
		session_close(&s);
	}
	diags_print(&d, DIAG_HUMAN, NULL, false, &said);
	fputs(text_get(&said), stderr);
	arena_free(a);
	return err ? 2 : 0;
}
