/* SPDX-License-Identifier: MIT */
/* nlbc completion: the scripts for shells; and the hidden verb that they ask for words. The scripts hold no words of
 * their own: verbs and options come from the table, names of what runs from the status. */
#include "base/base.h"

#include <inttypes.h>

#include "apply/apply.h"
#include "apply/status.h"
#include "cli/command.h"
#include "cli/proxies.h"
#include "plan/plan.h"

static const struct {
	const char *shell, *script;
} scripts[] = {
	{ "bash",
	  "_nlbc() {\n"
	  "\tlocal IFS=$'\\n'\n"
	  "\tCOMPREPLY=($(nlbc __complete -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null))\n"
	  "}\n"
	  "complete -o default -F _nlbc nlbc\n" },
	{ "zsh",
	  "#compdef nlbc\n"
	  "_nlbc() {\n"
	  "\tlocal -a found\n"
	  "\tfound=(\"${(@f)$(nlbc __complete -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\")\n"
	  "\tif [[ -n \"${found[1]}\" ]]; then compadd -- \"${found[@]}\"; return; fi\n"
	  "\t[[ $PREFIX = --*=* ]] && compset -P 1 '*='\n"
	  "\t_files\n"
	  "}\n"
	  "if [[ \"$funcstack[1]\" = _nlbc ]]; then _nlbc \"$@\"; else compdef _nlbc nlbc; fi\n" },
	{ "fish",
	  "function __nlbc_complete\n"
	  "\tset -l words (commandline -opc) (commandline -ct)\n"
	  "\tset -l found (nlbc __complete -- $words[2..-1] 2>/dev/null)\n"
	  "\tif set -q found[1]; printf '%s\\n' $found; return; end\n"
	  "\tset -l option (string match -r '^--[^=]+=' -- $words[-1])\n"
	  "\tfor file in (__fish_complete_path (string replace -r '^--[^=]+=' '' -- $words[-1]))\n"
	  "\t\tprintf '%s%s\\n' \"$option\" $file\n"
	  "\tend\n"
	  "end\n"
	  "complete -c nlbc -f -a '(__nlbc_complete)'\n" },
};

static int run_completion(struct invocation *v)
{
	const char *names[ARRAY_LEN(scripts)];
	auto_text struct text out = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		names[i] = scripts[i].shell;
		if (strcmp(v->args[0], names[i]) != 0)
			continue;
		text_puts(&out, scripts[i].script);
		out_result(&v->out, &out);
		return 0;
	}
	struct diag *g = diag_error(&v->diags, NULL, "usage", "unknown shell '%s'", v->args[0]);

	if (!diag_nearest(&v->diags, g, str_of(v->args[0]), names, ARRAY_LEN(names)))
		diag_hint(&v->diags, g, "one of: bash, zsh, fish");
	return 0;
}

const struct command command_completion = {
	.name = "completion", .arguments = "bash/zsh/fish", .min_args = 1, .max_args = 1,
	.help = "Print the completion script of a shell.",
	.run = run_completion,
};

/* ---- words -------------------------------------------------------------------------------------------------------- */

struct completing {
	const char *prefix;             /* what is typed of the word already */
	struct text *out;
};

static void offer(const struct completing *c, const char *before, const char *word)
{
	auto_text struct text whole = { 0 };

	text_printf(&whole, "%s%s", before, word);
	if (strncmp(text_get(&whole), c->prefix, strlen(c->prefix)) == 0)
		text_printf(c->out, "%s\n", text_get(&whole));
}

static void offer_options(const struct completing *c, const struct option_row *rows)
{
	for (; rows->name; rows++)
		offer(c, "--", rows->name);
}

/* The words of a/b/c, each behind `before`. */
static void offer_choices(const struct completing *c, const char *before, const char *choices)
{
	for (const char *p = choices;; p++) {
		auto_text struct text word = { 0 };
		size_t n = strcspn(p, "/");

		text_add(&word, p, n);
		if (*p < 'A' || *p > 'Z')               /* NUMBER stands for what it says */
			offer(c, before, text_get(&word));
		p += n;
		if (!*p)
			return;
	}
}

