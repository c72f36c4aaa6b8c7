/* SPDX-License-Identifier: MIT */
/* Numbers with a unit, in exact integers. */
#include "base/base.h"

#include <errno.h>

#include "base/text.h"
#include "base/units.h"

const struct unit rate_units[] = {
	{ "bit", 1 }, { "kbit", 1000 }, { "mbit", 1000000 }, { "gbit", 1000000000 }, { "tbit", 1000000000000 }, { NULL, 0 },
};
const struct unit size_units[] = {
	{ "b", 1 },          { "kb", 1 << 10 },   { "mb", 1 << 20 },     { "gb", 1 << 30 },
	{ "kbit", 1 << 7 },  { "mbit", 1 << 17 }, { "gbit", 1 << 27 },   { NULL, 0 },
};
const struct unit time_units[] = {
	{ "us", 1 }, { "ms", 1000 }, { "s", 1000000 }, { "min", 60000000 }, { "h", 3600000000 }, { NULL, 0 },
};

/* In any case, whatever the locale. */
static bool is_unit(struct str s, const char *unit)
{
	if (strlen(unit) != s.n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] | 0x20 : s.p[i]) != unit[i])
			return false;
	return true;
}

int parse_measure(struct str s, const struct unit *units, uint64_t *number)
{
	const struct unit *u = units;
	size_t digits = 0;
	uint64_t millionths;
	uint64_t whole;

	while (digits < s.n && ((s.p[digits] >= '0' && s.p[digits] <= '9') || s.p[digits] == '.'))
		digits++;
	while (u->name && !is_unit((struct str){ s.p + digits, s.n - digits }, u->name))
		u++;
	if (!u->name)
		return -EINVAL;
	const int err = parse_millionths((struct str){ s.p, digits }, &millionths);
	if (err)
		return err;
	if (__builtin_mul_overflow(millionths / 1000000, u->factor, &whole))
		return -ERANGE;
	return __builtin_add_overflow(whole, millionths % 1000000 * u->factor / 1000000, number) ? -ERANGE : 0;
}
