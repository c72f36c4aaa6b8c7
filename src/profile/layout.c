/* SPDX-License-Identifier: MIT */
/* Rows to lines. A row is cut into cells (keyword, values, options; the statements of a block on one line likewise), and
 * cells that follow each other on neighbouring rows and mean the same are made equally wide. Whether a row fits on one
 * line is decided before anything is aligned: so a second pass decides the same, and the layout is a fixpoint. */
#include "base/base.h"

#include "base/arena.h"
#include "profile/layout.h"
#include "profile/limits.h"

struct row_cell {
	struct str text;
	struct str means;       /* the keyword or option in it; empty: a value. Cells of different meaning are not aligned */
	size_t width;           /* in characters, blanks that align it included */
};

/* The rows of a block while they are printed. */
struct page {
	struct arena *arena;
	struct text *out;
	enum block_kind block;
	size_t indent;
};

static void print_rows(const struct page *page, struct row *first);

struct row *row_add(struct arena *a, struct statement *parent, enum row_kind kind)
{
	struct row *r = arena_one(a, struct row);

	r->kind = kind;
	if (kind == ROW_STATEMENT)
		r->statement = arena_one(a, struct statement);
	if (parent->last)
		parent->last->next = r;
	else
		parent->first = r;
	parent->last = r;
	return r;
}

static size_t characters(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void blanks(struct text *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		text_putc(out, ' ');
}

/* ---- cells ------------------------------------------------------------------------------------------------------ */

static bool is_option(const struct keyword *k, struct str word)
{
	for (size_t i = 0; k && i < k->n_args; i++)
		if ((k->args[i].kind == ARG_OPTION || k->args[i].kind == ARG_FLAG) && str_is(word, k->args[i].name))
			return true;
	return false;
}

/* Values that belong together as one list, or whose options depend on the first of them, are not columns. */
static bool is_one_value(const struct keyword *k)
{
	for (size_t i = 0; k && i < k->n_args; i++)
		if (k->args[i].many || k->args[i].types[0].type == VALUE_METHOD)
			return true;
	return false;
}

/* The ways to say which device an interface is are one column. */
static struct str meaning(const struct keyword *k, struct str word)
{
	static const char *const ways[] = { "device", "address", "toward" };

	for (size_t i = 0; k && k->block == BLOCK_INTERFACE && i < ARRAY_LEN(ways); i++)
		if (str_is(word, ways[i]))
			return str_of(ways[0]);
	return word;
}

/* The cells have been allocated. */
static void cell_add(struct statement *s, struct str text, struct str means)
{
	s->cells[s->n_cells++] = (struct row_cell){ text, means, characters(text) };
}

static struct str join(struct arena *a, const struct str *words, size_t n)
{
	size_t size = n;

	for (size_t i = 0; i < n; i++)
		size += words[i].n;
	char *p = arena_alloc(a, size + 1);
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			p[at++] = ' ';
		memcpy(p + at, words[i].p, words[i].n);
		at += words[i].n;
	}
	return (struct str){ p, at };
}

/* How many of the words from `at` on form one cell. */
static size_t cell_span(const struct statement *s, size_t at, bool define)
{
	size_t n = 1;

	if (define ? str_is(s->words[at], "=") : is_one_value(s->keyword))
		return s->n_words - at;
	if (is_option(s->keyword, s->words[at]))
		while (at + n < s->n_words && !is_option(s->keyword, s->words[at + n]))
			n++;
	return n;
}

static void word_cells(struct arena *a, struct statement *s)
{
	const bool define = str_is(s->words[0], "define");
	const struct str none = { NULL, 0 };

	s->cells = arena_array(a, struct row_cell, s->n_words);
	cell_add(s, s->words[0], s->words[0]);
	for (size_t i = 1; i < s->n_words;) {
		const size_t span = cell_span(s, i, define);

		cell_add(s, span > 1 ? join(a, s->words + i, span) : s->words[i],
			 is_option(s->keyword, s->words[i]) ? s->words[i] : none);
		i += span;
	}
}

