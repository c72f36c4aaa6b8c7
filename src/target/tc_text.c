/* SPDX-License-Identifier: MIT */
/* Queues in numbers and words: the kernel's units, items, and lines for `tc -batch`. */
#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "target/tc.h"

enum { NS_PER_TICK = 64 };          /* second word of /proc/net/psched, the same on every kernel since 2.6.31 */

/* ---- numbers ---------------------------------------------------------------------------------------------------- */

static uint64_t divide_up(uint64_t a, uint64_t b)
{
	return a / b + (a % b != 0);
}

static uint32_t fit(uint64_t v)
{
	return (uint32_t)MIN(v, (uint64_t)UINT32_MAX);
}

/* What stock tc makes of a bucket, in its own arithmetic (tc_calc_xmittime, iproute2). */
static uint64_t stock_us(uint64_t bytes, uint64_t rate)
{
	return (uint64_t)(1e6 * ((double)bytes / (double)rate));
}

/* Ticks are 32 bits: a slower bucket than this is cut off, on both roads (stock tc would let the number wrap). */
static uint64_t htb_bytes(uint64_t bytes, uint64_t rate)
{
	const uint64_t most_us = (uint64_t)UINT32_MAX * NS_PER_TICK / 1000;

	return rate < 10000000 ? MIN(bytes, most_us * rate / 1000000) : bytes;     /* faster, 2^30 bytes are never so slow */
}

/* Microseconds that a bucket holds, rounded up, so that it is never less than asked for. Below 1 MB/s whole bytes are
 * further apart than microseconds and stock tc could not be told such a number: there it is as tc reckons. */
static uint64_t bucket_us(uint64_t bytes, uint64_t rate)
{
	return rate < 1000000 ? stock_us(bytes, rate) : divide_up(bytes * 1000000, rate);
}

static uint32_t us_ticks(uint64_t us)
{
	return fit(us * 1000 / NS_PER_TICK);
}

uint32_t tc_bucket_ticks(uint64_t bytes, uint64_t rate)
{
	return us_ticks(bucket_us(htb_bytes(bytes, rate), rate));
}

/* A microsecond at 1tbit/s is 125000 bytes and a bucket at most 2^30, so nothing overflows. */
uint64_t tc_bucket_bytes(uint64_t bytes, uint64_t rate)
{
	const uint64_t most = htb_bytes(bytes, rate);

	if (rate < 1000000)
		return most;
	const uint64_t us = bucket_us(most, rate), fit_bytes = divide_up(us * rate, 1000000);
	return fit_bytes + (stock_us(fit_bytes, rate) < us);   /* a quotient may come out just below a whole number */
}

/* tbf takes the bytes themselves, makes nanoseconds of them by a multiplication and a shift, and tells the low 32 bits of
 * their ticks (psched_ratecfg_precompute, psched_l2t_ns, tbf_dump in kernel 6.18, and the same in 6.1). */
uint32_t tc_tbf_ticks(uint64_t bytes, uint64_t rate)
{
	uint64_t factor = UINT64_C(1000000000);
	unsigned shift = 0;

	for (; !(factor / rate & UINT64_C(1) << 31) && !(factor >> 63); shift++)
		factor <<= 1;
	return (uint32_t)((bytes * (uint32_t)(factor / rate) >> shift) / NS_PER_TICK);
}

uint32_t tc_chance(uint32_t ppm)
{
	return (uint32_t)(((uint64_t)ppm * UINT32_MAX + 500000) / 1000000);
}

uint32_t tc_chance_ppm(uint32_t chance)
{
	return (uint32_t)(((uint64_t)chance * 1000000 + UINT32_MAX / 2) / UINT32_MAX);
}

/* CoDel counts in units of 1024 ns. */
uint32_t tc_codel_us(uint64_t us)
{
	return fit((us * 1000 >> 10 << 10) / 1000);
}

/* ---- from the plan ---------------------------------------------------------------------------------------------- */

static const char *const kinds[] = {
	[NODE_HTB] = "htb", [NODE_HTB_CLASS] = "htb", [NODE_TBF] = "tbf", [NODE_NETEM] = "netem",
	[NODE_BFIFO] = "bfifo", [NODE_PFIFO] = "pfifo", [NODE_FQ_CODEL] = "fq_codel",
};

static void view_class(const struct tc_node *n, struct tc_view *v)
{
	v->is_class = true;
	v->rate = n->rate_Bps;
	v->ceil = n->ceil_Bps;
	v->burst = tc_bucket_ticks(n->burst_bytes, n->rate_Bps);
	v->cburst = tc_bucket_ticks(n->cburst_bytes, n->ceil_Bps);
	v->quantum = n->quantum_bytes;
}

