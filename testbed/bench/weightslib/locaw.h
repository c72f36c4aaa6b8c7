/* SPDX-License-Identifier: MIT */
/* A problem file (.locaw) as the outside solvers want it, in C and C++. It shares no code with nlbc, so that an error in
 * reading a file or in making the problem of it shows as a difference in the optimum. */
#ifndef NLBC_BENCH_LOCAW_H
#define NLBC_BENCH_LOCAW_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct locaw {
	int32_t m, n;                    /* locations, relays */
	int64_t *weight;                 /* [m] w */
	int64_t *capacity, *bound;       /* [n] K, u: column i takes W · K_i at most, and w_l · u_i of row l */
	int64_t supply, clients;         /* S, W: row l spreads w_l · S */
	uint16_t *penalty;               /* [m × n] */
};

static inline void locaw_need(int is_true, const char *what)
{
	if (is_true)
		return;
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static inline void *locaw_room(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	locaw_need(p != NULL, "out of memory");
	return p;
}

/* All relays are guards only: g = Wgg · b, K = 10000 · b, and costs are shares, so that u = theta · g, S at most. */
static inline struct locaw locaw_read(const char *path)
{
	struct locaw d;
	char magic[8];
	int32_t head[4];
	FILE *f = fopen(path, "rb");

	locaw_need(f && fread(magic, 8, 1, f) == 1 && !memcmp(magic, "LOCAW1\0", 8) && fread(head, sizeof(head), 1, f) == 1,
		   "not a problem file");
	d.m = head[0];
	d.n = head[1];
	size_t m = (size_t)d.m, n = (size_t)d.n;
	d.weight = (int64_t *)locaw_room(m, 8);
	d.capacity = (int64_t *)locaw_room(n, 8);
	d.bound = (int64_t *)locaw_room(n, 8);
	d.penalty = (uint16_t *)locaw_room(m * n, 2);
	locaw_need(fread(d.weight, 8, m, f) == m && fread(d.capacity, 8, n, f) == n && fread(d.penalty, 2, m * n, f) == m * n,
		   "the problem file is cut off");
	fclose(f);
	d.supply = d.clients = 0;
	for (size_t l = 0; l < m; l++)
		d.clients += d.weight[l];
	for (size_t i = 0; i < n; i++) {
		int64_t b = d.capacity[i], share = head[2] * b;

		d.supply += share;
		d.capacity[i] = 10000 * b;
		d.bound[i] = share / 1000 * head[3] + share % 1000 * head[3] / 1000;
	}
	for (size_t i = 0; i < n; i++)
		if (d.bound[i] > d.supply)
			d.bound[i] = d.supply;
	return d;
}

static inline double locaw_cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The largest resident size since the program began; ru_maxrss would have that of whoever started it, too. */
static inline long locaw_peak_kib(void)
{
	char line[256];
	long kib = 0;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmHWM: %ld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

static inline void locaw_say(const char *value, double cpu, const char *version)
{
	printf("{\"value\": \"%s\", \"cpu\": %.6f, \"peak_kib\": %ld, \"version\": \"%s\"}\n", value, cpu, locaw_peak_kib(),
	       version);
}

#endif