static void print_short(const struct statement *s, struct text *out);

/* ` { a; b }` */
static void print_short_block(const struct statement *s, struct text *out)
{
	text_puts(out, " {");
	for (const struct row *c = s->first; c; c = c->next) {
		text_putc(out, ' ');
		print_short(c->statement, out);
		if (c->next)
			text_putc(out, ';');
	}
	text_puts(out, " }");
}

/* The statement on one line, with nothing aligned. */
static void print_short(const struct statement *s, struct text *out)
{
	for (size_t i = 0; i < s->n_words; i++) {
		if (i > 0)
			text_putc(out, ' ');
		text_add(out, s->words[i].p, s->words[i].n);
	}
	if (s->has_block)
		print_short_block(s, out);
}

static const struct keyword *keyword_of(enum block_kind block, const struct statement *s)
{
	if (block == BLOCK_NONE)
		return NULL;
	return keyword_find(block, s->words[0]);
}

static enum block_kind inner_of(const struct statement *s)
{
	return s->keyword ? s->keyword->inner : BLOCK_NONE;
}

/* A statement of a block on one line: its keyword, and the rest of it with what ends it. */
static void inner_cells(struct arena *a, struct statement *s, const struct row *row)
{
	const struct statement *c = row->statement;
	const char *open = row == s->first ? "{ " : "";
	const char *end = row->next ? ";" : " }";
	const int size = (int)c->words[0].n;
	const bool alone = c->n_words == 1 && !c->has_block;
	const struct str means = meaning(keyword_of(inner_of(s), c), c->words[0]);
	const struct str none = { NULL, 0 };
	auto_text struct text rest = { 0 };

	cell_add(s, str_of(arena_printf(a, "%s%.*s%s", open, size, c->words[0].p, alone ? end : "")), means);
	if (alone)
		return;
	const struct statement tail = { .words = c->words + 1, .n_words = c->n_words - 1, .has_block = c->has_block,
					.first = c->first };

	print_short(&tail, &rest);
	cell_add(s, str_of(arena_printf(a, "%s%s", text_get(&rest) + (c->n_words == 1), end)), none);
}

/* A row with its block on one line: keyword, name, and what stands in the block. */
static void block_cells(struct arena *a, struct statement *s)
{
	const struct str none = { NULL, 0 };
	size_t most = s->n_words + 1;

	for (const struct row *r = s->first; r; r = r->next)
		most += 2;
	s->cells = arena_array(a, struct row_cell, most);
	for (size_t i = 0; i < s->n_words; i++)
		cell_add(s, s->words[i], i == 0 ? s->words[0] : none);
	if (!s->first)
		cell_add(s, STR("{ }"), none);
	for (const struct row *r = s->first; r; r = r->next)
		inner_cells(a, s, r);
}

static bool can_be_short(const struct statement *s)
{
	if (s->has_block && !s->one_line)
		return false;
	for (const struct row *r = s->first; r; r = r->next)
		if (r->kind != ROW_STATEMENT || r->comment.n || !can_be_short(r->statement))
			return false;
	return true;
}

/* How wide print_short prints it. */
static size_t short_width(const struct statement *s)
{
	size_t width = s->has_block ? strlen(" { }") : 0;

	for (size_t i = 0; i < s->n_words; i++)
		width += characters(s->words[i]) + (i > 0);
	for (const struct row *r = s->first; r; r = r->next)
		width += 1 + short_width(r->statement) + (r->next ? 1 : 0);
	return width;
}

/* Decides whether the row stands on one line, and cuts it into cells. A statement that is too long but has no block
 * keeps its keyword in the column and is wrapped. */
