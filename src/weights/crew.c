/* SPDX-License-Identifier: MIT */
/* One lock, under which parts are handed out and reported done. */
#include "base/base.h"

#include <pthread.h>

#include "weights/crew.h"

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t has_work, is_done;
	void (*work)(void *arg, size_t part);
	void *arg;
	size_t parts, next, done;
	bool is_ending;
	unsigned n_threads;
	pthread_t threads[];
};

/* A part is taken, done, and reported; with the lock held before and after. */
static void do_part(struct crew *c)
{
	void (*work)(void *arg, size_t part) = c->work;
	void *arg = c->arg;
	const size_t part = c->next++;

	(void)pthread_mutex_unlock(&c->lock);
	work(arg, part);
	(void)pthread_mutex_lock(&c->lock);
	if (++c->done == c->parts)
		(void)pthread_cond_signal(&c->is_done);
}

static void *serve(void *arg)
{
	struct crew *c = arg;

	(void)pthread_mutex_lock(&c->lock);
	while (!c->is_ending)
		if (c->next < c->parts)
			do_part(c);
		else
			(void)pthread_cond_wait(&c->has_work, &c->lock);
	(void)pthread_mutex_unlock(&c->lock);
	return NULL;
}

struct crew *crew_new(unsigned threads)
{
	if (threads <= 1)
		return NULL;
	struct crew *c = calloc(1, sizeof(*c) + (threads - 1) * sizeof(*c->threads));

	if (!c)
		out_of_memory();
	(void)pthread_mutex_init(&c->lock, NULL);       /* these three cannot fail without attributes */
	(void)pthread_cond_init(&c->has_work, NULL);
	(void)pthread_cond_init(&c->is_done, NULL);
	while (c->n_threads < threads - 1 && pthread_create(&c->threads[c->n_threads], NULL, serve, c) == 0)
		c->n_threads++;
	return c;
}

void crew_free(struct crew *c)
{
	if (!c)
		return;
	(void)pthread_mutex_lock(&c->lock);
	c->is_ending = true;
	(void)pthread_cond_broadcast(&c->has_work);
	(void)pthread_mutex_unlock(&c->lock);
	for (unsigned k = 0; k < c->n_threads; k++)
		(void)pthread_join(c->threads[k], NULL);        /* fails only for threads that are none */
	(void)pthread_cond_destroy(&c->is_done);
	(void)pthread_cond_destroy(&c->has_work);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
}

void crew_run(struct crew *c, size_t parts, void (*work)(void *arg, size_t part), void *arg)
{
	if (!c) {
		for (size_t part = 0; part < parts; part++)
			work(arg, part);
		return;
	}
	(void)pthread_mutex_lock(&c->lock);
	c->work = work;
	c->arg = arg;
	c->next = c->done = 0;
	c->parts = parts;
	(void)pthread_cond_broadcast(&c->has_work);
	while (c->next < c->parts)
		do_part(c);
	while (c->done < c->parts)
		(void)pthread_cond_wait(&c->is_done, &c->lock);
	(void)pthread_mutex_unlock(&c->lock);
}
