/* SPDX-License-Identifier: MIT */
/* Word lists of the keyword table in the forms that editors and fuzzers read. */
#include "base/base.h"

#include "core/policy.h"
#include "profile/keywords.h"
#include "profile/syntax.h"

enum word_class { WORDS_KEYWORD = 1, WORDS_OPTION = 2, WORDS_CHOICE = 4, WORDS_ALL = 7 };
enum { WORDS_MOST = 1024 };

struct words {
	const char *list[WORDS_MOST];
	size_t n;
};

static void words_add(struct words *w, const char *word)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->list[i], word) == 0)
			return;
	if (w->n == WORDS_MOST)
		BUG("the language has more than %d words", WORDS_MOST);
	w->list[w->n++] = word;
}

static void add_arg(struct words *w, const struct arg *arg, unsigned classes)
{
	if (classes & WORDS_OPTION && (arg->kind == ARG_OPTION || arg->kind == ARG_FLAG))
		words_add(w, arg->name);
	if (!(classes & WORDS_CHOICE))
		return;
	for (const char *const *c = arg->choices; c && *c; c++)
		words_add(w, *c);
	if (arg_spec(arg, VALUE_SWITCH)) {
		words_add(w, "on");
		words_add(w, "off");
	}
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The words of these classes, in byte order. */
static void words_collect(struct words *w, unsigned classes)
{
	w->n = 0;
	for (size_t i = 0; i < n_keywords; i++) {
		if (classes & WORDS_KEYWORD)
			words_add(w, keywords[i].word);
		for (size_t a = 0; a < keywords[i].n_args; a++)
			add_arg(w, &keywords[i].args[a], classes);
	}
	for (size_t i = 0; classes & WORDS_CHOICE && i < ARRAY_LEN(policies); i++)
		words_add(w, policies[i]->name);
	qsort(w->list, w->n, sizeof(*w->list), compare_words);
}

static bool words_have(const struct words *w, const char *word)
{
	return bsearch(&word, w->list, w->n, sizeof(*w->list), compare_words) != NULL;
}

static void add_list(const struct words *w, const struct words *but, const char *separator, struct text *out)
{
	const char *between = "";

	for (size_t i = 0; i < w->n; i++) {
		if (but && words_have(but, w->list[i]))
			continue;
		text_printf(out, "%s%s", between, w->list[i]);
		between = separator;
	}
}

/* Keywords; the options that are not also keywords; the choices that are neither. */
struct classes {
	struct words keywords, options, choices, known;
};

static void classes_collect(struct classes *c)
{
	words_collect(&c->keywords, WORDS_KEYWORD);
	words_collect(&c->options, WORDS_OPTION);
	words_collect(&c->choices, WORDS_CHOICE);
	words_collect(&c->known, WORDS_KEYWORD | WORDS_OPTION);
}

void syntax_vim(struct text *out)
{
	struct classes c;

	classes_collect(&c);
	text_puts(out, "\" Vim syntax file for nlbc profiles. Made from the keyword table by `make generate`.\n"
		       "\" To use it for all *.prof files: autocmd BufRead,BufNewFile *.prof setfiletype nlbc\n"
		       "if exists(\"b:current_syntax\")\n  finish\nendif\n\n"
		       "syn case match\nsyn iskeyword @,48-57,_,-\n");
	text_puts(out, "syn keyword nlbcKeyword ");
	add_list(&c.keywords, NULL, " ", out);
	text_puts(out, "\nsyn keyword nlbcOption ");
	add_list(&c.options, &c.keywords, " ", out);
	text_puts(out, "\nsyn keyword nlbcChoice ");
	add_list(&c.choices, &c.known, " ", out);
	text_puts(out, "\nsyn match nlbcNumber /\\<\\d\\+\\(\\.\\d\\+\\)\\?\\c"
		       "\\([kmgt]\\?bit\\|[kmg]\\?b\\|p\\|us\\|ms\\|s\\|min\\|h\\|%\\)\\?\\ze\\([[:blank:],;}]\\|$\\)/\n"
		       "syn match nlbcNumber /\\<0x\\x\\+\\>/\n"
		       "syn match nlbcAddress /\\<\\d\\+\\.\\d\\+\\.\\d\\+\\.\\d\\+\\([:\\/]\\d\\+\\)\\?\\>/\n"
		       "syn match nlbcVariable /\\$[a-z][a-z0-9-]*/\n"
		       "syn region nlbcString start=/\"/ skip=/\\\\./ end=/\"/ oneline\n"
		       "syn match nlbcComment /#.*$/\n\n");
	text_puts(out, "hi def link nlbcKeyword Statement\nhi def link nlbcOption Type\n"
		       "hi def link nlbcChoice Constant\nhi def link nlbcNumber Number\n"
		       "hi def link nlbcAddress Number\nhi def link nlbcVariable Identifier\n"
		       "hi def link nlbcString String\nhi def link nlbcComment Comment\n\n"
		       "let b:current_syntax = \"nlbc\"\n");
}

void syntax_nano(struct text *out)
{
	struct classes c;

	classes_collect(&c);
	text_puts(out, "## Nano syntax file for nlbc profiles. Made from the keyword table by `make generate`.\n"
		       "syntax nlbc \"\\.prof$\"\ncomment \"#\"\n");
	text_puts(out, "color brightblue \"\\<(");
	add_list(&c.keywords, NULL, "|", out);
	text_puts(out, ")\\>\"\ncolor cyan \"\\<(");
	add_list(&c.options, &c.keywords, "|", out);
	text_puts(out, ")\\>\"\ncolor magenta \"\\<(");
	add_list(&c.choices, &c.known, "|", out);
	text_puts(out, ")\\>\"\n"
		       "icolor yellow \"\\<[0-9]+(\\.[0-9]+)?([kmgt]?bit|[kmg]?b|p|us|ms|s|min|h)?\\>\"\n"
		       "color yellow \"\\<0x[0-9a-fA-F]+\\>\"\n"
		       "color brightred \"\\$[a-z][a-z0-9-]*\"\n"
		       "color green \"\"([^\\\\\"]|\\\\.)*\"\"\n"
		       "color brightblack \"(^|[[:blank:]])#.*$\"\n");
}

void syntax_words(struct text *out)
{
	struct words w;

	words_collect(&w, WORDS_ALL);
	add_list(&w, NULL, "\n", out);
	text_putc(out, '\n');
}

void syntax_fuzz(struct text *out)
{
	static const char *const more[] = {
		"{", "}", ";", "#", "=", "$x", "\\\\\\x0a", "\\\"", "[", "]", ":", ",", "/", "true", "false", "null",
		"\\\"nlbc\\\":1", "\\\"path-order\\\"", "\\\"server-order\\\"", "\\\"value\\\"", "$schema",
		"50mbit", "64kb", "100p", "500ms", "1%", "0x7f000000", "10.10.3.0/24", "2001:db8::1", "127.0.0.1:80",
		"[::1]:80", "200-399", "/healthz", "nlbc 1; profile x; ",
	};
	struct words w;

	words_collect(&w, WORDS_ALL);
	text_puts(out, "# Made from the keyword table by `make generate`.\n");
	for (size_t i = 0; i < w.n; i++)
		text_printf(out, "\"%s\"\n", w.list[i]);
	for (size_t i = 0; i < ARRAY_LEN(more); i++)
		text_printf(out, "\"%s\"\n", more[i]);
}
