/* SPDX-License-Identifier: MIT */
/* endure ROUNDS PROFILE…: does in one process, over and over, what a daemon does: opens a session, applies, compares, steers
 * a member, reads the status, flushes, closes. In the current network namespace, which must hold nothing of nlbc. Ends
 * with 3 if descriptors or memory grow; what a profile is refused for is counted and no fault. */
#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>

#include "apply/apply.h"
#include "apply/status.h"

enum { WARM = 8, REPORTS = 10 };

struct figures {
	size_t descriptors, heap, resident_kb;
};

static struct figures measure(void)
{
	struct figures f = { 0 };
	auto_fclose FILE *statm = fopen("/proc/self/statm", "r");
	DIR *dir = opendir("/proc/self/fd");
	unsigned long pages;

	for (; dir && readdir(dir); f.descriptors++)
		;
	if (dir)
		(void)closedir(dir);
	if (statm && fscanf(statm, "%*u %lu", &pages) == 1)
		f.resident_kb = pages * (size_t)sysconf(_SC_PAGESIZE) / 1024;
	f.heap = mallinfo2().uordblks + mallinfo2().hblkhd;
	return f;
}

/* One piece of work in a session of its own. */
struct work {
	struct arena *a;
	struct diags d;
	const struct profile *p;
	unsigned done, refused;
};

static bool work_begin(struct work *w, struct session *s, bool change)
{
	const struct session_conf conf = { .state_dir = getenv("NLBC_STATE_DIR") };

	diags_init(&w->d, w->a);
	return session_open(s, &conf, change, w->a, &w->d) == 0;
}

static void count(struct work *w, int err)
{
	w->done += !err;
	w->refused += err != 0;
}

static void apply_and_compare(struct work *w)
{
	const struct apply_request q = { .profile = w->p, .machine = w->p->machines };
	struct apply_result r;
	struct session s;

	if (!work_begin(w, &s, true))
		return;
	count(w, apply_profile(&s, &q, &r, &w->d));
	session_close(&s);
	if (!work_begin(w, &s, false))
		return;
	count(w, apply_compare(&s, &q, &r, &w->d));
	session_close(&s);
}

static void steer_and_look(struct work *w, enum member_state state)
{
	const struct machine *m = w->p->machines;
	const struct hand h = { HAND_STATE, m->n_paths ? m->paths[0].name : "none", NULL, state, 0 };
	const char *from, *to;
	struct apply_result r;
	struct session s;

	if (!work_begin(w, &s, true))
		return;
	count(w, apply_hand(&s, &h, &r, &from, &to, &w->d));
	session_close(&s);
	if (!work_begin(w, &s, false))
		return;
	json_t *status = status_read(&s, NULL, &w->d);

	json_decref(status);
	session_close(&s);
}

static void flush(struct work *w)
{
	struct apply_result r;
	struct session s;

	if (!work_begin(w, &s, true))
		return;
	count(w, apply_flush(&s, false, false, &r, &w->d));
	session_close(&s);
}

/* Every profile once: applied over the one before, which is another, and in the end nothing is left. */
static void round_of(struct work *w, char **files)
{
	for (; *files; files++) {
		w->a = arena_new();
		diags_init(&w->d, w->a);
		w->p = profile_read(*files, NULL, w->a, &w->d);
		if (!w->p) {
			fprintf(stderr, "cannot read '%s'\n", *files);
			exit(1);
		}
		apply_and_compare(w);
		steer_and_look(w, MEMBER_DOWN);
		steer_and_look(w, MEMBER_UP);
		arena_free(w->a);
	}
	w->a = arena_new();
	flush(w);
	arena_free(w->a);
}

int main(int argc, char **argv)
{
	uint64_t rounds = 0;
	struct figures first = { 0 }, now = { 0 };
	struct work w = { 0 };

	if (argc < 3 || parse_uint(str_of(argv[1]), &rounds) != 0 || rounds <= 2 * WARM) {
		fputs("usage: endure ROUNDS PROFILE…, with more than 16 rounds\n", stderr);
		return 1;
	}
	for (uint64_t i = 1; i <= rounds; i++) {
		round_of(&w, argv + 2);
		now = measure();
		if (i == WARM)
			first = now;
		if (i == 1 || i == WARM || i % (rounds / REPORTS + 1) == 0 || i == rounds)
			printf("round %" PRIu64 ": %u done, %u refused; %zu descriptors, heap %zu bytes, resident %zu KiB\n", i, w.done,
			       w.refused, now.descriptors, now.heap, now.resident_kb);
	}
	const bool grew = now.descriptors > first.descriptors || now.heap > first.heap + 4096 ||
			  now.resident_kb > first.resident_kb * 11 / 10;

	if (grew || w.refused > w.done)
		printf("%s\n", grew ? "GREW" : "more refused than done");
	return grew || w.refused > w.done ? 3 : 0;
}
