/* SPDX-License-Identifier: MIT */
/* Shapers of every shape: class or bucket, emulation, queue, each part there or not, in all units. */
#include "base/base.h"

#include <inttypes.h>

#include "compose.h"

/* A rate and the bits in a second that it means. */
struct rate {
	uint64_t number, unit;
	const char *name;
};

static struct rate draw_rate(struct composer *c)
{
	static const struct rate kinds[] = {
		{ 990, 1000, "kbit" }, { 900, 1000000, "mbit" }, { 900, 1000000, "mbit" }, { 40, 1000000000, "gbit" },
		{ 999999, 1, "bit" },
	};
	struct rate r = DRAW_WORD(c, kinds);

	r.number = 10 + draw(c, r.number);
	if (r.unit == 1)
		r.number += 8000;
	if (chance(c, 2))
		return (struct rate){ 8, 1000, "kbit" };
	return chance(c, 2) ? (struct rate){ 1, 1000000000000, "tbit" } : r;
}

static void put_size(struct composer *c, const char *keyword, uint64_t least)
{
	static const struct rate kinds[] = {
		{ 200000, 1, "b" }, { 900, 1024, "kb" }, { 30, 1 << 20, "mb" }, { 900, 128, "kbit" }, { 90, 1 << 17, "mbit" },
	};
	const struct rate kind = DRAW_WORD(c, kinds);

	if (chance(c, 2))
		text_printf(c->out, " %s 1gb;", keyword);
	else
		text_printf(c->out, " %s %" PRIu64 "%s;", keyword, (least + kind.unit - 1) / kind.unit + draw(c, kind.number),
			    kind.name);
}

/* At least 256 bytes at this rate, at most a gigabyte. */
static void put_queue_time(struct composer *c, const struct rate *r)
{
	const uint64_t bps = r->number * r->unit;
	const uint64_t least = (256 * 8 * 1000 + bps - 1) / bps, most = MIN(((uint64_t)8 << 30) * 1000 / bps, UINT64_C(10000));
	const uint64_t ms = MIN(least + draw(c, chance(c, 70) ? 200 : 10000), most);

	if (chance(c, 20))
		text_printf(c->out, " queue %" PRIu64 "us;", ms * 1000);
	else if (chance(c, 20))
		text_printf(c->out, " queue %" PRIu64 ".%03" PRIu64 "s;", ms / 1000, ms % 1000);
	else
		text_printf(c->out, " queue %" PRIu64 "ms;", ms);
}

static void put_fq_codel(struct composer *c)
{
	text_puts(c->out, " queue fq_codel");
	if (chance(c, 40))
		text_printf(c->out, " limit %" PRIu64, 1 + draw(c, 20000));
	if (chance(c, 40))
		text_printf(c->out, " flows %" PRIu64, 1 + draw(c, 4096));
	if (chance(c, 40))
		text_printf(c->out, " target %" PRIu64 "us", 1 + draw(c, 20000));
	if (chance(c, 40))
		text_printf(c->out, " interval %" PRIu64 "ms", 1 + draw(c, 300));
	if (chance(c, 40))
		text_printf(c->out, " quantum %" PRIu64, 256 + draw(c, 9000));
	if (chance(c, 40))
		text_printf(c->out, " memory %" PRIu64 "mb", 1 + draw(c, 64));
	if (chance(c, 40))
		text_printf(c->out, " ecn %s", chance(c, 50) ? "on" : "off");
	text_putc(c->out, ';');
}

static void put_part(struct composer *c, const char *keyword)
{
	text_printf(c->out, " %s %" PRIu64 ".%" PRIu64 "%%", keyword, draw(c, 20), draw(c, 1000));
	if (chance(c, 40))
		text_printf(c->out, " correlation %" PRIu64 "%%", draw(c, 101));
}

static void put_netem(struct composer *c)
{
	static const char *const parts[] = { "loss", "duplicate", "corrupt" };
	const bool delay = chance(c, 70);

	if (delay) {
		text_printf(c->out, " delay %" PRIu64 "us", 1 + draw(c, 20000));
		if (chance(c, 40))
			text_printf(c->out, " jitter %" PRIu64 "us", draw(c, 5000));
		if (chance(c, 40))
			text_printf(c->out, " correlation %" PRIu64 "%%", draw(c, 101));
		text_putc(c->out, ';');
	}
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (!chance(c, 30) && (delay || i))
			continue;
		put_part(c, parts[i]);
		text_putc(c->out, ';');
	}
	if (delay && chance(c, 30)) {
		put_part(c, "reorder");
		if (chance(c, 50))
			text_printf(c->out, " gap %" PRIu64, 1 + draw(c, 20));
		text_putc(c->out, ';');
	}
	if (chance(c, 40))
		text_printf(c->out, " limit %" PRIu64 "p;", 1 + draw(c, 5000));
}

static void put_queue(struct composer *c, const struct rate *rate, bool bytes)
{
	if (!bytes && c->recipe->fq_codel && chance(c, 30))
		put_fq_codel(c);
	else if (!bytes && chance(c, 40))
		text_printf(c->out, " queue %" PRIu64 "p;", 1 + draw(c, chance(c, 5) ? 1000000 : 3000));
	else if (rate && chance(c, 50))
		put_queue_time(c, rate);
	else
		put_size(c, "queue", 256);
}

static void put_class(struct composer *c, const struct rate *r, bool bucket)
{
	text_printf(c->out, " rate %" PRIu64 "%s%s;", r->number, chance(c, 20) ? ".0" : "", r->name);
	if (bucket)
		text_puts(c->out, " engine tbf;");
	else if (chance(c, 10))
		text_puts(c->out, " engine htb;");
	if (chance(c, 30))
		put_size(c, "burst", 1600);
	if (bucket)
		return;
	if (chance(c, 30) && r->number * r->unit <= 500000000000)
		text_printf(c->out, " ceil %" PRIu64 "%s;", r->number * (1 + draw(c, 2)), r->name);
	if (chance(c, 20))
		put_size(c, "cburst", 1600);
	if (chance(c, 30))
		text_printf(c->out, " quantum %" PRIu64 "%s;", 1000 + draw(c, 199001), chance(c, 20) ? "b" : "");
}

void compose_shaper(struct composer *c)
{
	const bool has_class = chance(c, 75), bucket = has_class && chance(c, 30);
	const bool netem = c->recipe->netem && chance(c, 40);
	const struct rate rate = draw_rate(c);

	if (has_class)
		put_class(c, &rate, bucket);
	if (netem)
		put_netem(c);
	if (bucket || (!has_class && !netem) || chance(c, 70))
		put_queue(c, has_class ? &rate : NULL, bucket);
}
