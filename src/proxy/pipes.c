/* SPDX-License-Identifier: MIT */
/* The pool of pipes. */
#include "base/base.h"

#include <fcntl.h>

#include "proxy/pipes.h"

static struct pipe *make(void)
{
	int fd[2];
	struct pipe *p;

	if (pipe2(fd, O_NONBLOCK | O_CLOEXEC) < 0)
		return NULL;
	p = calloc(1, sizeof(*p));
	/* A small pipe would cost more calls than it saves. */
	if (!p || fcntl(fd[1], F_SETPIPE_SZ, PIPE_BYTES) < 0) {
		free(p);
		(void)close(fd[0]);
		(void)close(fd[1]);
		return NULL;
	}
	p->in = fd[1];
	p->out = fd[0];
	return p;
}

struct pipe *pipes_take(struct pipes *p)
{
	struct pipe *pipe = p->idle;

	if (pipe) {
		p->idle = pipe->next;
		pipe->next = NULL;
		return pipe;
	}
	if (p->n >= PIPES_MOST)
		return NULL;
	pipe = make();
	if (pipe)
		p->n++;
	return pipe;
}

void pipes_give(struct pipes *p, struct pipe *pipe)
{
	if (pipe->n == 0) {
		pipe->next = p->idle;
		p->idle = pipe;
		return;
	}
	(void)close(pipe->in);
	(void)close(pipe->out);
	free(pipe);
	p->n--;
}
