/* SPDX-License-Identifier: MIT */
/* R-6 of the packet layer's targets: one path goes down and comes back inside one process that holds the generation in
 * force. For each line on standard input, `down` or `up`, prints the CPU time of the change in microseconds.
 *   steer PATH     in the namespace where a profile is applied; state directory in NLBC_STATE_DIR */
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
	(void)fflush(stdout); /* whoever asks waits for it; a closed pipe ends the next read */
	return err;
}

static int run(struct session *s, const char *path, struct diags *d)
{
	struct steer st;
	char line[16];
	int err = steer_open(&st, s, d);

	while (!err && fgets(line, sizeof(line), stdin))
		err = move(&st, path, strcmp(line, "down\n") == 0 ? MEMBER_DOWN : MEMBER_UP, d);
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

	if (argc != 2) {
		fprintf(stderr, "usage: steer PATH\n");
		return 1;
	}
	diags_init(&d, a);
	int err = session_open(&s, &conf, true, a, &d);

	if (!err) {
		err = run(&s, argv[1], &d);
		session_close(&s);
	}
	diags_print(&d, DIAG_HUMAN, NULL, false, &said);
	fputs(text_get(&said), stderr);
	arena_free(a);
	return err ? 2 : 0;
}
