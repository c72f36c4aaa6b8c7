/* SPDX-License-Identifier: MIT */
/* What the master does every second: adds up counters, looks at heartbeats, tells the service manager. */
#ifndef NLBC_PROXY_WATCH_H
#define NLBC_PROXY_WATCH_H

#include "base/base.h"
#include "base/text.h"

#include <sys/types.h>

struct edition;
struct master;

void watch_second(struct master *m);
/* Brings the tallies of all services up to date; also before a report. */
void watch_count(struct master *m);
/* After an upgrade: counts go on, the last 10 s begin. */
void watch_restart(struct master *m);
/* What a process has used so far; 0: it is gone. */
uint64_t watch_cpu_us(pid_t pid);
/* A line for the service manager, with the status behind it. */
void watch_status(struct master *m, const char *first);
/* "web: 3 of 3 servers up, 41 connections", proxies separated by "; ". */
void watch_print(struct text *out, const struct edition *g);

#endif