static void cut(const struct page *page, struct row *r)
{
	struct statement *s = r->statement;

	s->keyword = keyword_of(page->block, s);
	if (!can_be_short(s))
		return;
	s->single = page->indent + short_width(s) <= LAYOUT_WIDTH;
	if (s->single && s->has_block) {
		r->comment = s->close_comment;
		block_cells(page->arena, s);
	} else if (s->single) {
		word_cells(page->arena, s);
	} else if (!s->has_block) {
		s->cells = arena_one(page->arena, struct row_cell);
		cell_add(s, s->words[0], s->words[0]);
	}
}

/* ---- columns ---------------------------------------------------------------------------------------------------- */

/* Does cell i have something after it, so that its width matters? */
static bool is_column(const struct statement *s, size_t i)
{
	return i + 1 < s->n_cells || (i == 0 && s->n_words > 1);
}

static bool has_value(const struct row *r)
{
	return r->kind == ROW_STATEMENT && !r->statement->has_block && is_column(r->statement, 0);
}

/* The values of a block's statements begin in one column; at top level and in a role the statements are too different. */
static void align_keywords(enum block_kind block, struct row *first, const struct row *end)
{
	size_t width = 0;

	if (block == BLOCK_TOP || block == BLOCK_ROLE)
		return;
	for (const struct row *r = first; r != end; r = r->next)
		if (has_value(r))
			width = MAX(width, r->statement->cells[0].width);
	for (struct row *r = first; r != end; r = r->next)
		if (has_value(r))
			r->statement->cells[0].width = width;
}

static struct row *next_with_cell(struct row *r, const struct row *end, size_t i)
{
	while (r != end && (r->kind != ROW_STATEMENT || i >= r->statement->n_cells))
		r = r->next;
	return r == end ? NULL : r;
}

/* Makes column i equally wide on the rows from first to before end whose cells up to it mean the same. Returns whether
 * there may be a further column. */
static bool align_column(struct row *first, const struct row *end, size_t i)
{
	unsigned part = 0;
	bool more = false;

	for (struct row *r = next_with_cell(first, end, i); r;) {
		const unsigned old = r->statement->part;
		const struct str means = r->statement->cells[i].means;
		struct row *stop = r;
		size_t width = 0;

		while (stop && stop->statement->part == old && str_eq(stop->statement->cells[i].means, means)) {
			if (is_column(stop->statement, i))
				width = MAX(width, stop->statement->cells[i].width);
			stop = next_with_cell(stop->next, end, i);
		}
		part++;
		for (; r != stop; r = next_with_cell(r->next, end, i)) {
			r->statement->part = part;
			if (is_column(r->statement, i)) {
				r->statement->cells[i].width = width;
				more = true;
			}
		}
	}
	return more;
}

static bool same_columns(const struct row *a, const struct row *b)
{
	return b->kind == ROW_COMMENT || (a->statement->has_block == b->statement->has_block &&
					  str_eq(a->statement->words[0], b->statement->words[0]));
}

/* Aligns the values of neighbouring rows of one keyword; comments between them do not part them. */
static void align_values(struct row *first, const struct row *end)
{
	while (first != end) {
		struct row *stop = first->next;

		if (first->kind == ROW_STATEMENT) {
			while (stop != end && same_columns(first, stop))
				stop = stop->next;
			for (size_t i = 1; align_column(first, stop, i); i++)
				;
		}
		first = stop;
	}
}

static size_t cells_width(const struct statement *s)
{
	size_t width = 0;

	for (size_t i = 0; i < s->n_cells; i++)
		width += s->cells[i].width + (i > 0);
	return width;
}

/* ---- lines ------------------------------------------------------------------------------------------------------ */

static void print_comment(struct text *out, struct str comment)
{
	if (comment.n) {
		text_puts(out, "  ");
		text_add(out, comment.p, comment.n);
	}
}

