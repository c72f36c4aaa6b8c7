/* SPDX-License-Identifier: MIT */
/* Processor time as the kernel counts it: of the machine, and of processes with their children. */
#ifndef NLBC_BENCH_USAGE_H
#define NLBC_BENCH_USAGE_H

#include "base/base.h"

#include <sys/types.h>

/* All in the kernel's ticks, since boot. */
struct machine_usage {
	uint64_t all, idle;             /* of all processors together; idle: waiting for disks too */
};
struct process_usage {
	pid_t pid, parent;
	uint64_t ticks;                 /* user and system, and that of children that have ended */
};

/* The first line of /proc/stat; the one of /proc/PID/stat. 0, -EINVAL. */
int machine_usage_parse(struct str text, struct machine_usage *u) MUST_USE;
int process_usage_parse(struct str text, struct process_usage *u) MUST_USE;
/* 0, -errno. */
int machine_usage_read(struct machine_usage *u) MUST_USE;
/* All processes by rising number, *list is the caller's to free. 0, -errno. */
int process_usage_read(struct process_usage **list, size_t *n) MUST_USE;
/* The time of a process and all below it; false: there is no such process. */
bool process_usage_tree(const struct process_usage *list, size_t n, pid_t pid, uint64_t *ticks);
/* Percent of all processors in use between two readings. */
double machine_usage_percent(const struct machine_usage *before, const struct machine_usage *now);

#endif
