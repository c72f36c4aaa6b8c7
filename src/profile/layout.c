/* SPDX-License-Identifier: MIT */
/* Rows to lines. A row is cut into cells (keyword, values, options; the statements of a block on one line likewise), and
 * cells that follow each other on neighbouring rows and mean the same are made equally wide. Whether a row fits on one
 * line is decided before anything is aligned: so a second pass decides the same, and the layout is a fixpoint. */
#include "base/base.h"

#include "base/arena.h"
#include "profile/layout.h"

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

struct row *row_add(struct arena *a, struct row *parent, enum row_kind kind)
{
	struct row *r = arena_one(a, struct row);

	r->kind = kind;
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

static void cell_add(struct row *r, struct row_cell *cells, size_t i, struct str text, struct str means)
{
	cells[i] = (struct row_cell){ text, means, characters(text) };
	r->n_cells = i + 1;
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
static size_t cell_span(const struct row *r, size_t at, bool define)
{
	size_t n = 1;

	if (define ? str_is(r->words[at], "=") : is_one_value(r->keyword))
		return r->n_words - at;
	if (is_option(r->keyword, r->words[at]))
		while (at + n < r->n_words && !is_option(r->keyword, r->words[at + n]))
			n++;
	return n;
}

static void word_cells(struct arena *a, struct row *r)
{
	struct row_cell *cells = arena_array(a, struct row_cell, r->n_words);
	const bool define = str_is(r->words[0], "define");
	size_t n = 1;

	cell_add(r, cells, 0, r->words[0], r->words[0]);
	for (size_t i = 1; i < r->n_words; n++) {
		const size_t span = cell_span(r, i, define);
		const struct str none = { NULL, 0 };

		cell_add(r, cells, n, span > 1 ? join(a, r->words + i, span) : r->words[i],
			 is_option(r->keyword, r->words[i]) ? r->words[i] : none);
		i += span;
	}
	r->cells = cells;
}

static void print_short(const struct row *r, struct text *out);

/* ` { a; b }` */
static void print_short_block(const struct row *r, struct text *out)
{
	text_puts(out, " {");
	for (const struct row *c = r->first; c; c = c->next) {
		text_putc(out, ' ');
		print_short(c, out);
		if (c->next)
			text_putc(out, ';');
	}
	text_puts(out, " }");
}

/* The statement on one line, with nothing aligned. */
static void print_short(const struct row *r, struct text *out)
{
	for (size_t i = 0; i < r->n_words; i++) {
		if (i > 0)
			text_putc(out, ' ');
		text_add(out, r->words[i].p, r->words[i].n);
	}
	if (r->has_block)
		print_short_block(r, out);
}

static const struct keyword *keyword_of(enum block_kind block, const struct row *r)
{
	if (block == BLOCK_NONE)
		return NULL;
	return keyword_find(block, r->words[0]);
}

static enum block_kind inner_of(const struct row *r)
{
	return r->keyword ? r->keyword->inner : BLOCK_NONE;
}

/* A row with its block on one line: keyword, name, and for each statement inside its keyword and the rest of it. */
static void block_cells(struct arena *a, struct row *r)
{
	size_t n_children = 0;

	for (const struct row *c = r->first; c; c = c->next)
		n_children++;
	struct row_cell *cells = arena_array(a, struct row_cell, r->n_words + 2 * n_children + 1);
	const struct str none = { NULL, 0 };
	size_t n = 0;

	for (; n < r->n_words; n++)
		cell_add(r, cells, n, r->words[n], n == 0 ? r->words[n] : none);
	if (!r->first)
		cell_add(r, cells, n, STR("{ }"), none);
	for (const struct row *c = r->first; c; c = c->next) {
		const char *open = c == r->first ? "{ " : "";
		const char *end = c->next ? ";" : " }";
		const int size = (int)c->words[0].n;
		const struct str means = meaning(keyword_of(inner_of(r), c), c->words[0]);

		if (c->n_words == 1 && !c->has_block) {
			char *p = arena_printf(a, "%s%.*s%s", open, size, c->words[0].p, end);
			cell_add(r, cells, n++, str_of(p), means);
			continue;
		}
		cell_add(r, cells, n++, str_of(arena_printf(a, "%s%.*s", open, size, c->words[0].p)), means);
		auto_text struct text rest = { 0 };
		const struct row tail = { .words = c->words + 1, .n_words = c->n_words - 1, .has_block = c->has_block,
					  .first = c->first };
		print_short(&tail, &rest);
		const char *value = text_get(&rest);
		cell_add(r, cells, n++, str_of(arena_printf(a, "%s%s", value + (value[0] == ' '), end)), none);
	}
	r->cells = cells;
}

static bool has_one_line_blocks(const struct row *r)
{
	for (const struct row *c = r->first; c; c = c->next)
		if (c->kind != ROW_STATEMENT || c->comment.n || (c->has_block && !(c->one_line && has_one_line_blocks(c))))
			return false;
	return true;
}

/* Decides whether the row stands on one line, and cuts it into cells. A statement that is too long but has no block
 * keeps its keyword in the column and is wrapped. */
static void cut(const struct page *page, struct row *r)
{
	r->keyword = keyword_of(page->block, r);
	if (r->has_block && !(r->one_line && has_one_line_blocks(r)))
		return;

	auto_text struct text line = { 0 };
	print_short(r, &line);
	r->single = page->indent + characters((struct str){ text_get(&line), line.n }) <= LAYOUT_WIDTH;
	if (r->single && r->has_block) {
		r->comment = r->close_comment;
		block_cells(page->arena, r);
	} else if (r->single) {
		word_cells(page->arena, r);
	} else if (!r->has_block) {
		r->cells = arena_one(page->arena, struct row_cell);
		cell_add(r, r->cells, 0, r->words[0], r->words[0]);
	}
}

/* ---- columns ---------------------------------------------------------------------------------------------------- */

/* Does the row's cell i have something after it, so that its width matters? */
static bool is_column(const struct row *r, size_t i)
{
	return i + 1 < r->n_cells || (i == 0 && r->n_words > 1);
}

/* The values of a block's statements begin in one column; at top level and in a role the statements are too different. */
static void align_keywords(enum block_kind block, struct row *first, const struct row *end)
{
	size_t width = 0;

	if (block == BLOCK_TOP || block == BLOCK_ROLE)
		return;
	for (const struct row *r = first; r != end; r = r->next)
		if (r->kind == ROW_STATEMENT && !r->has_block && is_column(r, 0))
			width = MAX(width, r->cells[0].width);
	for (struct row *r = first; r != end; r = r->next)
		if (r->kind == ROW_STATEMENT && !r->has_block && is_column(r, 0))
			r->cells[0].width = width;
}

static struct row *next_with_cell(struct row *r, const struct row *end, size_t i)
{
	while (r != end && (r->kind != ROW_STATEMENT || i >= r->n_cells))
		r = r->next;
	return r == end ? NULL : r;
}

/* Makes column i equally wide on neighbouring rows from first to before end whose cells up to it mean the same. */
static bool align_column(struct row *first, const struct row *end, size_t i)
{
	unsigned part = 0;
	bool more = false;

	for (struct row *r = next_with_cell(first, end, i); r;) {
		const unsigned old = r->part;
		const struct str means = r->cells[i].means;
		struct row *s = r;
		size_t width = 0;

		for (; s && s->part == old && str_eq(s->cells[i].means, means); s = next_with_cell(s->next, end, i))
			if (is_column(s, i))
				width = MAX(width, s->cells[i].width);
		part++;
		for (; r != s; r = next_with_cell(r->next, end, i)) {
			r->part = part;
			if (is_column(r, i)) {
				r->cells[i].width = width;
				more = true;
			}
		}
	}
	return more;
}

static bool same_columns(const struct row *a, const struct row *b)
{
	return a->has_block == b->has_block && str_eq(a->words[0], b->words[0]);
}

/* Aligns the values of neighbouring rows of one keyword; comments between them do not part them. */
static void align_values(struct row *first, const struct row *end)
{
	while (first != end) {
		struct row *stop = first->next;

		if (first->kind == ROW_STATEMENT) {
			while (stop != end && (stop->kind == ROW_COMMENT || same_columns(first, stop)))
				stop = stop->next;
			for (size_t i = 1; align_column(first, stop, i); i++)
				;
		}
		first = stop;
	}
}

static size_t row_width(const struct row *r)
{
	size_t width = 0;

	for (size_t i = 0; i < r->n_cells; i++)
		width += r->cells[i].width + (i > 0);
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
static void print_wrapped(const struct page *page, const struct row *r)
{
	const size_t first = r->n_cells ? r->cells[0].width : characters(r->words[0]);
	const size_t under = page->indent + (first <= LAYOUT_WIDTH / 4 ? first + 1 : LAYOUT_INDENT);
	size_t column = page->indent + first;

	text_add(page->out, r->words[0].p, r->words[0].n);
	if (r->n_words > 1)
		blanks(page->out, first - characters(r->words[0]));
	for (size_t i = 1; i < r->n_words; i++) {
		const size_t width = characters(r->words[i]);

		if (column + 1 + width + 2 > LAYOUT_WIDTH && column > under) {
			text_puts(page->out, " \\\n");
			blanks(page->out, under);
			column = under;
		} else {
			text_putc(page->out, ' ');
			column++;
		}
		text_add(page->out, r->words[i].p, r->words[i].n);
		column += width;
	}
}

static void print_single(const struct page *page, const struct row *r)
{
	for (size_t i = 0; i < r->n_cells; i++) {
		const struct row_cell *c = &r->cells[i];

		text_add(page->out, c->text.p, c->text.n);
		if (i + 1 < r->n_cells)
			blanks(page->out, c->width - characters(c->text) + 1);
	}
}

static void print_block(const struct page *page, const struct row *r)
{
	const struct page inner = { page->arena, page->out, inner_of(r), page->indent + LAYOUT_INDENT };

	print_wrapped(page, r);
	text_puts(page->out, " {");
	print_comment(page->out, r->comment);
	text_putc(page->out, '\n');
	print_rows(&inner, r->first);
	blanks(page->out, page->indent);
	text_putc(page->out, '}');
	print_comment(page->out, r->close_comment);
	text_putc(page->out, '\n');
}

/* The rows from first to before end stand on one line each (but for wrapped ones), with no blank line between. */
static void print_group(const struct page *page, struct row *first, const struct row *end)
{
	size_t comments = 0;

	align_keywords(page->block, first, end);
	align_values(first, end);
	for (struct row *r = first; r != end; r = r->next) {
		r->width = row_width(r);
		if (r->single && r->comment.n)
			comments = MAX(comments, r->width);
	}
	for (const struct row *r = first; r != end; r = r->next) {
		if (r->kind == ROW_COMMENT) {
			/* An indented comment might be longer than a line may be. */
			blanks(page->out, r->comment.n < 4000 ? page->indent : 0);
			text_add(page->out, r->comment.p, r->comment.n);
		} else {
			blanks(page->out, page->indent);
			if (r->single)
				print_single(page, r);
			else
				print_wrapped(page, r);
			if (r->single && r->comment.n)
				blanks(page->out, comments - r->width);
			print_comment(page->out, r->comment);
		}
		text_putc(page->out, '\n');
	}
}

static bool is_in_group(const struct row *r)
{
	return r->kind == ROW_COMMENT || (r->kind == ROW_STATEMENT && (r->single || !r->has_block));
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

void layout_print(struct arena *a, struct row *root, enum block_kind block, struct text *out)
{
	const struct page page = { a, out, block, 0 };

	print_rows(&page, root->first);
}
