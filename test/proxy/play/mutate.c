/* SPDX-License-Identifier: MIT */
/* Inputs made from the corpus by chance: lines doubled, swapped and cut, bytes changed, cases run into each other. The same
 * number gives the same bytes. */
#include "base/base.h"

#include "mutate.h"

static uint64_t draw(uint64_t *state, uint64_t n)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return n ? (z ^ (z >> 31)) % n : 0;
}

static const char *const words[] = {
	"\r\n", "\n", "\r", "\r\n\r\n", "\n\n", " ", "\t", "\v", ":", ";", ",", "0", "1", "5", "ffffffffffffffff",
	"0\r\n\r\n", "5\r\nhello\r\n",
	"Content-Length: 5\r\n", "Content-Length: 0\r\n", "Content-Length : 5\r\n", "Transfer-Encoding: chunked\r\n",
	"Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding:\tchunked\r\n", "Transfer-Encoding: xchunked\r\n",
	"Connection: close\r\n", "Connection: keep-alive\r\n", "Connection: Host\r\n", "Connection: X-Forwarded-For\r\n", "Host: b\r\n",
	"Expect: 100-continue\r\n", "Upgrade: websocket\r\nConnection: upgrade\r\n", "X-Forwarded-For: 1.2.3.4\r\n",
	"HTTP/1.0", "HTTP/1.1",
	"GET /other HTTP/1.1\r\nHost: a\r\n\r\n", "GET ", "POST / HTTP/1.1\r\nHost: a\r\n", "http://b/", "*", "#", "\"", "\xff", "\x80",
};
static const char special[] = "\0\r\n\t\v :;,\"#0123456789abcdefABCDEFGHTP/.\x7f\x80\xff";

static void splice(struct text *t, size_t at, size_t gone, const char *p, size_t n)
{
	auto_text struct text rest = {0};

	text_add(&rest, text_get(t) + at + gone, t->n - at - gone);
	t->n = at;
	text_add(t, p, n);
	text_add(t, rest.p, rest.n);
}

/* The line around `at`, with its line feed. */
static struct str line_of(const struct text *t, size_t at)
{
	size_t from = at, to = at;

	while (from > 0 && t->p[from - 1] != '\n')
		from--;
	while (to < t->n && t->p[to] != '\n')
		to++;
	return (struct str){ t->p + from, MIN(to + 1, t->n) - from };
}

static const struct step *some_input(const struct cases *c, uint64_t *state)
{
	for (;;) {
		const struct play_case *some = &c->v[draw(state, c->n)];
		if (some->in_bytes <= 1200)
			return &some->client[0];
	}
}

static void mutation(const struct cases *c, uint64_t *state, struct text *t)
{
	const size_t at = draw(state, t->n);
	auto_text struct text line = {0};
	const char *word;
	const struct step *other;

	switch (draw(state, 8)) {
	case 0:
		t->p[at] = special[draw(state, sizeof(special) - 1)];
		break;
	case 1:
	case 2:
		word = words[draw(state, ARRAY_LEN(words))];
		splice(t, draw(state, 2) ? at : (size_t)(line_of(t, at).p - t->p), 0, word, strlen(word));
		break;
	case 3:
		splice(t, at, MIN(1 + draw(state, 8), t->n - at), "", 0);
		break;
	case 4: /* a line twice */
	case 5: /* a line goes elsewhere */
		text_add(&line, line_of(t, at).p, line_of(t, at).n);
		if (draw(state, 2))
			splice(t, (size_t)(line_of(t, at).p - t->p), line.n, "", 0);
		splice(t, t->n ? (size_t)(line_of(t, draw(state, t->n)).p - t->p) : 0, 0, line.p, line.n);
		break;
	case 6:
		other = some_input(c, state);
		splice(t, at, 0, other->bytes.p, other->bytes.n);
		break;
	case 7:
		t->n = MAX(at, 1);
		break;
	}
}

void mutate(const struct cases *c, uint64_t seed, uint64_t number, struct text *out)
{
	uint64_t state = seed * 0x100000001b3 + number;

	(void)draw(&state, 0);
	for (uint64_t left = 1 + draw(&state, 3); left > 0; left--) {
		const struct step *s = some_input(c, &state);
		text_add(out, s->bytes.p, s->bytes.n);
	}
	for (uint64_t left = 1 + draw(&state, 4); left > 0 && out->n > 0; left--)
		mutation(c, &state, out);
}
