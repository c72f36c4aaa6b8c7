/* SPDX-License-Identifier: MIT */
/* The words of a result's lines: numbers within their range, names, choices; whatever is wrong is told here. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/diag.h"
#include "weights/lines.h"
#include "weights/result.h"
#include "weights/result_words.h"

enum { RESULT_NAME_MOST = 255 };

bool reader_word(struct result_reader *rd, struct str *word)
{
	if (field_next(&rd->rest, ' ', word) && word->n > 0)
		return true;
	(void)lines_error(rd->lines, (struct str){ rd->line.p + rd->line.n, 0 }, "line ends early, or has two blanks in a row");
	return false;
}

static bool tell_range(struct result_reader *rd, struct str word, wide least, wide most)
{
	char from[WIDE_TEXT], to[WIDE_TEXT];
	struct diag *g = lines_error(rd->lines, word, "'%.*s' is out of range", (int)word.n, word.p);

	diag_hint(rd->diags, g, "%s to %s", wide_print(least, from), wide_print(most, to));
	return false;
}

/* 007, 00, -0, -07; of a number. */
static bool has_idle_zero(struct str word)
{
	return word.n > 1 && word.p[word.p[0] == '-'] == '0';
}

bool reader_parse(struct result_reader *rd, struct str word, wide least, wide most, wide *out)
{
	const int err = wide_parse(word, out);

	if (err == -EINVAL) {
		(void)lines_error(rd->lines, word, "'%.*s' is not a number", (int)word.n, word.p);
		return false;
	}
	if (has_idle_zero(word)) {
		struct diag *g = lines_error(rd->lines, word, "'%.*s' has a zero in front", (int)word.n, word.p);

		diag_hint(rd->diags, g, "numbers of a result have one spelling");
		return false;
	}
	return (err == 0 && *out >= least && *out <= most) || tell_range(rd, word, least, most);
}

bool reader_wide(struct result_reader *rd, wide least, wide most, wide *out)
{
	struct str word;

	return reader_word(rd, &word) && reader_parse(rd, word, least, most, out);
}

bool reader_number(struct result_reader *rd, int64_t least, int64_t most, int64_t *out)
{
	wide v = 0;
	const bool is_good = reader_wide(rd, least, most, &v);

	*out = (int64_t)v;
	return is_good;
}

bool reader_index(struct result_reader *rd, size_t n, uint32_t *out)
{
	int64_t v;
	const bool is_good = reader_number(rd, 0, (int64_t)MIN(n, (size_t)INT32_MAX) - 1, &v);

	*out = (uint32_t)v;
	return is_good;
}

bool reader_literal(struct result_reader *rd, const char *literal)
{
	struct str word;

	if (!reader_word(rd, &word))
		return false;
	if (!str_is(word, literal))
		(void)lines_error(rd->lines, word, "'%.*s', '%s' expected", (int)word.n, word.p, literal);
	return str_is(word, literal);
}

bool reader_name(struct result_reader *rd, const char **name)
{
	struct str word;

	if (!reader_word(rd, &word) || !lines_ascii(rd->lines, word))
		return false;
	if (word.n > RESULT_NAME_MOST || memchr(word.p, '\t', word.n)) {
		(void)lines_error(rd->lines, word, "this is no name of 1 to %d characters", RESULT_NAME_MOST);
		return false;
	}
	*name = arena_str(rd->arena, word);
	return true;
}

bool reader_choice(struct result_reader *rd, const char *const *words, unsigned n, unsigned *out)
{
	struct str word;

	if (!reader_word(rd, &word))
		return false;
	for (*out = 0; *out < n; (*out)++)
		if (str_is(word, words[*out]))
			return true;
	struct diag *g = lines_error(rd->lines, word, "unknown word '%.*s'", (int)word.n, word.p);

	(void)diag_nearest(rd->diags, g, word, words, n);
	return false;
}

bool reader_id(struct result_reader *rd, char id[RELAY_ID_TEXT])
{
	struct str word;

	if (!reader_word(rd, &word))
		return false;
	bool is_id = word.n == RELAY_ID_TEXT - 1;

	for (size_t i = 0; is_id && i < word.n; i++)
		is_id = (word.p[i] >= '0' && word.p[i] <= '9') || (word.p[i] >= 'A' && word.p[i] <= 'F');
	if (!is_id && !str_is(word, "-")) {
		(void)lines_error(rd->lines, word, "'%.*s' is not a fingerprint", (int)MIN(word.n, 64), word.p);
		return false;
	}
	memcpy(id, word.p, word.n);
	id[word.n] = '\0';
	return true;
}

bool reader_class(struct result_reader *rd, enum relay_class *out)
{
	struct str word;

	if (!reader_word(rd, &word))
		return false;
	for (*out = 0; *out < RELAY_CLASSES; (*out)++)
		if (word.n == 1 && word.p[0] == relay_class_letter(*out))
			return true;
	(void)lines_error(rd->lines, word, "class '%.*s' is not G, D, E or M", (int)word.n, word.p);
	return false;
}

bool reader_group(struct result_reader *rd, uint32_t *out)
{
	struct str word;
	struct str rest = rd->rest;

	*out = NO_GROUP;
	if (field_next(&rest, ' ', &word) && str_is(word, "-")) {
		rd->rest = rest;
		return true;
	}
	return reader_index(rd, rd->r->n_groups, out);
}
