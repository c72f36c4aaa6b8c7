/* SPDX-License-Identifier: MIT */
/* The certificate: what has to be, made anew from the inputs, beside what the result says. */
#include "base/base.h"

#include <stdarg.h>

#include "base/arena.h"
#include "weights/certify.h"
#include "weights/certify_parts.h"
#include "weights/progress.h"

enum { STEPS_BETWEEN = 1 << 18 };

const char *const condition_names[] = { "a", "b", "c", "d", "load", "value", "middle", "form" };

void certify_break(struct proof *p, enum condition condition, wide by, const char *fmt, ...)
{
	struct certificate *out = p->out;
	va_list ap;

	out->is_feasible = false;
	if (out->n_broken++ >= BROKEN_KEPT)
		return;
	va_start(ap, fmt);
	out->broken[out->n_broken - 1] = (struct broken){ condition, arena_vprintf(p->arena, fmt, ap), by };
	va_end(ap);
}

bool certify_stops(struct proof *p, size_t row, size_t steps)
{
	const size_t rows_between = STEPS_BETWEEN / (steps + 1) + 1;

	return p->progress && row % rows_between == 0 && progress_check(p->progress);
}

void gather_penalties(const struct inputs *in, uint32_t location, const uint32_t *first, size_t n, uint32_t *out)
{
	const size_t row = in->locations[location].row;

	for (size_t i = 0; i < n; i++)
		out[i] = in->values.rows > 0 ? values_at(&in->values, row, in->column[first[i]]) : 0;
}

/* That 6.1 has a solution at all. It also keeps W·S, and so every amount, below W·ΣK and 62 bits. */
static bool has_room(struct proof *p)
{
	wide room = 0;

	for (size_t i = 0; i < p->r->n_groups; i++)
		room += MIN(p->groups[i].capacity, p->groups[i].cap);
	if (room < p->supply)
		certify_break(p, CONDITION_FORM, p->supply - room, "inputs: no weights fit");
	return room >= p->supply;
}

int certify(const struct result *r, const struct inputs *in, struct progress *progress, struct arena *a, struct certificate *out)
{
	struct proof p = { .r = r, .in = in, .out = out, .progress = progress, .arena = a };

	*out = (struct certificate){ .is_feasible = true, .broken = arena_array(a, struct broken, BROKEN_KEPT) };
	if (progress) {
		progress->stage = "certify";
		progress->steps = 0;
		progress->steps_all = r->n_rows;
	}
	if (!model_make(&p))
		return 0;
	int err = form_check(&p);

	if (err || !p.is_whole || !has_room(&p))
		return err;
	err = r->objective == OBJECTIVE_TOTAL ? 0 : max_make(&p);
	return err ? err : values_check(&p);
}
