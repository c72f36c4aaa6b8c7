/* SPDX-License-Identifier: MIT */
/* Plays the corpus: each case whole, byte by byte and cut at each place, hundreds at once, and says what is not so. */
#include "base/base.h"

#include "corpus.h"

enum { LARGE = 1200, EDGE = 48, STRIDE = 991, FAILURES_SHOWN = 25 };

size_t cut_length(enum cut cut, bool answer, size_t cut_at, size_t at, size_t n)
{
	if (cut == (answer ? CUT_ANSWER_EVERYWHERE : CUT_EVERYWHERE))
		return MIN(n, 1);
	if (cut == (answer ? CUT_ANSWER : CUT_IN) && at < cut_at)
		return MIN(n, cut_at - at);
	return n;
}

/* ---- what went wrong --------------------------------------------------------------------------------------------- */

static void step_print(struct text *out, const struct step *want)
{
	for (size_t i = 0; i < want->n; i++)
		switch (want->pieces[i].kind) {
		case PIECE_DATE: text_puts(out, "$DATE"); break;
		case PIECE_CLIENT: text_puts(out, "$CLIENT"); break;
		case PIECE_TORN:
		case PIECE_CHUNKED: text_puts(out, "chunks of "); __attribute__((fallthrough));
		case PIECE_BYTES: text_escaped(out, want->pieces[i].bytes.p, want->pieces[i].bytes.n); break;
		}
}

static const char *cut_text(const struct trial *t, char buf[40])
{
	static const char *const texts[] = { "whole", "byte by byte", "cut at %zu", "answer byte by byte", "answer cut at %zu" };

	(void)snprintf(buf, 40, texts[t->cut], t->cut_at);
	return buf;
}

static void trial_end(struct trial *t)
{
	loop_timer_clear(&t->deadline);
	client_stop(t);
	t->live = false;
	t->corpus->live--;
}

void trial_fail(struct trial *t, const char *where, const struct step *want, const char *p, size_t n)
{
	auto_text struct text out = {0};
	char cut[40];

	if (t->failed || !t->live)
		return;
	t->failed = true;
	if (t->corpus->failed++ < FAILURES_SHOWN) {
		text_printf(&out, "FAIL %s (%s): %s\n  got:  ", t->c->name, cut_text(t, cut), where);
		text_escaped(&out, p, n);
		if (want) {
			text_puts(&out, "\n  not:  ");
			step_print(&out, want);
		}
		(void)printf("%s\n", text_get(&out));
	}
	trial_end(t);
}

void corpus_fault(struct corpus *c, const char *what, const char *p, size_t n)
{
	auto_text struct text out = {0};

	if (c->failed++ < FAILURES_SHOWN) {
		text_escaped(&out, p, n);
		(void)printf("FAIL %s:\n        %s\n", what, text_get(&out));
	}
}

/* ---- trials ------------------------------------------------------------------------------------------------------ */

static void on_deadline(struct loop *l UNUSED, struct loop_timer *timer)
{
	struct trial *t = container_of(timer, struct trial, deadline);
	const struct step *want = NULL;

	if (t->step < t->c->n_client) {
		want = &t->c->client[t->step];
		trial_fail(t, want->kind == STEP_IN ? "the client cannot send" : "the client waits", want->kind == STEP_IN ? NULL : want,
			   text_get(&t->in) + t->read, t->in.n - t->read);
	} else if (!t->done) {
		trial_fail(t, t->c->end == END_RESET ? "the client is not reset" : "the client's connection is not closed", NULL,
			   text_get(&t->in) + t->read, t->in.n - t->read);
	} else if (t->going) {
		trial_fail(t, "the server's connection is not closed", NULL, "", 0);
	} else {
		trial_fail(t, "the server waits", &t->c->server[t->server_step], "", 0);
	}
}

void trial_settle(struct trial *t)
{
	if (!t->live || !t->done || t->going)
		return;
	for (size_t i = t->server_step; i < t->c->n_server; i++)
		if (!t->c->server[i].optional)
			return;
	trial_end(t);
}

void trial_start(struct trial *t)
{
	t->live = true;
	t->corpus->live++;
	t->deadline.on_timer = on_deadline;
	loop_timer_set(&t->corpus->loop, &t->deadline, t->corpus->loop.now_us + TRIAL_US);
	client_start(t);
}

static void trial_add(struct corpus *p, const struct play_case *c, enum cut cut, size_t at)
{
	p->trials = arena_grow(p->arena, p->trials, p->n, &p->room, sizeof(*p->trials));
	p->trials[p->n] = (struct trial){
		.corpus = p, .c = c, .ports = options_proxy(p->options, c->proxy), .number = (uint32_t)p->n, .cut = cut, .cut_at = at,
	};
	p->n++;
}

/* Byte by byte takes a pause for each, so only short ones; large ones are cut at both ends and here and there. */
static void trials_add(struct corpus *p, const struct play_case *c)
{
	const bool answer = c->answer_bytes > 0;
	const size_t n = answer ? c->answer_bytes : c->in_bytes;

	trial_add(p, c, CUT_NOWHERE, 0);
	if (c->in_bytes <= SMALL)
		trial_add(p, c, CUT_EVERYWHERE, 0);
	if (answer && n <= SMALL)
		trial_add(p, c, CUT_ANSWER_EVERYWHERE, 0);
	for (size_t at = 1; at < n; at += p->options->step)
		if (n <= LARGE || at < EDGE || at + EDGE > n || at % STRIDE == 0)
			trial_add(p, c, answer ? CUT_ANSWER : CUT_IN, at);
}

/* As many at a time as there may be; those whose servers are not told who asks, one by one at the end. */
static void launch(struct corpus *p)
{
	while (p->next < p->n && p->live < (p->trials[p->next].ports->anonymous ? 1 : p->options->concurrent))
		trial_start(&p->trials[p->next++]);
}

bool play_corpus(const struct cases *c, const struct options *o)
{
	struct corpus p = { .cases = c, .options = o, .arena = arena_new() };

	for (int anonymous = 0; anonymous < 2; anonymous++)
		for (size_t i = 0; i < c->n; i++)
			if (options_proxy(o, c->v[i].proxy)->anonymous == anonymous)
				trials_add(&p, &c->v[i]);
	if (loop_init(&p.loop) < 0)
		die("epoll");
	for (size_t i = 0; i < o->n_proxies; i++)
		peers_listen(&p, &o->proxies[i]);
	const uint64_t began = clock_us();
	for (launch(&p); p.live > 0; launch(&p))
		if (loop_turn(&p.loop, 1000000) < 0)
			die("epoll_wait");
	(void)printf("%zu cases, %zu trials, %zu failed, %.1f s\n", c->n, p.n, p.failed, (double)(clock_us() - began) / 1e6);
	return p.failed == 0 && p.n > 0;
}
