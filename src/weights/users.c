/* SPDX-License-Identifier: MIT */
/* Reads users per country: CSV with the columns country and users, summed over dates, or JSON. */
#include "base/base.h"

#include <errno.h>
#include <jansson.h>
#include <strings.h>

#include "base/arena.h"
#include "base/diag.h"
#include "weights/lines.h"
#include "weights/users.h"

/* Of a country; so that 128 bits suffice for what is worked out from them. */
static const uint64_t users_most = UINT64_C(1) << 40;

struct reader {
	struct lines *lines;
	struct diags *diags;
	struct users *out;
	size_t n_elsewhere;      /* values in no country */
	char elsewhere[16];      /* the first of them */
};

int country_index(const char *code, size_t n)
{
	if (n != 2)
		return -1;
	const unsigned first = ((unsigned char)code[0] | 0x20U) - 'a';
	const unsigned second = ((unsigned char)code[1] | 0x20U) - 'a';
	return first < 26 && second < 26 ? (int)(first * 26 + second) : -1;
}

void country_print(int index, char code[3])
{
	code[0] = (char)('a' + index / 26);
	code[1] = (char)('a' + index % 26);
	code[2] = '\0';
}

/* Asia and the Pacific, Europe, disputed networks: users that statistics cannot place. */
static bool is_elsewhere(struct str code)
{
	static const char *const elsewhere[] = { "ap", "eu", "xd" };

	for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++)
		if (code.n == 2 && strncasecmp(code.p, elsewhere[i], 2) == 0)
			return true;
	return false;
}

/* What is no country, such as a line for all of them. */
static void leave_out(struct reader *r, struct str code, const struct amount *users)
{
	if (is_elsewhere(code))
		r->out->elsewhere += users->real;
	if (r->n_elsewhere++ == 0)
		(void)snprintf(r->elsewhere, sizeof(r->elsewhere), "%.*s", (int)MIN(code.n, sizeof(r->elsewhere) - 1), code.p);
}

/* False: the country has too many now; nothing is added. */
static bool add_users(struct reader *r, struct str code, const struct amount *users)
{
	const int country = is_elsewhere(code) ? -1 : country_index(code.p, code.n);
	struct users *u = r->out;

	if (country >= 0 && u->real[country] + users->real > (double)users_most)
		return false;
	u->is_whole &= users->is_whole;
	if (country < 0) {
		leave_out(r, code, users);
		return true;
	}
	if (u->is_whole)
		u->whole[country] += users->whole;
	u->real[country] += users->real;
	u->sum += users->real;
	return true;
}

static void hint_most(struct reader *r, struct diag *g)
{
	diag_hint(r->diags, g, "0 to %llu in all of a country, of at most 18 digits", (unsigned long long)users_most);
}

/* ---- CSV ------------------------------------------------------------------------------------------------------- */
static void read_row(struct reader *r, struct str code, struct str number)
{
	struct amount users = { 0 };
	const int err = parse_amount(number, &users);

	if (err == -EINVAL) {
		lines_wrong(r->lines, number, "'%.*s' is not a number of clients", (int)number.n, number.p);
	} else if (err || !add_users(r, code, &users)) {
		struct diag *g = lines_wrong(r->lines, number, "'%.*s' is out of range", (int)number.n, number.p);
		hint_most(r, g);
	}
}

static int read_csv(struct reader *r)
{
	struct csv c = { .lines = r->lines, .names = { "country", "users" } };
	int got;

	while ((got = csv_next(&c)) > 0)
		read_row(r, c.field[0], c.field[1]);
	return got;
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */
/* The number itself, or the first one of an array. */
static const json_t *number_of(const json_t *value)
{
	size_t i = 0;

	if (!json_is_array(value))
		return value;
	while (i < json_array_size(value) && !json_is_number(json_array_get(value, i)))
		i++;
	return json_array_get(value, i);
}

static void read_member(struct reader *r, const struct place *parent, const char *code, const json_t *value)
{
	struct amount users = { 0 };
	const int err = amount_of_json(number_of(value), &users);

	if (!err && add_users(r, str_of(code), &users))
		return;
	const struct place place = lines_member(r->lines, parent, code, 0);
	const char *wrong = err == -EINVAL ? "is not a number of clients" : "is out of range";
	struct diag *g = lines_wrong_at(r->lines, place, "'%s' %s", lines_value(r->lines, value), wrong);
	if (err != -EINVAL)
		hint_most(r, g);
}

static int read_json(struct reader *r)
{
	json_t *root = lines_json(r->lines);
	json_t *users = json_object_get(root, "users");
	struct place parent = { 0 };
	const char *code;
	json_t *value;

	if (!root)
		return -EINVAL;
	if (!json_is_object(root))
		lines_error(r->lines, (struct str){ NULL, 0 }, "users are not an object of countries");
	if (json_is_object(users))
		parent = lines_member(r->lines, NULL, "users", 0);
	else
		users = root;
	json_object_foreach(users, code, value) {
		if (lines_hopeless(r->lines))
			break;
		read_member(r, &parent, code, value);
	}
	json_decref(root);
	return 0;
}

int users_read(const char *path, bool lenient, struct arena *a, struct diags *d, struct users *out)
{
	const struct lines_wish wish = { .lenient = lenient, .any_bytes = true, .unpack_for = "nlbc weights clients --users - ..." };
	struct reader r = { .lines = lines_open(path, &wish, a, d), .diags = d, .out = out };

	*out = (struct users){ .is_whole = true };
	if (!r.lines)
		return -EINVAL;
	int err = (lines_is_json(r.lines) ? read_json(&r) : read_csv(&r)) < 0;
	if (r.n_elsewhere > 0) {
		const struct place place = lines_file(r.lines);
		diag_warning(d, &place, "input", "%zu value%s in no country left out, first '%s'", r.n_elsewhere,
			     r.n_elsewhere == 1 ? "" : "s", r.elsewhere);
	}
	err |= lines_failed(r.lines);
	lines_close(r.lines);
	return err ? -EINVAL : 0;
}
