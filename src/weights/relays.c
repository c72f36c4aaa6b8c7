/* SPDX-License-Identifier: MIT */
/* Relays from any of their files: which form it is shows in its first bytes. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/diag.h"
#include "weights/lines.h"
#include "weights/relays.h"

struct adding {
	struct arena *arena;
	struct diags *diags;
	struct relay *list;
	size_t n, room;
};

static enum relay_class class_of(bool is_guard, bool is_exit)
{
	return is_guard ? is_exit ? CLASS_GUARD_EXIT : CLASS_GUARD : is_exit ? CLASS_EXIT : CLASS_MIDDLE;
}

static void add(struct adding *a, struct str name, enum relay_class class, uint64_t weight, const struct place *place)
{
	a->list = arena_grow(a->arena, a->list, a->n, &a->room, sizeof(*a->list));
	a->list[a->n++] = (struct relay){ .name = arena_str(a->arena, name), .is_weighted = true, .guard_fraction = -1,
					  .class = class, .weight = weight, .place = *place };
}

/* ---- names ----------------------------------------------------------------------------------------------------- */
/* By name, those alike in the order of the file. */
static int compare_names(const void *a, const void *b)
{
	const struct relay *x = *(const struct relay *const *)a;
	const struct relay *y = *(const struct relay *const *)b;
	const int order = strcmp(x->name, y->name);

	return order ? order : x < y ? -1 : x > y;
}

/* Of those alike the first stays. */
static void check_names(struct adding *a, struct lines *l)
{
	const struct relay **sorted = malloc(MAX(a->n, 1) * sizeof(const struct relay *));
	auto_free bool *is_twice = calloc(MAX(a->n, 1), sizeof(*is_twice));
	size_t n = 0;

	if (!sorted || !is_twice)
		out_of_memory();
	for (size_t i = 0; i < a->n; i++)
		sorted[i] = &a->list[i];
	qsort(sorted, a->n, sizeof(const struct relay *), compare_names);
	for (size_t i = 1; i < a->n; i++) {
		if (strcmp(sorted[i - 1]->name, sorted[i]->name) != 0)
			continue;
		struct diag *g = lines_wrong_at(l, sorted[i]->place, "relay '%s' is given twice", sorted[i]->name);
		diag_note(a->diags, g, &sorted[i - 1]->place, "it is given here");
		is_twice[sorted[i] - a->list] = true;
	}
	free(sorted);
	for (size_t i = 0; i < a->n; i++)
		if (!is_twice[i])
			a->list[n++] = a->list[i];
	a->n = n;
}

/* ---- CSV ------------------------------------------------------------------------------------------------------- */
enum { COLUMN_NAME, COLUMN_GUARD, COLUMN_EXIT, COLUMN_WEIGHT, COLUMNS };

static bool read_flag(struct lines *l, struct str s, bool *out)
{
	*out = str_is(s, "True");
	if (*out || str_is(s, "False"))
		return true;
	lines_wrong(l, s, "'%.*s' is not True or False", (int)s.n, s.p);
	return false;
}

static void tell_weight(struct diags *d, struct diag *g, int err)
{
	if (g && err == -ERANGE)
		diag_hint(d, g, "0 to %d", INT32_MAX);
}

static void read_row(struct adding *a, struct lines *l, const struct str f[COLUMNS])
{
	const struct str weight = f[COLUMN_WEIGHT];
	bool is_guard, is_exit;
	uint64_t number = 0;

	if (!is_name(f[COLUMN_NAME])) {
		lines_wrong(l, f[COLUMN_NAME], "'%.*s' is not a name", (int)f[COLUMN_NAME].n, f[COLUMN_NAME].p);
		return;
	}
	if (!read_flag(l, f[COLUMN_GUARD], &is_guard) || !read_flag(l, f[COLUMN_EXIT], &is_exit))
		return;
	const int err = parse_whole(weight, INT32_MAX, &number);
	if (err) {
		tell_weight(a->diags, lines_wrong(l, weight, err == -ERANGE ? "'%.*s' is out of range" : "'%.*s' is not a weight",
						  (int)weight.n, weight.p), err);
		return;
	}
	const struct place place = lines_place(l, f[COLUMN_NAME]);
	add(a, f[COLUMN_NAME], class_of(is_guard, is_exit), number, &place);
}

