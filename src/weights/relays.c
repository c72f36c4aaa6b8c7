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

static void check_names(struct adding *a)
{
	const struct relay **sorted = malloc(MAX(a->n, 1) * sizeof(const struct relay *));

	if (!sorted)
		out_of_memory();
	for (size_t i = 0; i < a->n; i++)
		sorted[i] = &a->list[i];
	qsort(sorted, a->n, sizeof(const struct relay *), compare_names);
	for (size_t i = 1; i < a->n; i++) {
		if (strcmp(sorted[i - 1]->name, sorted[i]->name) != 0)
			continue;
		struct diag *g = diag_error(a->diags, &sorted[i]->place, "input", "relay '%s' is given twice", sorted[i]->name);
		diag_note(a->diags, g, &sorted[i - 1]->place, "it is given here");
	}
	free(sorted);
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

/* The flag at i of a relay's array; text as in the CSV form is fine, too. */
static bool json_flag(struct adding *a, struct lines *l, const json_t *relay, size_t i, const struct place *place)
{
	const json_t *v = json_array_get(relay, i);
	const char *s = json_string_value(v);

	if (json_is_boolean(v))
		return json_is_true(v);
	if (s && (strcmp(s, "True") == 0 || strcmp(s, "False") == 0))
		return strcmp(s, "True") == 0;
	const struct place at = lines_member(l, place, NULL, i);
	diag_error(a->diags, &at, "input", "'%s' is not True or False", s ? s : "this");
	return false;
}

static uint64_t json_weight(struct adding *a, struct lines *l, const json_t *relay, const struct place *place)
{
	const struct place at = lines_member(l, place, NULL, MEMBER_WEIGHT);
	struct amount weight = { 0 };
	int err = amount_of_json(json_array_get(relay, MEMBER_WEIGHT), &weight);

	if (!err && weight.is_whole && weight.whole <= INT32_MAX)
		return weight.whole;
	if (!err)
		err = weight.is_whole ? -ERANGE : -EINVAL;
	tell_weight(a->diags, diag_error(a->diags, &at, "input", err == -ERANGE ? "weight is out of range" : "this is not a weight"),
		    err);
	return 0;
}

static void read_member(struct adding *a, struct lines *l, const char *name, const json_t *relay)
{
	const struct place place = lines_member(l, NULL, name, 0);

	if (!is_name(str_of(name))) {
		diag_error(a->diags, &place, "input", "'%s' is not a name", name);
		return;
	}
	if (json_array_size(relay) < MEMBERS) {
		diag_error(a->diags, &place, "input", "relay has %zu values, %d expected", json_array_size(relay), MEMBERS);
		return;
	}
	const bool is_guard = json_flag(a, l, relay, MEMBER_GUARD, &place);
	const bool is_exit = json_flag(a, l, relay, MEMBER_EXIT, &place);
	add(a, str_of(name), class_of(is_guard, is_exit), json_weight(a, l, relay, &place), &place);
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
static void read_lines(struct relays *r, struct adding *a, struct lines *l)
{
	struct str first = { NULL, 0 };

	if (lines_next(l, &first) < 0)
		return;
	/* No first line of a consensus has a comma; every head of a table with more than one column has. */
	if (first.n > 0 && memchr(first.p, ',', first.n)) {
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
	lines_close(l);
	if (!r->consensus)
		check_names(&a);
	if (d->n_errors > n_errors)
		return NULL;
	r->list = r->consensus ? r->consensus->relays : a.list;
	r->n = r->consensus ? r->consensus->n_relays : a.n;
	return r;
}
