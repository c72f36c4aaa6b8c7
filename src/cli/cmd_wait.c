/* SPDX-License-Identifier: MIT */
/* nlbc wait: until a condition holds. It looks again at a modest interval, so that it sees changes by anybody. */
#include "base/base.h"

#include <errno.h>

#include "apply/status.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/look.h"
#include "cli/proxies.h"
#include "cli/status_show.h"
#include "core/member.h"

enum {
	TIMEOUT_US = 30 * 1000000,
	STEP_US = 100 * 1000,           /* between two looks, if they are cheap */
	STEP_PER_COST = 10,             /* and else so many times what one costs */
};

struct waiting {
	struct invocation *v;
	uint64_t number;                /* of `up` */
	bool is_alone;                  /* the last look found nobody to ask */
	struct text found;              /* by the last look, in words: `path p2 is down (hand)` */
};

struct condition {
	const char *word;
	const char *arguments;          /* for the synopsis */
	size_t n_words;                 /* with the first */
	int (*read)(struct waiting *w);                 /* 0; -EINVAL explained; NULL: no more words to check */
	/* 1, 0; -EINVAL explained. Of the status, or of whom it asks itself; neither: nlbcd alone knows. */
	int (*holds)(struct waiting *w, const struct look *l);
	int (*ask)(struct waiting *w, struct arena *a);
};

static int no_such(struct waiting *w, const char *what, const char *name, json_t *in)
{
	const char **names = arena_array(w->v->arena, const char *, json_object_size(in) + 1);
	struct diag *g = diag_error(&w->v->diags, NULL, "usage", "no %s '%s' in the profile in force", what, name);
	size_t n = 0;
	const char *key;
	json_t *value;

	json_object_foreach(in, key, value)
		names[n++] = arena_strdup(w->v->arena, key);
	(void)diag_nearest(&w->v->diags, g, str_of(name), names, n);
	return -EINVAL;
}

/* ---- the conditions ----------------------------------------------------------------------------------------------- */

static int in_sync_holds(struct waiting *w, const struct look *l)
{
	text_puts(&w->found, status_say(l->status, l->arena));
	return status_is_good(l->status);
}

static int read_state(struct waiting *w)
{
	const enum member_state states[] = { MEMBER_UP, MEMBER_PROBING, MEMBER_DRAINING, MEMBER_DOWN };
	const char *names[ARRAY_LEN(states)], *word = w->v->args[2];

	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		names[i] = member_state_name(states[i]);
		if (strcmp(names[i], word) == 0)
			return 0;
	}
	struct diag *g = diag_error(&w->v->diags, NULL, "usage", "unknown state '%s'", word);

	if (!diag_nearest(&w->v->diags, g, str_of(word), names, ARRAY_LEN(names)))
		diag_hint(&w->v->diags, g, "one of: up, probing, draining, down");
	return -EINVAL;
}

static int path_holds(struct waiting *w, const struct look *l)
{
	json_t *paths = json_object_get(l->status, "paths"), *path = json_object_get(paths, w->v->args[1]);

	if (!path)
		return no_such(w, "path", w->v->args[1], paths);
	const char *state = member_text(path, "state"), *reason = member_text(path, "reason");

	text_printf(&w->found, *reason ? "path %s is %s (%s)" : "path %s is %s", w->v->args[1], state, reason);
	return strcmp(state, w->v->args[2]) == 0;
}

static int read_number(struct waiting *w)
{
	const char *word = w->v->args[2];

	if (parse_uint(str_of(word), &w->number) == 0 && w->number > 0)
		return 0;
	diag_hint(&w->v->diags, diag_error(&w->v->diags, NULL, "usage", "'%s' is not a number of members", word), "1 or more");
	return -EINVAL;
}

static int up_holds(struct waiting *w, const struct look *l)
{
	json_t *balances = json_object_get(l->status, "balances"), *paths = json_object_get(l->status, "paths");
	json_t *balance = json_object_get(balances, w->v->args[1]), *members = json_object_get(balance, "paths"), *member;
	const size_t n = json_object_size(members);
	const char *name;
	size_t up = 0;

	if (!balance)
		return no_such(w, "balance", w->v->args[1], balances);
	if (w->number > n) {
		diag_error(&w->v->diags, NULL, "usage", "balance '%s' has %zu path%s", w->v->args[1], n, n == 1 ? "" : "s");
		return -EINVAL;
	}
	json_object_foreach(members, name, member)
		up += strcmp(member_text(json_object_get(paths, name), "state"), "up") == 0;
	text_printf(&w->found, "balance %s has %zu of %zu paths up", w->v->args[1], up, n);
	return up >= w->number;
}

static int read_server(struct waiting *w)
{
	return proxies_is_server(w->v, w->v->args[1]) ? read_state(w) : -EINVAL;
}

static int server_of(struct waiting *w, const struct proxies *p)
{
	const char *name = w->v->args[1];

	if (proxies_refuse(p)) {
		proxies_tell_none(w->v, p, name);
		return -EINVAL;
	}
	w->is_alone = json_object_size(p->all) == 0;
	if (w->is_alone) {
		text_printf(&w->found, "no proxy answers at '%s'", p->at.where);
		return 0;
	}
	json_t *server = proxies_server(w->v, p->all, name);

	if (!server)
		return -EINVAL;
	const char *state = member_text(server, "state"), *reason = member_text(server, "reason");

	text_printf(&w->found, *reason ? "server %s is %s (%s)" : "server %s is %s", name, state, reason);
	return strcmp(state, w->v->args[2]) == 0;
}

