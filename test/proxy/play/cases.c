/* SPDX-License-Identifier: MIT */
/* Reads the files of the corpus; cases/FORMAT says how they are written. */
#include "base/base.h"

#include <ctype.h>
#include <errno.h>

#include "play.h"

struct macro {
	struct str name, text;          /* text: its lines, still to be read */
	struct macro *next;
};

struct reader {
	struct cases *cases;
	const char *path;
	unsigned line;
	struct play_case *at;           /* the case that is being read */
	struct step *step;              /* the section of it; NULL: none */
	struct macro *macro;            /* or the macro */
};

enum { DEEPEST = 8 };

static NORETURN void wrong(const struct reader *r, const char *what)
{
	errno = 0;
	die("%s:%u: %s", r->path, r->line, what);
}

static struct piece *piece_add(struct reader *r, enum piece_kind kind, struct str bytes)
{
	struct step *s = r->step;

	if (kind != PIECE_BYTES && (s->kind == STEP_IN || s->kind == STEP_ANSWER))
		wrong(r, "only bytes can be sent");
	s->pieces = arena_grow(r->cases->arena, s->pieces, s->n, &s->room, sizeof(*s->pieces));
	s->pieces[s->n] = (struct piece){ kind, bytes };
	return &s->pieces[s->n++];
}

static void bytes_add(struct reader *r, const char *p, size_t n)
{
	if (n)
		piece_add(r, PIECE_BYTES, (struct str){ arena_copy(r->cases->arena, p, n), n });
}

/* An escape at p; returns the bytes of it. */
static size_t escape(struct reader *r, const char *p, struct text *out)
{
	char hex[3] = "";

	switch (p[1]) {
	case 'r': text_putc(out, '\r'); return 2;
	case 'n': text_putc(out, '\n'); return 2;
	case 't': text_putc(out, '\t'); return 2;
	case 's': text_putc(out, ' '); return 2;
	case '$': text_putc(out, '$'); return 2;
	case '|':
		for (size_t i = 0; r->step && i < r->step->n; i++)
			r->step->joint += r->step->pieces[i].bytes.n;
		if (!r->step || r->step->kind != STEP_ANSWER)
			wrong(r, "\\| is for answers");
		r->step->joint += out->n;
		return 2;
	case '\\': text_putc(out, '\\'); return 2;
	case 'x':
		if (!isxdigit((unsigned char)p[2]) || !isxdigit((unsigned char)p[3]))
			wrong(r, "\\x takes two hex digits");
		memcpy(hex, p + 2, 2);
		text_putc(out, (char)strtoul(hex, NULL, 16));
		return 4;
	default:
		wrong(r, "unknown escape");
	}
}

static void text_line(struct reader *r, struct str s, unsigned depth);

/* ${TEXT*N}, ${chunked TEXT}, ${torn TEXT} */
static size_t braces(struct reader *r, struct str s)
{
	auto_text struct text out = {0};
	const char *end = memchr(s.p, '}', s.n);
	size_t at = 2, times = 1;
	enum piece_kind kind = PIECE_BYTES;

	if (!end)
		wrong(r, "'}' is missing");
	if (s.n > 10 && memcmp(s.p, "${chunked ", 10) == 0) {
		kind = PIECE_CHUNKED;
		at = 10;
	} else if (s.n > 7 && memcmp(s.p, "${torn ", 7) == 0) {
		kind = PIECE_TORN;
		at = 7;
	}
	while (s.p + at < end && s.p[at] != '*')
		if (s.p[at] == '\\')
			at += escape(r, s.p + at, &out);
		else
			text_putc(&out, s.p[at++]);
	if (s.p[at] == '*')
		times = strtoul(s.p + at + 1, NULL, 10);
	auto_text struct text all = {0};
	for (size_t i = 0; i < times; i++)
		text_add(&all, out.p, out.n);
	if (kind == PIECE_BYTES)
		bytes_add(r, all.p, all.n);
	else
		piece_add(r, kind, (struct str){ arena_copy(r->cases->arena, text_get(&all), all.n), all.n });
	return (size_t)(end - s.p) + 1;
}