static void read_csv(struct adding *a, struct lines *l, struct str head)
{
	struct csv c = { .lines = l, .names = { "Name", "IsGuard", "IsExit", "ConsensusWeight" } };

	if (csv_head(&c, head))
		return;
	while (csv_next(&c) > 0) {
		if (a->n == RELAYS_MOST) {
			lines_error(l, (struct str){ NULL, 0 }, "file has more than %d relays", RELAYS_MOST);
			return;
		}
		read_row(a, l, c.field);
	}
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */
enum { MEMBER_GUARD = 4, MEMBER_EXIT, MEMBER_WEIGHT, MEMBERS };

struct json_relay {
	struct lines *lines;
	const json_t *values;
	struct place place;
};

/* The flag at i; text as in the CSV form is fine, too. */
static bool json_flag(const struct json_relay *r, size_t i, bool *out)
{
	const json_t *v = json_array_get(r->values, i);
	const char *s = json_string_value(v);

	*out = json_is_true(v) || (s && strcmp(s, "True") == 0);
	if (*out || json_is_false(v) || (s && strcmp(s, "False") == 0))
		return true;
	lines_wrong_at(r->lines, lines_member(r->lines, &r->place, NULL, i), "'%s' is not True or False", lines_value(r->lines, v));
	return false;
}

static bool json_weight(const struct json_relay *r, struct diags *d, uint64_t *out)
{
	const json_t *v = json_array_get(r->values, MEMBER_WEIGHT);
	struct amount weight = { 0 };
	int err = amount_of_json(v, &weight);

	if (!err && (!weight.is_whole || weight.whole > INT32_MAX))
		err = weight.is_whole ? -ERANGE : -EINVAL;
	*out = weight.whole;
	if (!err)
		return true;
	const struct place place = lines_member(r->lines, &r->place, NULL, MEMBER_WEIGHT);
	tell_weight(d, lines_wrong_at(r->lines, place, err == -ERANGE ? "'%s' is out of range" : "'%s' is not a weight",
				      lines_value(r->lines, v)), err);
	return false;
}

static void read_member(struct adding *a, struct lines *l, const char *name, const json_t *values)
{
	const struct json_relay r = { l, values, lines_member(l, NULL, name, 0) };
	bool is_guard, is_exit;
	uint64_t weight;

	if (!is_name(str_of(name)))
		lines_wrong_at(l, r.place, "'%s' is not a name", name);
	else if (json_array_size(values) < MEMBERS)
		lines_wrong_at(l, r.place, "relay has %zu values, %d expected", json_array_size(values), MEMBERS);
	else if (json_flag(&r, MEMBER_GUARD, &is_guard) && json_flag(&r, MEMBER_EXIT, &is_exit) &&
		 json_weight(&r, a->diags, &weight))
		add(a, str_of(name), class_of(is_guard, is_exit), weight, &r.place);
}

static void read_json(struct adding *a, struct lines *l)
{
	const struct place file = lines_file(l);
	const size_t before = a->diags->n_errors;
	json_t *root = lines_json(l);
	const char *name;
	json_t *relay;

	if (!root)
		return;
	if (!json_is_object(root))
		diag_error(a->diags, &file, "input", "relays in JSON are an object: {\"name\": […], …}");
	else if (json_object_size(root) > RELAYS_MOST)
		diag_error(a->diags, &file, "input", "file has more than %d relays", RELAYS_MOST);
	else
		json_object_foreach(root, name, relay) {
			if (a->diags->n_errors - before >= DIAGS_SHOWN)
				break;
			read_member(a, l, name, relay);
		}
	json_decref(root);
}

/* ---- any form -------------------------------------------------------------------------------------------------- */
/* By its first word; what else stands in the line is not ours to judge. */
static bool begins_consensus(struct str line)
{
	struct str word;

	return field_next(&line, ' ', &word) && (str_is(word, "@type") || str_is(word, "network-status-version"));
}

static void read_lines(struct relays *r, struct adding *a, struct lines *l)
{
	struct str first = { NULL, 0 };

	if (lines_next(l, &first) < 0)
		return;
	/* Every head of a table with more than one column has a comma. */
	if (!begins_consensus(first) && first.n > 0 && memchr(first.p, ',', first.n)) {
		r->form = RELAYS_CSV;
		read_csv(a, l, first);
		return;
	}
	r->form = RELAYS_CONSENSUS;
	r->consensus = consensus_read_lines(l, first, a->arena, a->diags);
}

const struct relays *relays_read(const char *path, bool lenient, struct arena *arena, struct diags *d)
{
	const struct lines_wish w = { .max_bytes = RELAYS_BYTES, .lenient = lenient, .any_bytes = true,
				      .unpack_for = "nlbc weights ... --relays -" };
	struct relays *r = arena_one(arena, struct relays);
	struct adding a = { .arena = arena, .diags = d };
	const size_t n_errors = d->n_errors;
	struct lines *l = lines_open(path, &w, arena, d);

	if (!l)
		return NULL;
	if (lines_is_json(l)) {
		r->form = RELAYS_JSON;
		read_json(&a, l);
	} else {
		read_lines(r, &a, l);
	}
	if (!r->consensus)
		check_names(&a, l);
	lines_close(l);
	if (d->n_errors > n_errors)
		return NULL;
	r->list = r->consensus ? r->consensus->relays : a.list;
	r->n = r->consensus ? r->consensus->n_relays : a.n;
	return r;
}
