/* SPDX-License-Identifier: MIT */
/* Findings about mark bits become messages here, the same for ip rules, nft, legacy iptables and tc filters. */
#include "base/base.h"

#include "base/arena.h"
#include "target/marks.h"

enum { FIELD_MIN = 7, WORD = 32 };

void mark_scan_init(struct mark_scan *s, uint32_t mask, size_t paths, const struct place *place, struct diags *d)
{
	*s = (struct mark_scan){ .mask = mask, .bits = FIELD_MIN, .diags = d, .place = place };
	/* Zero and all ones are no paths. */
	while (s->bits < WORD - 1 && paths > (UINT64_C(1) << s->bits) - 2)
		s->bits++;
}

void mark_scan_found(struct mark_scan *s, enum mark_use use, uint32_t mask, const char *who)
{
	if (mask == UINT32_MAX) {
		if (use == MARK_WRITE)
			diag_warning(s->diags, s->place, "machine", "%s sets the whole mark and may overwrite our marks",
				     who);
		else
			diag_warning(s->diags, s->place, "machine",
				     "%s reads the whole mark and does not know packets with our marks", who);
		return;
	}
	s->used |= mask;
	if (!(mask & s->mask))
		return;
	s->errors = arena_grow(s->diags->arena, s->errors, s->n_errors, &s->errors_room, sizeof(struct diag *));
	s->errors[s->n_errors++] = diag_error(s->diags, s->place, "machine", "mark bits 0x%08x are used by %s", s->mask,
					      who);
}

void mark_scan_end(struct mark_scan *s)
{
	const uint32_t field = mark_free_field(s->used, s->bits);
	for (size_t i = 0; i < s->n_errors; i++) {
		if (field)
			diag_hint(s->diags, s->errors[i], "set 'mark-mask' to free bits, for example 0x%08x", field);
		else
			diag_hint(s->diags, s->errors[i], "no %u adjacent mark bits are free", s->bits);
	}
}

uint32_t mark_free_field(uint32_t used, unsigned bits)
{
	for (unsigned shift = WORD - bits + 1; shift-- > 0;) {
		const uint32_t field = (uint32_t)(((UINT64_C(1) << bits) - 1) << shift);
		if (!(used & field))
			return field;
	}
	return 0;
}