static size_t macro_use(struct reader *r, struct str s, unsigned depth)
{
	struct str name = { s.p + 1, 0 };

	while (name.n + 1 < s.n && (isupper((unsigned char)name.p[name.n]) || isdigit((unsigned char)name.p[name.n])))
		name.n++;
	if (str_is(name, "DATE")) {
		piece_add(r, PIECE_DATE, (struct str){0});
	} else if (str_is(name, "CLIENT")) {
		piece_add(r, PIECE_CLIENT, (struct str){0});
	} else {
		const struct macro *m = r->cases->macros;
		while (m && !str_eq(m->name, name))
			m = m->next;
		if (!m || depth == DEEPEST)
			wrong(r, "unknown macro");
		text_line(r, m->text, depth + 1);
	}
	return name.n + 1;
}

static void text_line(struct reader *r, struct str s, unsigned depth)
{
	auto_text struct text bytes = {0};

	for (size_t i = 0; i < s.n;) {
		const struct str rest = { s.p + i, s.n - i };
		if (s.p[i] == '$') {
			bytes_add(r, bytes.p, bytes.n);
			text_clear(&bytes);
			i += rest.n > 1 && rest.p[1] == '{' ? braces(r, rest) : macro_use(r, rest, depth);
		} else if (s.p[i] == '\\') {
			i += escape(r, rest.p, &bytes);
		} else {
			text_putc(&bytes, s.p[i++]);
		}
	}
	bytes_add(r, bytes.p, bytes.n);
}

static struct step *step_add(struct reader *r, enum step_kind kind)
{
	struct play_case *c = r->at;
	const bool client = kind == STEP_IN || kind == STEP_CLIENT;
	struct step **v = client ? &c->client : &c->server;
	size_t *n = client ? &c->n_client : &c->n_server, *room = client ? &c->client_room : &c->server_room;

	*v = arena_grow(r->cases->arena, *v, *n, room, sizeof(**v));
	r->step = &(*v)[(*n)++];
	*r->step = (struct step){ .kind = kind };
	return r->step;
}

static bool sending(const struct reader *r) { return r->step->kind == STEP_IN || r->step->kind == STEP_ANSWER; }

/* Bytes of a section: a line with its CRLF, unless it ends in a backslash. */
static void body_line(struct reader *r, struct str s)
{
	const bool open = s.n && s.p[s.n - 1] == '\\' && !(s.n > 1 && s.p[s.n - 2] == '\\');

	if (r->macro) {
		r->macro->text = (struct str){
			arena_printf(r->cases->arena, "%.*s%.*s%s", (int)r->macro->text.n, r->macro->text.p ? r->macro->text.p : "",
				     (int)(open ? s.n - 1 : s.n), s.p, open ? "" : "\\r\\n"), 0 };
		r->macro->text.n = strlen(r->macro->text.p);
		return;
	}
	if (!r->step)
		wrong(r, "bytes of no section");
	text_line(r, (struct str){ s.p, open ? s.n - 1 : s.n }, 0);
	if (!open)
		bytes_add(r, "\r\n", 2);
}

static void step_end(struct reader *r, struct step *s)
{
	auto_text struct text all = {0};

	if (s->n == 0)
		wrong(r, "the section before is empty");
	if (s->kind == STEP_CLIENT || s->kind == STEP_SERVER)
		return;
	for (size_t i = 0; i < s->n; i++)
		text_add(&all, s->pieces[i].bytes.p, s->pieces[i].bytes.n);
	s->bytes = (struct str){ arena_copy(r->cases->arena, text_get(&all), all.n), all.n };
}

/* The request that shows that the connection goes on, in step. */
static void probe_add(struct reader *r)
{
	static const char *const lines[] = { "$PROBE", "$PROBED", "$OK" };
	static const enum step_kind kinds[] = { STEP_IN, STEP_SERVER, STEP_CLIENT };

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		(void)step_add(r, kinds[i]);
		text_line(r, str_of(lines[i]), 0);
	}
	step_end(r, &r->at->client[r->at->n_client - 2]);
}