/* Words over several lines, each line but the last ending in \; the further lines begin under the first value. */
static void print_wrapped(const struct page *page, const struct statement *s)
{
	const size_t first = s->n_cells ? s->cells[0].width : characters(s->words[0]);
	const size_t under = page->indent + (first <= LAYOUT_WIDTH / 4 ? first + 1 : LAYOUT_INDENT);
	size_t column = page->indent + first;

	text_add(page->out, s->words[0].p, s->words[0].n);
	if (s->n_words > 1)
		blanks(page->out, first - characters(s->words[0]));
	for (size_t i = 1; i < s->n_words; i++) {
		const size_t width = characters(s->words[i]);

		if (column + 1 + width + 2 > LAYOUT_WIDTH && column > under) {
			text_puts(page->out, " \\\n");
			blanks(page->out, under);
			column = under;
		} else {
			text_putc(page->out, ' ');
			column++;
		}
		text_add(page->out, s->words[i].p, s->words[i].n);
		column += width;
	}
}

static void print_single(const struct page *page, const struct statement *s)
{
	for (size_t i = 0; i < s->n_cells; i++) {
		const struct row_cell *c = &s->cells[i];

		text_add(page->out, c->text.p, c->text.n);
		if (i + 1 < s->n_cells)
			blanks(page->out, c->width - characters(c->text) + 1);
	}
}

static void print_block(const struct page *page, const struct row *r)
{
	const struct statement *s = r->statement;
	const struct page inner = { page->arena, page->out, inner_of(s), page->indent + LAYOUT_INDENT };

	print_wrapped(page, s);
	text_puts(page->out, " {");
	print_comment(page->out, r->comment);
	text_putc(page->out, '\n');
	print_rows(&inner, s->first);
	blanks(page->out, page->indent);
	text_putc(page->out, '}');
	print_comment(page->out, s->close_comment);
	text_putc(page->out, '\n');
}

/* A row of a group; trailing comments begin in the column `comments`. */
static void print_row(const struct page *page, const struct row *r, size_t comments)
{
	const struct statement *s = r->statement;

	if (r->kind == ROW_COMMENT) {
		/* An indented comment might be longer than a line may be. */
		blanks(page->out, r->comment.n < LIMIT_LINE_BYTES / 2 ? page->indent : 0);
		text_add(page->out, r->comment.p, r->comment.n);
	} else {
		blanks(page->out, page->indent);
		if (s->single)
			print_single(page, s);
		else
			print_wrapped(page, s);
		if (s->single && r->comment.n)
			blanks(page->out, comments - s->width);
		print_comment(page->out, r->comment);
	}
	text_putc(page->out, '\n');
}

/* The rows from first to before end stand on one line each (but for wrapped ones), with no blank line between. */
static void print_group(const struct page *page, struct row *first, const struct row *end)
{
	size_t comments = 0;

	align_keywords(page->block, first, end);
	align_values(first, end);
	for (struct row *r = first; r != end; r = r->next) {
		if (r->kind != ROW_STATEMENT || !r->statement->single)
			continue;
		r->statement->width = cells_width(r->statement);
		if (r->comment.n)
			comments = MAX(comments, r->statement->width);
	}
	for (const struct row *r = first; r != end; r = r->next)
		print_row(page, r, comments);
}

static bool is_in_group(const struct row *r)
{
	return r->kind == ROW_COMMENT ||
	       (r->kind == ROW_STATEMENT && (r->statement->single || !r->statement->has_block));
}

static void print_rows(const struct page *page, struct row *first)
{
	for (struct row *r = first; r; r = r->next)
		if (r->kind == ROW_STATEMENT)
			cut(page, r);
	while (first) {
		struct row *end = first->next;

		if (is_in_group(first)) {
			while (end && is_in_group(end))
				end = end->next;
			print_group(page, first, end);
		} else if (first->kind == ROW_BLANK) {
			text_putc(page->out, '\n');
		} else {
			blanks(page->out, page->indent);
			print_block(page, first);
		}
		first = end;
	}
}

void layout_print(struct arena *a, const struct statement *root, struct text *out)
{
	const struct page page = { a, out, BLOCK_TOP, 0 };

	print_rows(&page, root->first);
}