static void view_netem(const struct tc_node *n, struct tc_view *v)
{
	v->delay = us_ticks(n->delay_us);
	v->jitter = us_ticks(n->jitter_us);
	v->delay_correlation = tc_chance(n->delay_correlation_ppm);
	v->loss = tc_chance(n->loss.part_ppm);
	v->loss_correlation = tc_chance(n->loss.correlation_ppm);
	v->duplicate = tc_chance(n->duplicate.part_ppm);
	v->duplicate_correlation = tc_chance(n->duplicate.correlation_ppm);
	v->corrupt = tc_chance(n->corrupt.part_ppm);
	v->corrupt_correlation = tc_chance(n->corrupt.correlation_ppm);
	v->reorder = tc_chance(n->reorder.part_ppm);
	v->reorder_correlation = tc_chance(n->reorder.correlation_ppm);
	/* Without a gap every packet may be reordered, as in stock tc. */
	v->gap = n->reorder.set ? MAX(n->reorder.gap, 1u) : 0;
}

void tc_view_of(const struct tc_node *n, struct tc_view *v)
{
	*v = (struct tc_view){ .kind = kinds[n->kind], .handle = n->handle, .parent = n->parent, .limit = fit(n->limit) };
	switch (n->kind) {
	case NODE_HTB:
		v->version = HTB_VERSION;
		v->r2q = HTB_RATE_TO_QUANTUM;
		v->default_class = HTB_DEFAULT;
		v->direct_qlen = HTB_DIRECT;
		break;
	case NODE_HTB_CLASS:
		view_class(n, v);
		break;
	case NODE_TBF:
		v->rate = n->rate_Bps;
		v->burst = tc_tbf_ticks(n->burst_bytes, n->rate_Bps);
		v->burst_bytes = fit(n->burst_bytes);
		break;
	case NODE_NETEM:
		view_netem(n, v);
		break;
	case NODE_BFIFO:
	case NODE_PFIFO:
		break;
	case NODE_FQ_CODEL:
		v->flows = n->flows;
		v->quantum = n->fq_quantum;
		v->target_us = tc_codel_us(n->target_us);
		v->interval_us = tc_codel_us(n->interval_us);
		v->memory = fit(n->memory_bytes);
		v->ecn = n->ecn;
		break;
	}
}

/* ---- words ------------------------------------------------------------------------------------------------------ */

void tc_put_handle(uint32_t handle, struct text *out)
{
	text_printf(out, "%x:", handle >> 16);
	if (handle & 0xffff)
		text_printf(out, "%x", handle & 0xffff);
}

const char *tc_key(const char *device, const struct tc_view *v, struct arena *a)
{
	auto_text struct text key = {0};
	text_printf(&key, "%s/%s/", v->is_class ? "class" : "qdisc", device);
	if (v->is_class)
		tc_put_handle(v->handle, &key);
	else if (v->parent == TC_H_ROOT)
		text_puts(&key, "root");
	else
		tc_put_handle(v->parent, &key);
	return arena_strdup(a, key.p);
}

static void put_rate(uint64_t bytes_per_s, struct text *out)
{
	static const struct { uint64_t unit; const char *name; } units[] = {
		{ 1000000000, "gbit" }, { 1000000, "mbit" }, { 1000, "kbit" }, { 1, "bit" },
	};
	const uint64_t bits = bytes_per_s * 8;
	size_t i = 0;
	while (bits % units[i].unit)
		i++;
	text_printf(out, "%llu%s", (unsigned long long)(bits / units[i].unit), units[i].name);
}

static void put_ticks(const char *name, uint32_t ticks, struct text *out)
{
	text_printf(out, " %s %u ticks", name, ticks);
}

static void put_percent(uint32_t ppm, struct text *out)
{
	text_printf(out, " %u", ppm / 10000);
	if (ppm % 10000) {
		text_printf(out, ".%04u", ppm % 10000);
		while (out->p[out->n - 1] == '0')
			out->p[--out->n] = '\0';
	}
	text_putc(out, '%');
}

static void put_chance(const char *name, uint32_t chance, uint32_t correlation, struct text *out)
{
	text_printf(out, " %s", name);
	put_percent(tc_chance_ppm(chance), out);
	put_percent(tc_chance_ppm(correlation), out);
}

static void body_netem(const struct tc_view *v, struct text *out)
{
	text_printf(out, " limit %u", v->limit);
	put_ticks("delay", v->delay, out);
	put_ticks("jitter", v->jitter, out);
	put_percent(tc_chance_ppm(v->delay_correlation), out);
	put_chance("loss", v->loss, v->loss_correlation, out);
	put_chance("duplicate", v->duplicate, v->duplicate_correlation, out);
	put_chance("corrupt", v->corrupt, v->corrupt_correlation, out);
	put_chance("reorder", v->reorder, v->reorder_correlation, out);
	text_printf(out, " gap %u", v->gap);
}

static void body_class(const struct tc_view *v, struct text *out)
{
	text_puts(out, "rate ");
	put_rate(v->rate, out);
	text_puts(out, " ceil ");
	put_rate(v->ceil, out);
	put_ticks("burst", v->burst, out);
	put_ticks("cburst", v->cburst, out);
	text_printf(out, " quantum %u prio %u", v->quantum, v->prio);
}