/* Names of what runs, each behind `before`; without the right to look, none. */
static void offer_running(struct invocation *v, const struct completing *c, const char *part, const char *before)
{
	const struct diags told = v->diags;
	const char *name;
	json_t *value;

	diags_init(&v->diags, v->arena);
	json_t *status = cli_status(v, v->arena, cli_status_parts(part), NULL);
	json_t *at = status ? status_get(status, part, v->arena, &v->diags) : NULL;

	json_object_foreach(at, name, value)
		offer(c, before, name);
	json_decref(status);
	v->diags = told;
}

/* Servers as PROXY/NAME. */
static void offer_servers(struct invocation *v, const struct completing *c)
{
	const char *proxy, *server;
	struct proxies p;
	json_t *all, *one;

	if (proxies_ask(v, v->arena, &p) < 0)
		return;
	json_object_foreach(p.all, proxy, all)
		json_object_foreach(json_object_get(all, "servers"), server, one)
			offer(c, arena_printf(v->arena, "%s/", proxy), server);
	proxies_release(&p);
}

/* Generations that are kept. */
static void offer_generations(struct invocation *v, const struct completing *c)
{
	const struct session_conf conf = { .state_dir = v->state_dir };
	struct diags quiet;
	struct session s;

	diags_init(&quiet, v->arena);
	if (session_open(&s, &conf, false, v->arena, &quiet) != 0)
		return;
	for (size_t i = 0; i < s.journal.n_history; i++)
		if (journal_has_generation(&s.journal, s.journal.history[i].number))
			offer(c, "", arena_printf(v->arena, "%" PRIu64, s.journal.history[i].number));
	session_close(&s);
}

/* First words of verbs, or the second ones of a family. */
static void offer_verbs(struct invocation *v, const struct completing *c, const char *family)
{
	const char *words[COMMAND_WORDS];
	const size_t n = command_words(family, v->arena, words);

	for (size_t i = 0; i < n; i++)
		offer(c, "", words[i]);
}

static void offer_interfaces(struct invocation *v, const struct completing *c)
{
	const struct session_conf conf = { .state_dir = v->state_dir };
	struct kept_profile kept;
	struct diags quiet;
	struct session s;

	diags_init(&quiet, v->arena);
	if (session_open(&s, &conf, false, v->arena, &quiet) != 0)
		return;
	const struct plan *p = apply_in_force(&s, &kept, &quiet);

	for (size_t i = 0; p && i < p->facts->n_interfaces; i++)
		offer(c, "", p->facts->interfaces[i].name);
	session_close(&s);
}

/* What stands before the word to complete. */
struct before {
	const struct command *verb;
	const char *family;                     /* first word of a verb of two, whose second is still to come */
	const struct option_row *open;          /* an option that waits for its value */
	const char *first;                      /* argument of the verb */
	size_t nth;                             /* arguments of the verb */
};

static void offer_conditions(struct invocation *v, const struct completing *c, const struct before *b)
{
	if (b->nth == 0)
		offer_choices(c, "", "in-sync/path/up/server/replicas");
	else if (b->nth == 1 && (strcmp(b->first, "path") == 0 || strcmp(b->first, "up") == 0))
		offer_running(v, c, strcmp(b->first, "up") == 0 ? "balances" : "paths", "");
	else if (b->nth == 1 && strcmp(b->first, "server") == 0)
		offer_servers(v, c);
	else if (b->nth == 2 && (strcmp(b->first, "path") == 0 || strcmp(b->first, "server") == 0))
		offer_choices(c, "", "up/probing/draining/down");
}

