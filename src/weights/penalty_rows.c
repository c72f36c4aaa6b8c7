/* SPDX-License-Identifier: MIT */
/* The table of penalties, a block of clients at a time. A pair takes the ways of both directions: those to guards are found
 * by a tree for each guard and kept, as far as they matter, those back by a tree for each client. So a thread has one tree,
 * and what is kept is bounded. Threads share nothing but the number of the next block. */
#include "base/base.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "weights/memory.h"
#include "weights/penalty_parts.h"
#include "weights/progress.h"

enum { BLOCK_CLIENTS = 256, KEPT_PAIRS = 1 << 18, KEPT_STEPS = 1 << 22 };

struct shared {
	const struct penalty_task *task;
	struct progress *progress;
	size_t block;                    /* clients at a time */
	atomic_size_t next, done;        /* clients */
	atomic_bool is_ended;            /* the user wants no more */
};

struct worker {
	struct shared *shared;
	const struct penalty_task *task;
	bool is_first;                   /* on the thread that tells how far it is */
	pthread_t thread;
	struct routes *routes;
	uint32_t *path;
	uint32_t *kept;                  /* slots of what matters on ways to guards, pair by pair */
	size_t kept_room;
	size_t *kept_from;               /* of each pair, and the end */
	bool *kept_missing;
	uint64_t *bits;                  /* of the pair at hand */
	uint64_t *turn_of, turn;         /* suspects: the pair that counted them last */
	size_t missing;
};

/* Pairs whose ways are kept at a time. */
static size_t pairs_kept(const struct penalty_task *t, size_t block)
{
	return MIN(block * t->n_guards, (size_t)KEPT_PAIRS);
}

uint64_t penalty_thread_bytes(const struct penalty_task *t)
{
	const size_t pairs = pairs_kept(t, MIN(t->n_clients, (size_t)BLOCK_CLIENTS)), n_as = t->relations->ases.n;
	const uint64_t steps = MIN((uint64_t)pairs * n_as, (uint64_t)KEPT_STEPS);

	return routes_bytes(t->relations) + n_as * sizeof(uint32_t) + pairs * (sizeof(size_t) + sizeof(bool)) +
	       2 * steps * sizeof(uint32_t) + t->watch->words * sizeof(uint64_t) + (t->watch->n + 1) * sizeof(uint64_t);
}

static bool is_ended(struct worker *w)
{
	struct shared *s = w->shared;
	struct progress *p = s->progress;

	if (p && w->is_first) {
		p->steps = atomic_load(&s->done);
		if (progress_check(p))
			atomic_store(&s->is_ended, true);
	} else if (p && p->interrupted && *p->interrupted) {
		atomic_store(&s->is_ended, true);
	}
	return atomic_load(&s->is_ended);
}

/* ---- one pair -------------------------------------------------------------------------------------------------- */
static void add_bits(uint64_t *restrict to, const uint64_t *restrict from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] |= from[i];
}

/* Bits that are set, many words at once: there need not be an instruction for it. */
static uint32_t count_bits(const uint64_t *words, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t x = words[i];
		x -= x >> 1 & 0x5555555555555555;
		x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
		x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
		sum += (x * 0x0101010101010101) >> 56;
	}
	return (uint32_t)sum;
}

/* What matters at `slot` counts for the pair at hand: suspects once, samples all together in the end. */
static uint32_t add_slot(struct worker *w, uint32_t slot)
{
	const struct watch *watch = w->task->watch;

	if (watch->bits) {
		add_bits(w->bits, watch->bits + (size_t)(slot - 1) * watch->words, watch->words);
		return 0;
	}
	const bool is_new = w->turn_of[slot] != w->turn;
	w->turn_of[slot] = w->turn;
	return is_new;
}

/* The penalty of a client and a guard: the tree leads to the client, and the way to the guard was kept as `pair`. */
static uint32_t judge(struct worker *w, uint32_t client, uint32_t guard, size_t pair)
{
	const struct watch *watch = w->task->watch;
	bool is_missing = w->kept_missing[pair];
	uint32_t suspects = 0;

	if (watch->bits)
		memset(w->bits, 0, watch->words * sizeof(*w->bits));
	w->turn++;
	for (size_t i = w->kept_from[pair]; i < w->kept_from[pair + 1]; i++)
		suspects += add_slot(w, w->kept[i]);
	const size_t n = penalty_path(w->routes, guard, client, w->path, &is_missing);
	for (size_t i = 0; i < n; i++)
		if (watch->slot[w->path[i]])
			suspects += add_slot(w, watch->slot[w->path[i]]);
	w->missing += is_missing;
	return watch->bits ? count_bits(w->bits, watch->words) : MIN(suspects, (uint32_t)PENALTY_MAX);
}

