/* SPDX-License-Identifier: MIT */
/* The lines of one relay in a consensus: r, s and w. */
#include "base/base.h"

#include "base/arena.h"
#include "base/diag.h"
#include "weights/consensus_parts.h"
#include "weights/relays.h"

enum { NICK_MOST = 19, ID_DIGITS = 27, RELAY_WORDS = 8, FRACTION_MOST = 100 };

static bool is_nickname(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9'))
			return false;
	}
	return s.n > 0 && s.n <= NICK_MOST;
}

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* 27 digits hold 162 bits; the last two are nobody's. */
static bool parse_identity(struct str s, uint8_t id[20])
{
	unsigned bits = 0;
	unsigned n_bits = 0;
	size_t n = 0;

	if (s.n != ID_DIGITS)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		const int digit = base64_digit(s.p[i]);
		if (digit < 0)
			return false;
		bits = bits << 6 | (unsigned)digit;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			id[n++] = (uint8_t)(bits >> n_bits);
		}
	}
	return true;
}

/* The identity in its order; `before` NULL: this is the first relay. */
static void read_identity(struct reading *r, struct str word, const struct relay *before, const struct place *place_before)
{
	r->id_place = lines_place(r->lines, word);
	if (!parse_identity(word, r->relay.id)) {
		lines_error(r->lines, word, "'%.*s' is not an identity", (int)word.n, word.p);
		return;
	}
	r->relay.has_id = true;
	const int order = before && before->has_id ? memcmp(before->id, r->relay.id, sizeof(before->id)) : -1;
	if (order < 0)
		return;
	struct diag *g = lines_error(r->lines, word, order == 0 ? "relay is listed twice" : "relays are not in order");
	diag_note(r->diags, g, place_before, order == 0 ? "it is listed here" : "the relay before it");
}

static void read_words(struct reading *r, const struct str *words, const struct relay *before,
		       const struct place *place_before)
{
	const struct str nick = words[0];
	const struct str address = words[r->c->is_microdesc ? 4 : 5];

	r->relay.place = lines_place(r->lines, nick);
	if (!is_nickname(nick))
		lines_error(r->lines, nick, "'%.*s' is not a nickname", (int)nick.n, nick.p);
	else
		r->relay.name = arena_str(r->arena, nick);
	read_identity(r, words[1], before, place_before);
	if (parse_ipv4(address, &r->relay.address))
		lines_error(r->lines, address, "'%.*s' is not an IPv4 address", (int)address.n, address.p);
}

void relay_line(struct reading *r, struct str rest)
{
	const size_t wanted = r->c->is_microdesc ? RELAY_WORDS - 1 : RELAY_WORDS;
	const struct str all = rest;
	struct str words[RELAY_WORDS];
	struct str word;
	size_t n = 0;

	reading_end_relay(r);
	const struct relay before = r->relay;
	const struct place place_before = r->id_place;
	if (r->c->n_relays == RELAYS_MOST) {
		lines_error(r->lines, (struct str){ NULL, 0 }, "consensus has more than %d relays", RELAYS_MOST);
		r->stopped = true;
		return;
	}
	r->has_relay = true;
	r->has_flags = r->has_weight = r->is_exit = r->is_bad_exit = r->is_guard = false;
	r->relay = (struct relay){ .name = "", .guard_fraction = -1 };
	for (; word_next(&rest, &word); n++)
		if (n < RELAY_WORDS)
			words[n] = word;
	if (n < wanted)
		lines_error(r->lines, all, "r line has %zu words, %zu expected", n, wanted);
	else
		read_words(r, words, r->c->n_relays > 0 ? &before : NULL, &place_before);
}

void relay_flags(struct reading *r, struct str rest)
{
	struct str flag;

	if (r->has_flags) {
		tell_twice(r, STR("s"));
		return;
	}
	r->has_flags = true;
	while (word_next(&rest, &flag)) {
		r->is_exit |= str_is(flag, "Exit");
		r->is_bad_exit |= str_is(flag, "BadExit");
		r->is_guard |= str_is(flag, "Guard");
	}
}

static void read_weight(struct reading *r, struct str key, struct str value, bool *has_bandwidth)
{
	uint64_t number = 0;

	if (str_is(key, "Bandwidth")) {
		if (*has_bandwidth)
			tell_twice(r, key);
		*has_bandwidth = true;
		if (read_number(r, value, 0, NUMBERS_32, &number))
			r->relay.weight = number;
	} else if (str_is(key, "GuardFraction")) {
		if (r->relay.guard_fraction >= 0)
			tell_twice(r, key);
		else if (read_number(r, value, 0, FRACTION_MOST, &number))
			r->relay.guard_fraction = (int8_t)number;
	}
}

void relay_weight(struct reading *r, struct str rest)
{
	const struct str all = rest;
	struct str word, key, value;
	bool has_bandwidth = false;

	if (r->has_weight) {
		tell_twice(r, STR("w"));
		return;
	}
	r->has_weight = true;
	while (word_next(&rest, &word)) {
		word_cut(word, &key, &value);
		if (value.p)
			read_weight(r, key, value, &has_bandwidth);
		else
			lines_error(r->lines, word, "'%.*s' is not KEY=VALUE", (int)word.n, word.p);
	}
	if (!has_bandwidth)
		lines_error(r->lines, all, "w line has no Bandwidth=");
	r->relay.is_weighted = true;
}

void reading_end_relay(struct reading *r)
{
	static const enum relay_class classes[2][2] = { { CLASS_MIDDLE, CLASS_EXIT }, { CLASS_GUARD, CLASS_GUARD_EXIT } };

	if (!r->has_relay)
		return;
	if (!r->has_flags)
		diag_error(r->diags, &r->relay.place, "input", "relay has no s line");
	r->relay.class = classes[r->is_guard][r->is_exit && !r->is_bad_exit];
	r->c->n_guard_fraction += r->relay.guard_fraction >= 0;
	text_add(&r->relays, &r->relay, sizeof(r->relay));
	r->c->n_relays++;
	r->has_relay = false;
}
