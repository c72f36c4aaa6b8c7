/* SPDX-License-Identifier: MIT */
/* Reads a file of clients: which locations there are, and how heavy each is. */
#include "base/base.h"

#include <errno.h>
#include <jansson.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/jhash.h"
#include "weights/clients.h"
#include "weights/lines.h"
#include "weights/memory.h"

struct reader {
	struct lines *lines;
	struct arena *arena;
	struct diags *diags;
	struct client_list *out;
	size_t room;
};

const char *location_key(const char *name)
{
	const char *number = strncmp(name, "AS", 2) == 0 ? name + 2 : name;

	return number > name && *number && number[strspn(number, "0123456789")] == '\0' ? number : name;
}

/* For one more location, before the list is made twice as long. */
static bool has_room(const struct reader *r)
{
	return r->out->n < r->room || memory_allows(r->arena, 2 * r->room * sizeof(*r->out->list), r->diags);
}

static void add_location(struct reader *r, struct str name, const struct amount *weight, const struct place *place)
{
	struct client_list *c = r->out;

	c->list = arena_grow(r->arena, c->list, c->n, &r->room, sizeof(*c->list));
	c->list[c->n++] = (struct client_location){ arena_str(r->arena, name), *weight, *place };
}

static void hint_name(struct reader *r, struct diag *g)
{
	diag_hint(r->diags, g, "a location is 1 to 63 letters, digits and . _ - :");
}

static void hint_weight(struct reader *r, struct diag *g)
{
	diag_hint(r->diags, g, "0 to 1000000000000000000, of at most 18 digits");
}

/* ---- CSV ------------------------------------------------------------------------------------------------------- */
static void read_row(struct reader *r, struct str name, struct str number)
{
	struct amount weight = { 0 };

	if (!is_name(name)) {
		hint_name(r, lines_wrong(r->lines, name, "'%.*s' is not a location", (int)name.n, name.p));
		return;
	}
	const int err = parse_amount(number, &weight);
	if (err == -EINVAL) {
		lines_wrong(r->lines, number, "'%.*s' is not a weight", (int)number.n, number.p);
	} else if (err) {
		hint_weight(r, lines_wrong(r->lines, number, "'%.*s' is out of range", (int)number.n, number.p));
	} else {
		const struct place place = lines_place(r->lines, name);
		add_location(r, name, &weight, &place);
	}
}

static int read_csv(struct reader *r)
{
	struct csv c = { .lines = r->lines, .names = { "location", "weight" } };
	int got;

	while ((got = csv_next(&c)) > 0) {
		if (!has_room(r))
			return -ENOMEM;
		read_row(r, c.field[0], c.field[1]);
	}
	return got;
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */
static void read_member(struct reader *r, const char *name, const json_t *value)
{
	const struct place place = lines_member(r->lines, NULL, name, 0);
	struct amount weight = { 0 };

	if (!is_name(str_of(name))) {
		hint_name(r, lines_wrong_at(r->lines, place, "'%s' is not a location", name));
		return;
	}
	const int err = amount_of_json(value, &weight);
	if (!err) {
		add_location(r, str_of(name), &weight, &place);
		return;
	}
	const char *shown = lines_value(r->lines, value);
	if (err == -EINVAL)
		lines_wrong_at(r->lines, place, "'%s' is not a weight", shown);
	else
		hint_weight(r, lines_wrong_at(r->lines, place, "'%s' is out of range", shown));
}

static int read_json(struct reader *r)
{
	json_t *root = lines_json(r->lines);
	const char *name;
	json_t *value;
	int err = 0;

	if (!root)
		return -EINVAL;
	if (!json_is_object(root))
		lines_error(r->lines, (struct str){ NULL, 0 }, "clients are not an object of locations");
	json_object_foreach(root, name, value) {
		if (!has_room(r))
			err = -ENOMEM;
		if (err || lines_hopeless(r->lines))
			break;
		read_member(r, name, value);
	}
	json_decref(root);
	return err;
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */
/* The slot of a key: empty (0), or the index + 1 of a location that has it. */
static uint32_t *find_slot(const struct client_list *c, uint32_t *slots, size_t n, const char *key)
{
	size_t i = jhash(key, strlen(key), 0) & (n - 1);

	while (slots[i] > 0 && strcmp(location_key(c->list[slots[i] - 1].name), key) != 0)
		i = (i + 1) & (n - 1);
	return &slots[i];
}

static int tell_twice(struct reader *r)
{
	struct client_list *c = r->out;
	size_t n_slots = 16;
	size_t n = 0;

	while (n_slots < 2 * c->n)
		n_slots *= 2;
	if (!memory_allows(r->arena, n_slots * sizeof(uint32_t), r->diags))
		return -ENOMEM;
	auto_free uint32_t *slots = calloc(n_slots, sizeof(*slots));
	if (!slots)
		out_of_memory();
	for (size_t i = 0; i < c->n; i++) {
		const struct client_location *one = &c->list[i];
		uint32_t *slot = find_slot(c, slots, n_slots, location_key(one->name));
		if (*slot == 0) {
			c->list[n++] = *one;
			*slot = (uint32_t)n;
			continue;
		}
		struct diag *g = lines_wrong_at(r->lines, one->place, "location '%s' is given twice", one->name);
		diag_note(r->diags, g, &c->list[*slot - 1].place, "first given here");
	}
	c->n = n;
	return 0;
}

/* Those that have no clients. */
static void leave_out_empty(struct client_list *c)
{
	size_t n = 0;

	c->is_whole = true;
	for (size_t i = 0; i < c->n; i++) {
		c->is_whole &= c->list[i].weight.is_whole;
		if (c->list[i].weight.real > 0)
			c->list[n++] = c->list[i];
	}
	c->n = n;
}

const struct client_list *clients_read(const char *path, bool lenient, struct arena *a, struct diags *d)
{
	const struct lines_wish wish = { .lenient = lenient, .any_bytes = true };
	struct client_list *c = arena_one(a, struct client_list);
	struct reader r = { .lines = lines_open(path, &wish, a, d), .arena = a, .diags = d, .out = c };

	if (!r.lines)
		return NULL;
	int err = (lines_is_json(r.lines) ? read_json(&r) : read_csv(&r)) < 0;
	if (!err && !lines_hopeless(r.lines))
		err = tell_twice(&r) < 0;
	leave_out_empty(c);
	err |= lines_failed(r.lines);
	if (!err && c->n == 0) {
		const struct place place = lines_file(r.lines);
		diag_error(d, &place, "input", "no clients");
		err = 1;
	}
	lines_close(r.lines);
	return err ? NULL : c;
}