/* ---- a block --------------------------------------------------------------------------------------------------- */
/* Keeps the way from a client to the guard that the tree leads to; returns where the next one begins. */
static size_t keep(struct worker *w, uint32_t client, uint32_t guard, size_t at, size_t pair)
{
	const uint32_t *slot = w->task->watch->slot;
	const size_t n = penalty_path(w->routes, client, guard, w->path, &w->kept_missing[pair]);

	if (w->kept_room < at + n) {
		w->kept_room = 2 * (at + n);
		w->kept = realloc(w->kept, w->kept_room * sizeof(*w->kept));
		if (!w->kept)
			out_of_memory();
	}
	for (size_t i = 0; i < n; i++)
		if (slot[w->path[i]])
			w->kept[at++] = slot[w->path[i]];
	return at;
}

/* Ways from clients `first`.. to guards from `guard` on, as many as are kept; returns the guard after these. */
static size_t keep_ways(struct worker *w, size_t first, size_t n, size_t guard)
{
	const struct penalty_task *t = w->task;
	size_t pair = 0;
	size_t at = 0;

	routes_want(w->routes, t->clients + first, n);
	for (; guard < t->n_guards && pair + n <= KEPT_PAIRS && at <= KEPT_STEPS && !is_ended(w); guard++) {
		routes_towards(w->routes, t->guards[guard]);
		for (size_t i = 0; i < n; i++, pair++) {
			w->kept_from[pair] = at;
			w->kept_missing[pair] = false;
			at = keep(w, t->clients[first + i], t->guards[guard], at, pair);
		}
	}
	w->kept_from[pair] = at;
	return guard;
}

static void judge_ways(struct worker *w, size_t first, size_t n, size_t from_guard, size_t to_guard)
{
	const struct penalty_task *t = w->task;

	routes_want(w->routes, t->guards + from_guard, to_guard - from_guard);
	for (size_t i = 0; i < n && !is_ended(w); i++) {
		routes_towards(w->routes, t->clients[first + i]);
		for (size_t g = from_guard; g < to_guard; g++) {
			const size_t pair = (g - from_guard) * n + i;
			const size_t cell = (first + i) * t->n_guards + g;
			const uint32_t value = judge(w, t->clients[first + i], t->guards[g], pair);
			if (t->p16)
				t->p16[cell] = (uint16_t)value;
			else
				t->p32[cell] = value;
		}
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct shared *s = w->shared;
	size_t first;

	while ((first = atomic_fetch_add(&s->next, s->block)) < w->task->n_clients && !is_ended(w)) {
		const size_t n = MIN(s->block, w->task->n_clients - first);
		for (size_t guard = 0; guard < w->task->n_guards && !is_ended(w);) {
			const size_t next = keep_ways(w, first, n, guard);
			judge_ways(w, first, n, guard, next);
			guard = next;
		}
		atomic_fetch_add(&s->done, n);
	}
	return NULL;
}

/* ---- threads --------------------------------------------------------------------------------------------------- */
static void worker_init(struct worker *w, struct shared *s, bool is_first)
{
	const struct penalty_task *t = s->task;

	*w = (struct worker){ .shared = s, .task = t, .is_first = is_first, .routes = routes_new(t->relations) };
	w->path = allocate(t->relations->ases.n + 1, sizeof(*w->path));
	w->kept_from = allocate(pairs_kept(t, s->block) + 1, sizeof(*w->kept_from));
	w->kept_missing = allocate(pairs_kept(t, s->block), sizeof(*w->kept_missing));
	w->bits = allocate(t->watch->words, sizeof(*w->bits));
	w->turn_of = allocate((size_t)t->watch->n + 1, sizeof(*w->turn_of));
}

static void worker_release(struct worker *w)
{
	routes_free(w->routes);
	free(w->path);
	free(w->kept);
	free(w->kept_from);
	free(w->kept_missing);
	free(w->bits);
	free(w->turn_of);
}

int penalty_rows(const struct penalty_task *task, unsigned threads, struct progress *progress, size_t *missing)
{
	struct shared s = { .task = task, .progress = progress };
	struct worker workers[64];
	size_t n = MIN(MAX(threads, 1U), (unsigned)ARRAY_LEN(workers));

	s.block = MIN((task->n_clients + n - 1) / n, (size_t)BLOCK_CLIENTS);
	n = MIN(n, (task->n_clients + s.block - 1) / s.block);
	if (progress) {
		progress->stage = "penalty";
		progress->steps_all = task->n_clients;
	}
	for (size_t i = 0; i < n; i++)
		worker_init(&workers[i], &s, i == 0);
	/* Where the machine gives no more threads, those that there are do the work. */
	size_t started = 1;
	while (started < n && pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0)
		started++;
	(void)work(&workers[0]);
	for (size_t i = 1; i < started; i++)
		(void)pthread_join(workers[i].thread, NULL);     /* fails only for threads that are none */
	for (size_t i = 0; i < n; i++) {
		*missing += workers[i].missing;
		worker_release(&workers[i]);
	}
	return atomic_load(&s.is_ended) ? -EINTR : 0;
}
