/* SPDX-License-Identifier: MIT */
/* Reads /proc for processor times. */
#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/text.h"
#include "bench/usage.h"

/* The next word of *s; n 0: there is none. */
static struct str next_word(struct str *s)
{
	while (s->n && (*s->p == ' ' || *s->p == '\n')) {
		s->p++;
		s->n--;
	}
	struct str word = { s->p, 0 };

	while (word.n < s->n && s->p[word.n] != ' ' && s->p[word.n] != '\n')
		word.n++;
	s->p += word.n;
	s->n -= word.n;
	return word;
}

int machine_usage_parse(struct str text, struct machine_usage *u)
{
	enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, TIMES };      /* guests are counted in user */
	uint64_t times[TIMES] = { 0 };

	if (!str_is(next_word(&text), "cpu"))
		return -EINVAL;
	for (size_t i = 0; i < TIMES; i++)
		if (parse_uint(next_word(&text), &times[i]))
			return -EINVAL;
	*u = (struct machine_usage){ .idle = times[IDLE] + times[IOWAIT] };
	for (size_t i = 0; i < TIMES; i++)
		u->all += times[i];
	return 0;
}

/* PID (NAME) STATE PARENT …; the name may hold anything. */
int process_usage_parse(struct str text, struct process_usage *u)
{
	const char *end = text.n ? memrchr(text.p, ')', text.n) : NULL;
	uint64_t number;

	*u = (struct process_usage){ 0 };
	if (!end || parse_uint(next_word(&text), &number))
		return -EINVAL;
	u->pid = (pid_t)number;
	text.n -= (size_t)(end + 1 - text.p);
	text.p = end + 1;
	for (int field = 3; field <= 17; field++) {
		const struct str word = next_word(&text);

		if (field != 4 && field < 14)
			continue;
		if (parse_uint(word, &number))
			return -EINVAL;
		if (field == 4)
			u->parent = (pid_t)number;
		else
			u->ticks += number;     /* utime, stime, cutime, cstime */
	}
	return 0;
}

static int read_short(int at, const char *path, char *buf, size_t room, struct str *out)
{
	auto_close int fd = openat(at, path, O_RDONLY | O_CLOEXEC);
	const ssize_t n = fd < 0 ? -1 : read(fd, buf, room);

	if (n < 0)
		return -errno;
	*out = (struct str){ buf, (size_t)n };
	return 0;
}

int machine_usage_read(struct machine_usage *u)
{
	char buf[1024];
	struct str text;
	const int err = read_short(AT_FDCWD, "/proc/stat", buf, sizeof(buf), &text);

	return err ? err : machine_usage_parse(text, u);
}

static int compare(const void *a, const void *b)
{
	const struct process_usage *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* 1: one more; 0: it has ended meanwhile, or is no process. */
static int read_process(DIR *proc, const char *name, struct process_usage *u)
{
	char path[64], buf[1024];
	struct str text;

	if (*name < '1' || *name > '9')
		return 0;
	(void)snprintf(path, sizeof(path), "%.32s/stat", name);
	return read_short(dirfd(proc), path, buf, sizeof(buf), &text) == 0 && process_usage_parse(text, u) == 0;
}

int process_usage_read(struct process_usage **list, size_t *n)
{
	DIR *proc = opendir("/proc");
	size_t room = 0;

	if (!proc)
		return -errno;
	*list = NULL;
	*n = 0;
	for (const struct dirent *e = readdir(proc); e; e = readdir(proc)) {
		if (*n == room) {
			room = MAX(2 * room, (size_t)256);
			*list = reallocarray(*list, room, sizeof(**list));
			if (!*list)
				out_of_memory();
		}
		*n += (size_t)read_process(proc, e->d_name, &(*list)[*n]);
	}
	(void)closedir(proc);
	if (*n)
		qsort(*list, *n, sizeof(**list), compare);
	return 0;
}

static const struct process_usage *find(const struct process_usage *list, size_t n, pid_t pid)
{
	const struct process_usage key = { .pid = pid };

	return n ? bsearch(&key, list, n, sizeof(*list), compare) : NULL;
}

bool process_usage_tree(const struct process_usage *list, size_t n, pid_t pid, uint64_t *ticks)
{
	*ticks = 0;
	for (size_t i = 0; i < n; i++) {
		const struct process_usage *up = &list[i];

		/* The depth is bounded: numbers used again while /proc was read could form a ring. */
		for (size_t depth = 0; up && up->pid != pid && depth < n; depth++)
			up = find(list, n, up->parent);
		if (up && up->pid == pid)
			*ticks += list[i].ticks;
	}
	return find(list, n, pid) != NULL;
}

double machine_usage_percent(const struct machine_usage *before, const struct machine_usage *now)
{
	const uint64_t all = now->all - before->all;
	const uint64_t idle = now->idle > before->idle ? now->idle - before->idle : 0;   /* the kernel's count may step back */

	return all && idle < all ? 100.0 * (double)(all - idle) / (double)all : 0;
}