/* The case is whole. */
static void case_end(struct reader *r)
{
	struct play_case *c = r->at;

	if (!c)
		return;
	for (size_t i = 0; i < c->n_client; i++) {
		step_end(r, &c->client[i]);
		c->in_bytes += c->client[i].bytes.n;
	}
	for (size_t i = 0; i < c->n_server; i++) {
		step_end(r, &c->server[i]);
		c->answer_bytes += c->server[i].bytes.n;
	}
	if (c->end == END_KEPT) {
		probe_add(r);
		c->end = END_OPEN;
	}
	r->at = NULL;
	r->step = NULL;
}

/* The words behind the section's. */
static void flags(struct reader *r, char *rest)
{
	const char *word;

	while ((word = strsep(&rest, " "))) {
		struct step *s = r->step;
		if (strcmp(word, "fin") == 0 && sending(r))
			s->fin = true;
		else if (strcmp(word, "reset") == 0 && sending(r))
			s->reset = true;
		else if (strcmp(word, "gone") == 0 && s->kind == STEP_ANSWER)
			s->gone = true;
		else if (strcmp(word, "raw") == 0 && s->kind == STEP_SERVER)
			s->raw = true;
		else if (strcmp(word, "loose") == 0 && s->kind == STEP_SERVER)
			s->loose = true;
		else if (strcmp(word, "cut") == 0 && s->kind == STEP_SERVER)
			s->loose = s->optional = true;
		else
			wrong(r, "unknown word");
	}
}

static void case_begin(struct reader *r, char *rest)
{
	struct cases *c = r->cases;
	const char *name = strsep(&rest, " "), *proxy = strsep(&rest, " ");

	case_end(r);
	if (!name)
		wrong(r, "a case has a name");
	c->v = arena_grow(c->arena, c->v, c->n, &c->room, sizeof(*c->v));
	r->at = &c->v[c->n++];
	*r->at = (struct play_case){
		.name = arena_strdup(c->arena, name),
		.proxy = proxy ? arena_strdup(c->arena, proxy) : "main",
		.end = proxy ? END_OPEN : END_KEPT,
	};
	r->macro = NULL;
}

static void word_line(struct reader *r, char *line)
{
	static const char *const sections[] = { "in", "client", "server", "answer" };
	static const char *const ends[] = { "kept", "open", "closed", "over", "reset", "shut" };
	char *rest = line;
	const char *word = strsep(&rest, " ");

	if (strcmp(word, "case") == 0) {
		case_begin(r, rest);
		return;
	}
	if (strcmp(word, "let") == 0) {
		case_end(r);
		r->macro = arena_one(r->cases->arena, struct macro);
		r->macro->name = str_of(arena_strdup(r->cases->arena, rest ? rest : ""));
		r->macro->next = r->cases->macros;
		r->cases->macros = r->macro;
		return;
	}
	if (!r->at)
		wrong(r, "no case has begun");
	if (strcmp(word, "end") == 0) {
		for (size_t i = 0; i < ARRAY_LEN(ends); i++)
			if (rest && strcmp(rest, ends[i]) == 0) {
				r->at->end = (enum case_end)i;
				return;
			}
		wrong(r, "an end is kept, open, closed, over, reset or shut");
	}
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		if (strcmp(word, sections[i]) == 0) {
			(void)step_add(r, (enum step_kind)i);
			flags(r, rest);
			return;
		}
	wrong(r, "unknown word");
}

void cases_read(struct cases *c, const char *path)
{
	struct reader r = { .cases = c, .path = path };
	auto_free char *line = NULL;
	auto_fclose FILE *f = fopen(path, "re");
	size_t room = 0;
	ssize_t n;

	if (!c->arena)
		c->arena = arena_new();
	if (!f)
		die("%s", path);
	while ((n = getline(&line, &room, f)) >= 0) {
		r.line++;
		if (n && line[n - 1] == '\n')
			line[--n] = 0;
		if (line[0] == '\t')
			body_line(&r, (struct str){ line + 1, (size_t)n - 1 });
		else if (n && line[0] != '#')
			word_line(&r, line);
	}
	case_end(&r);
	if (!c->answer.n) {
		r.step = &c->answer;
		c->answer.kind = STEP_ANSWER;
		text_line(&r, STR("$ANSWER"), 0);
		step_end(&r, &c->answer);
	}
}
