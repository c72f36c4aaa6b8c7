/* SPDX-License-Identifier: MIT */
/* How near two words are, for "did you mean". */
#include "base/base.h"

#include "base/text.h"

enum { WORD_LIMIT = 64 };

/* Optimal string alignment, row by row; the two rows above the current one are kept. */
unsigned edit_distance(struct str a, struct str b, unsigned limit)
{
	unsigned rows[3][WORD_LIMIT + 1];
	const size_t difference = a.n > b.n ? a.n - b.n : b.n - a.n;

	if (a.n > WORD_LIMIT || b.n > WORD_LIMIT || difference > limit)
		return limit + 1;
	for (unsigned j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i - 1) % 3];
		row[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			const unsigned change = above[j - 1] + (a.p[i - 1] != b.p[j - 1]);
			const unsigned insert_or_delete = MIN(above[j], row[j - 1]) + 1;
			row[j] = MIN(change, insert_or_delete);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				row[j] = MIN(row[j], rows[(i - 2) % 3][j - 2] + 1);
		}
	}
	return MIN(rows[a.n % 3][b.n], limit + 1);
}

const char *nearest_word(struct str word, const char *const *words, size_t n)
{
	const unsigned limit = word.n < 3 ? 0 : word.n < 5 ? 1 : 2;
	const char *nearest = NULL;
	unsigned best = limit + 1;

	for (size_t i = 0; limit > 0 && i < n; i++) {
		const unsigned distance = edit_distance(word, str_of(words[i]), limit);
		if (distance < best) {
			best = distance;
			nearest = words[i];
		}
	}
	return nearest;
}