/* Proxies alone are asked: that takes no right to look at the kernel. */
static int ask_server(struct waiting *w, struct arena *a)
{
	struct proxies p;

	if (proxies_ask(w->v, a, &p) < 0)
		return 0;               /* a signal, which is noticed before the next look */
	const int holds = server_of(w, &p);

	proxies_release(&p);
	return holds;
}

static const struct condition conditions[] = {
	{ .word = "in-sync", .arguments = "", .n_words = 1, .holds = in_sync_holds },
	{ .word = "path", .arguments = " NAME STATE", .n_words = 3, .read = read_state, .holds = path_holds },
	{ .word = "up", .arguments = " BALANCE N", .n_words = 3, .read = read_number, .holds = up_holds },
	{ .word = "server", .arguments = " PROXY/NAME STATE", .n_words = 3, .read = read_server, .ask = ask_server },
	{ .word = "replicas", .arguments = " ONION N", .n_words = 3, .read = read_number },
};

/* NULL: explained. */
static const struct condition *read_condition(struct waiting *w)
{
	struct invocation *v = w->v;
	const char *names[ARRAY_LEN(conditions)];
	const struct condition *c = NULL;

	for (size_t i = 0; i < ARRAY_LEN(conditions); i++) {
		names[i] = conditions[i].word;
		if (strcmp(names[i], v->args[0]) == 0)
			c = &conditions[i];
	}
	if (!c) {
		struct diag *g = diag_error(&v->diags, NULL, "usage", "unknown condition '%s'", v->args[0]);

		if (!diag_nearest(&v->diags, g, str_of(v->args[0]), names, ARRAY_LEN(names)))
			diag_hint(&v->diags, g, "one of: in-sync, path, up, server, replicas");
		return NULL;
	}
	if (v->n_args != c->n_words) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "'wait %s' takes %zu more words, not %zu", c->word,
			  c->n_words - 1, v->n_args - 1), "nlbc wait %s%s", c->word, c->arguments);
		return NULL;
	}
	return !c->read || c->read(w) == 0 ? c : NULL;
}

/* ---- waiting ------------------------------------------------------------------------------------------------------ */

static int look_itself(struct waiting *w, const struct condition *c)
{
	struct arena *a = arena_new();

	text_clear(&w->found);
	const int holds = c->ask(w, a);

	arena_free(a);
	return holds;
}

/* One look: 1, 0; -errno explained. */
static int look(struct waiting *w, const struct condition *c)
{
	struct invocation *v = w->v;
	struct look l;

	if (c->ask)
		return look_itself(w, c);
	int holds = look_at(v, &l);

	if (holds < 0)
		return holds;
	text_clear(&w->found);
	/* Nothing is applied: somebody may do so while we wait. */
	if (!l.plan && strcmp(member_text(l.status, "state"), "none") == 0)
		text_puts(&w->found, "nothing is applied");
	else
		holds = c->holds(w, &l);
	look_release(&l);
	return holds;
}

static void say(struct waiting *w, int64_t took_us)
{
	struct invocation *v = w->v;
	auto_text struct text condition = { 0 };

	for (size_t i = 0; i < v->n_args; i++)
		text_printf(&condition, "%s%s", i ? " " : "", v->args[i]);
	if (v->out.json)
		out_json(&v->out, "wait", json_own(json_pack("{s:s,s:f}", "condition", text_get(&condition), "seconds",
							     (double)(took_us / 1000) / 1000)));
	else
		out_say(&v->out, "%s", text_get(&w->found));
}

static void give_up(struct waiting *w)
{
	const char *timeout = option_value(w->v, "timeout");

	diag_error(&w->v->diags, NULL, w->is_alone ? "unreachable" : "state", "not so within %s: %s", timeout ? timeout : "30s",
		   text_get(&w->found));
}

static void wait_for(struct waiting *w, const struct condition *c, int64_t timeout_us)
{
	const int64_t began_us = look_clock_us(), end_us = began_us + timeout_us;

	for (;;) {
		const int64_t look_us = look_clock_us();
		const int holds = look(w, c);
		const int64_t now_us = look_clock_us(), step_us = MAX((int64_t)STEP_US, (now_us - look_us) * STEP_PER_COST);

		if (holds > 0)
			say(w, now_us - began_us);
		else if (holds == 0 && now_us >= end_us)
			give_up(w);
		if (holds != 0 || now_us >= end_us)
			return;
		if (look_sleep(w->v, MIN(now_us + step_us, end_us), -1) != 0) {
			diag_error(&w->v->diags, NULL, "interrupted", "stopped by a signal");
			return;
		}
	}
}

static int run_wait(struct invocation *v)
{
	struct waiting w = { .v = v };
	int64_t timeout_us = 0;
	const struct condition *c = read_condition(&w);

	if (!c || look_time_option(v, "timeout", 0, TIMEOUT_US, &timeout_us) != 0)
		return 0;
	if (c->holds || c->ask) {
		wait_for(&w, c, timeout_us);
		text_release(&w.found);
		return 0;
	}
	look_needs_daemon(v, arena_printf(v->arena, "cannot wait for '%s'", c->word),
			  "the other conditions are seen without it");
	return 0;
}

const struct command command_wait = {
	.name = "wait", .arguments = "CONDITION", .lasts = true, .min_args = 1, .max_args = 3,
	.help = "Wait until the CONDITION holds, exit 0; or 3 if that takes too long. in-sync: everything is in step and no path "
		"or server is down. path NAME STATE, server PROXY/NAME STATE: it is up, probing, draining or down. up BALANCE N: at "
		"least so many of its paths are up. replicas ONION N: so many are published; that needs nlbcd.",
	.options = {
		{ "timeout", 0, "TIME", false, "how long, 30s if not given; 0s looks once" },
	},
	.run = run_wait,
};