static void body_queue(const struct tc_view *v, struct text *out)
{
	if (strcmp(v->kind, "htb") == 0) {
		text_printf(out, " default %x r2q %u direct_qlen %u version %u", v->default_class, v->r2q,
			    v->direct_qlen, v->version);
	} else if (strcmp(v->kind, "tbf") == 0) {
		text_puts(out, " rate ");
		put_rate(v->rate, out);
		put_ticks("burst", v->burst, out);
		text_printf(out, " limit %u", v->limit);
	} else if (strcmp(v->kind, "netem") == 0) {
		body_netem(v, out);
	} else if (strcmp(v->kind, "fq_codel") == 0) {
		text_printf(out, " limit %u flows %u target %uus interval %uus quantum %u memory %u %s", v->limit,
			    v->flows, v->target_us, v->interval_us, v->quantum, v->memory, v->ecn ? "ecn" : "noecn");
	} else {
		text_printf(out, " limit %u", v->limit);
	}
}

void tc_body(const struct tc_view *v, struct text *out)
{
	if (v->is_class) {
		body_class(v, out);
	} else {
		text_printf(out, "%s ", v->kind);
		tc_put_handle(v->handle, out);
		body_queue(v, out);
	}
	if (v->more)
		text_puts(out, " and more");
}

/* ---- tc -batch -------------------------------------------------------------------------------------------------- */

static void print_chance(const char *name, const struct netem_part *part, struct text *out)
{
	if (!part->set)
		return;
	text_printf(out, " %s", name);
	put_percent(part->part_ppm, out);
	if (part->correlation_ppm)
		put_percent(part->correlation_ppm, out);
}

static void print_netem(const struct tc_node *n, struct text *out)
{
	text_printf(out, " limit %llu", (unsigned long long)n->limit);
	if (n->delay_us || n->jitter_us)
		text_printf(out, " delay %lluus", (unsigned long long)n->delay_us);
	if (n->jitter_us)
		text_printf(out, " %lluus", (unsigned long long)n->jitter_us);
	if (n->jitter_us && n->delay_correlation_ppm)
		put_percent(n->delay_correlation_ppm, out);
	print_chance("loss", &n->loss, out);
	print_chance("duplicate", &n->duplicate, out);
	print_chance("corrupt", &n->corrupt, out);
	print_chance("reorder", &n->reorder, out);
	if (n->reorder.set && n->reorder.gap)
		text_printf(out, " gap %u", n->reorder.gap);
}

static void print_options(const struct tc_node *n, struct text *out)
{
	switch (n->kind) {
	case NODE_HTB:
		text_printf(out, " default %x r2q %u direct_qlen %u", HTB_DEFAULT, HTB_RATE_TO_QUANTUM, HTB_DIRECT);
		break;
	case NODE_HTB_CLASS:
		text_puts(out, " rate ");
		put_rate(n->rate_Bps, out);
		text_puts(out, " ceil ");
		put_rate(n->ceil_Bps, out);
		text_printf(out, " burst %llub cburst %llub quantum %u",
			    (unsigned long long)tc_bucket_bytes(n->burst_bytes, n->rate_Bps),
			    (unsigned long long)tc_bucket_bytes(n->cburst_bytes, n->ceil_Bps), n->quantum_bytes);
		break;
	case NODE_TBF:
		text_puts(out, " rate ");
		put_rate(n->rate_Bps, out);
		text_printf(out, " burst %llub limit %llub", (unsigned long long)n->burst_bytes,
			    (unsigned long long)n->limit);
		break;
	case NODE_NETEM:
		print_netem(n, out);
		break;
	case NODE_BFIFO:
	case NODE_PFIFO:
		text_printf(out, " limit %llu", (unsigned long long)n->limit);
		break;
	case NODE_FQ_CODEL:
		text_printf(out, " limit %llu flows %u target %lluus interval %lluus quantum %u memory_limit %llu %s",
			    (unsigned long long)n->limit, n->flows, (unsigned long long)n->target_us,
			    (unsigned long long)n->interval_us, n->fq_quantum, (unsigned long long)n->memory_bytes,
			    n->ecn ? "ecn" : "noecn");
		break;
	}
}

static void print_node(const char *device, const struct tc_node *n, struct text *out)
{
	const bool is_class = n->kind == NODE_HTB_CLASS;
	text_printf(out, "%s add dev %s ", is_class ? "class" : "qdisc", device);
	if (n->parent == TC_H_ROOT) {
		text_puts(out, "root");
	} else {
		text_puts(out, "parent ");
		tc_put_handle(n->parent, out);
	}
	text_puts(out, is_class ? " classid " : " handle ");
	tc_put_handle(n->handle, out);
	text_printf(out, " %s", kinds[n->kind]);
	print_options(n, out);
	text_putc(out, '\n');
}

void tc_print(const struct plan *p, const char *format UNUSED, struct text *out)
{
	for (size_t i = 0; i < p->n_trees; i++)
		for (size_t n = 0; n < p->trees[i].n_nodes; n++)
			print_node(p->trees[i].device, &p->trees[i].nodes[n], out);
}