static void offer_arguments(struct invocation *v, const struct completing *c, const struct before *b)
{
	const struct command *verb = b->verb;
	const size_t nth = b->nth;

	if (verb == command_find("path") || verb == command_find("server")) {
		if (nth == 0 && verb == command_find("server"))
			offer_servers(v, c);
		else if (nth == 0)
			offer_running(v, c, "paths", "");
		else if (nth == 1)
			offer_choices(c, "", "up/down/drain/weight");
	} else if (verb == command_find("status") || verb == command_find("get")) {
		const char *dot = strrchr(c->prefix, '.');
		size_t n = dot ? (size_t)(dot - c->prefix) : 0;

		offer_running(v, c, arena_copy(v->arena, c->prefix, n), arena_copy(v->arena, c->prefix, n + (dot != NULL)));
	} else if (verb == command_find("rollback")) {
		if (nth == 0)
			offer_generations(v, c);
	} else if (verb == command_find("wait")) {
		offer_conditions(v, c, b);
	} else if (verb == command_find("help")) {
		if (nth == 0 || (nth == 1 && command_is_family(b->first)))
			offer_verbs(v, c, b->first);
	} else if (verb == command_find("trace")) {
		if (nth == 2)
			offer_choices(c, "", "tcp/udp/icmp/icmpv6/sctp/dccp/udplite");
	} else if (strchr(verb->arguments, '/') && nth == 0) {
		offer_choices(c, "", verb->arguments[0] == '[' ? "profile/status/event" : verb->arguments);
	}
}

/* Is it --NAME, --NAME=…, or the letter? */
static bool is_option_word(const struct option_row *o, const char *word)
{
	const size_t n = strlen(o->name);

	if (strncmp(word, "--", 2) != 0)
		return word[0] == '-' && word[1] == o->letter && o->letter && !word[2];
	return strncmp(word + 2, o->name, n) == 0 && (!word[2 + n] || word[2 + n] == '=');
}

static const struct option_row *option_of(const struct command *verb, const char *word)
{
	const struct option_row *lists[] = { verb ? verb->options : global_options, global_options };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (const struct option_row *o = lists[i]; o->name; o++)
			if (is_option_word(o, word))
				return o;
	return NULL;
}

static void add_before(struct before *b, const char *word, struct arena *a)
{
	const struct option_row *o = b->open ? NULL : option_of(b->verb, word);

	if (b->open && strcmp(word, "=") == 0)
		return;                         /* bash cuts `--format=x` in three */
	if (b->open || word[0] == '-')
		b->open = o && o->value && !strchr(word, '=') ? o : NULL;
	else if (!b->verb && !b->family && command_is_family(word))
		b->family = word;
	else if (!b->verb)
		b->verb = command_find(b->family ? arena_printf(a, "%s %s", b->family, word) : word);
	else if (b->nth++ == 0)
		b->first = word;
}

static void offer_values(const struct completing *c, const struct option_row *o, const char *before)
{
	if (strchr(o->value, '/'))
		offer_choices(c, before, o->value);
}

/* `--format=…` as one word. */
static void offer_joined(struct invocation *v, const struct completing *c, const struct command *verb)
{
	const struct option_row *o = option_of(verb, c->prefix);
	const char *equals = strchr(c->prefix, '=');

	if (o && o->value)
		offer_values(c, o, arena_copy(v->arena, c->prefix, (size_t)(equals - c->prefix) + 1));
}

static int run_complete(struct invocation *v)
{
	const size_t n = v->n_args ? v->n_args - 1 : 0;
	auto_text struct text out = { 0 };
	struct completing c = { .prefix = v->n_args ? v->args[n] : "", .out = &out };
	struct before b = { .verb = NULL };

	for (size_t i = 0; i < n; i++)
		add_before(&b, v->args[i], v->arena);
	if (b.open && strcmp(c.prefix, "=") == 0)
		c.prefix = "";
	if (b.open && strcmp(b.open->value, "INTERFACE") == 0) {
		offer_interfaces(v, &c);
	} else if (b.open) {
		offer_values(&c, b.open, "");
	} else if (c.prefix[0] == '-' && strchr(c.prefix, '=')) {
		offer_joined(v, &c, b.verb);
	} else if (c.prefix[0] == '-') {
		if (b.verb)
			offer_options(&c, b.verb->options);
		offer_options(&c, global_options);
	} else if (b.verb && b.nth >= b.verb->max_args) {
		offer_options(&c, b.verb->options);      /* no file is due */
	} else if (b.verb) {
		offer_arguments(v, &c, &b);
	} else {
		offer_verbs(v, &c, b.family);
	}
	out_result(&v->out, &out);
	return 0;
}

const struct command command_complete = {
	.name = "__complete", .arguments = "WORD…", .max_args = 1000, .hidden = true,
	.help = "The words that may stand where the last WORD stands.",
	.run = run_complete,
};
