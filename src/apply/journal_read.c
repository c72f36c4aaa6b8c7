/* SPDX-License-Identifier: MIT */
/* Reading the journal's records. What a record holds that this nlbc does not know is passed over: a newer one may have
 * written it. Only whole lines count. */
#include "base/base.h"

#include "apply/history.h"
#include "apply/journal_read.h"

enum { LIST_LIMIT = 65536 };                /* entries; none of ours is longer than 4096 */

static struct str next_word(struct str *rest)
{
	size_t i = 0;

	while (i < rest->n && rest->p[i] == ' ')
		i++;
	size_t start = i;

	while (i < rest->n && rest->p[i] != ' ')
		i++;
	struct str word = { rest->p + start, i - start };

	rest->p += i;
	rest->n -= i;
	return word;
}

/* The value of `name=` among the words; empty if it is not there. */
static struct str field(struct str words, const char *name)
{
	size_t n = strlen(name);

	while (words.n) {
		struct str w = next_word(&words);

		if (w.n > n && w.p[n] == '=' && memcmp(w.p, name, n) == 0)
			return (struct str){ w.p + n + 1, w.n - n - 1 };
	}
	return (struct str){ "", 0 };
}

static uint64_t number_of(struct str s)
{
	uint64_t v = 0;

	return parse_uint(s, &v) == 0 ? v : 0;
}

static uint64_t field_number(struct str words, const char *name)
{
	return number_of(field(words, name));
}

static const char *field_text(struct arena *a, struct str words, const char *name)
{
	struct str v = field(words, name);

	return v.n ? arena_str(a, v) : "-";
}

static void read_begin(struct journal *j, struct str words)
{
	struct arena *a = j->arena;

	j->now = (struct generation){
		.number = field_number(words, "gen"), .from = field_number(words, "from"),
		.verb = field_text(a, words, "verb"), .profile = field_text(a, words, "profile"),
		.role = field_text(a, words, "role"), .sum = field_text(a, words, "sum"),
		.target = field_text(a, words, "target"), .by = field_text(a, words, "by"),
		.at = field_text(a, words, "at"), .pid = (long)field_number(words, "pid"),
		.before = field_text(a, words, "before"),
		.kernel = {
			.mark_mask = (uint32_t)field_number(words, "mark-mask"),
			.rule_base = (uint32_t)field_number(words, "rule-base"),
			.table_base = (uint32_t)field_number(words, "table-base"),
			.route_protocol = (uint8_t)field_number(words, "route-protocol"),
		},
		.rule_size = (uint32_t)field_number(words, "rules"),
	};
	j->now.kernel.target = target_of_name(j->now.target);
	j->last = MAX(j->last, j->now.number);
	j->end = JOURNAL_UNFINISHED;
	j->memory = (struct memory){ 0 };      /* all that is remembered follows it */
	if (j->now.number)
		(void)history_note(j, &j->now);
	else
		j->trial = (struct trial){ 0 };        /* a flush leaves nothing to confirm */
}

static void read_done(struct journal *j, struct str words)
{
	j->end = JOURNAL_DONE;
	j->in_force = j->now;
	for (size_t i = 0; i < j->n_displaced; i++)
		j->displaced[i].former = NULL;
	if (j->now.number) {
		struct past *p = history_note(j, &j->now);

		if (p->outcome == OUTCOME_UNFINISHED)
			p->outcome = OUTCOME_APPLIED;
	}
	j->done_sum = field_text(j->arena, words, "sum");
	j->steer_sum = field_text(j->arena, words, "steer");
	j->basis = field_text(j->arena, words, "basis");
	j->nft_generation = (uint32_t)field_number(words, "nft");
}

static void read_number(struct journal *j, struct str words)
{
	const char *name = arena_str(j->arena, next_word(&words));
	uint32_t number = (uint32_t)number_of(next_word(&words));
	uint32_t freed = (uint32_t)field_number(words, "freed");
	bool balance = strncmp(name, "balance/", 8) == 0;
	struct numbered **list = balance ? &j->memory.balances : &j->memory.paths;
	size_t *n = balance ? &j->memory.n_balances : &j->memory.n_paths;

	if ((*n & (*n - 1)) == 0) {            /* the capacity is the next power of two */
		struct numbered *bigger = arena_array(j->arena, struct numbered, *n ? *n * 2 : 1);

		if (*n)
			memcpy(bigger, *list, *n * sizeof(**list));
		*list = bigger;
	}
	(*list)[(*n)++] = (struct numbered){ balance ? name + 8 : name, number, freed };
}

/* The owners as runs: `1 2 1 2`, `1*128 2*128`; `-` for nobody, `x` for refused. */
static void read_owners(struct owner_list *l, struct str words)
{
	uint32_t i = 0;

	while (words.n && i < l->size) {
		struct str w = next_word(&words);
		const char *star = w.n ? memchr(w.p, '*', w.n) : NULL;
		struct str owner = { w.p, star ? (size_t)(star - w.p) : w.n };
		uint64_t run = star ? number_of((struct str){ star + 1, w.n - owner.n - 1 }) : 1;
		uint16_t who = str_is(owner, "x") ? UINT16_MAX : (uint16_t)number_of(owner);

		while (run-- && i < l->size)
			l->owner[i++] = who;
	}
}

static void read_list(struct journal *j, struct str words, bool turn)
{
	struct memory *m = &j->memory;
	struct owner_list l = { .balance = arena_str(j->arena, next_word(&words)), .turn = turn };

	const uint64_t size = number_of(next_word(&words));

	l.size = (uint32_t)MIN(size, LIST_LIMIT);
	l.owner = arena_array(j->arena, uint16_t, l.size);
	read_owners(&l, words);
	for (size_t i = 0; i < m->n_lists; i++) {
		if (m->lists[i].turn == turn && strcmp(m->lists[i].balance, l.balance) == 0) {
			m->lists[i] = l;               /* a member changed within the generation */
			return;
		}
	}
	struct owner_list *bigger = arena_array(j->arena, struct owner_list, m->n_lists + 1);

	if (m->n_lists)
		memcpy(bigger, m->lists, m->n_lists * sizeof(l));
	bigger[m->n_lists++] = l;
	m->lists = bigger;
}

static enum member_state state_of(struct str s)
{
	for (enum member_state i = MEMBER_UP; i <= MEMBER_DOWN; i++)
		if (str_is(s, member_state_name(i)))
			return i;
	return MEMBER_UP;
}

static enum member_reason reason_of(struct str s)
{
	for (enum member_reason r = REASON_HAND; r <= REASON_ROUTE; r++)
		if (str_is(s, member_reason_name(r)))
			return r;
	return REASON_NONE;
}

static void read_hand(struct journal *j, struct str words)
{
	struct str what = next_word(&words);
	char *name = arena_str(j->arena, next_word(&words));
	struct str value = next_word(&words);
	char *slash = strchr(name, '/');

	if (str_is(what, "path"))
		memory_hold_state(&j->memory, name, state_of(value), j->arena);
	else if (str_is(what, "weight") && slash)
		memory_hold_weight(&j->memory, arena_copy(j->arena, name, (size_t)(slash - name)), slash + 1,
				   (uint32_t)number_of(value), j->arena);
	else if (str_is(what, "weight"))
		memory_hold_weight(&j->memory, NULL, name, (uint32_t)number_of(value), j->arena);
}

static void read_found(struct journal *j, struct str words)
{
	if (!str_is(next_word(&words), "path"))
		return;
	const char *name = arena_str(j->arena, next_word(&words));
	enum member_state state = state_of(next_word(&words));

	memory_found(&j->memory, name, state, reason_of(next_word(&words)), j->arena);
}

static void read_displaced(struct journal *j, struct str words, bool ours)
{
	const char *key = arena_str(j->arena, next_word(&words));

	if (words.n)
		words.p++, words.n--;
	const char *value = arena_str(j->arena, words);

	for (size_t i = j->n_displaced; ours && i-- > 0;) {    /* mostly it stands right behind its `displaced` */
		struct displaced *d = &j->displaced[i];

		if (strcmp(d->key, key) != 0)
			continue;
		d->former = d->ours;
		d->ours = value;
		break;
	}
	if (ours)
		return;
	j->displaced = arena_grow(j->arena, j->displaced, j->n_displaced, &j->displaced_room, sizeof(*j->displaced));
	j->displaced[j->n_displaced++] = (struct displaced){ .key = key, .value = value };
}

static void read_since(struct journal *j, struct str words)
{
	const char *path = arena_str(j->arena, next_word(&words));

	journal_set_since(j, path, arena_str(j->arena, next_word(&words)));
}

static void read_last(struct journal *j, struct str words)
{
	const uint64_t last = number_of(next_word(&words));

	j->last = MAX(j->last, last);
}

static enum outcome outcome_of(struct str s)
{
	for (enum outcome o = OUTCOME_UNFINISHED; o <= OUTCOME_ROLLED_BACK; o++)
		if (str_is(s, outcome_name(o)))
			return o;
	return OUTCOME_UNFINISHED;
}

static void read_history(struct journal *j, struct str words)
{
	struct arena *a = j->arena;
	const struct generation g = {
		.number = field_number(words, "gen"), .verb = field_text(a, words, "verb"),
		.profile = field_text(a, words, "profile"), .role = field_text(a, words, "role"),
		.sum = field_text(a, words, "sum"), .by = field_text(a, words, "by"), .at = field_text(a, words, "at"),
	};
	struct past *p = history_note(j, &g);

	p->outcome = outcome_of(field(words, "outcome"));
	p->why = field_text(a, words, "why");
}

/* Seconds with up to three digits behind the point, as milliseconds. */
static uint64_t milliseconds_of(struct str s)
{
	uint64_t v = 0;

	return parse_millionths(s, &v) == 0 ? v / 1000 : 0;
}

static void read_confirm_by(struct journal *j, struct str words)
{
	struct past *p = history_find(j, field_number(words, "gen"));

	j->trial = (struct trial){
		.number = field_number(words, "gen"), .to = field_number(words, "to"),
		.until_ms = milliseconds_of(field(words, "boottime")), .before = field_text(j->arena, words, "before"),
		.save = field_number(words, "save"),
	};
	if (p)
		p->outcome = OUTCOME_UNCONFIRMED;
}

static void read_confirmed(struct journal *j, struct str words)
{
	struct past *p = history_find(j, field_number(words, "gen"));

	if (p)
		p->outcome = OUTCOME_APPLIED;
	j->trial = (struct trial){ 0 };
}

static void read_undo(struct journal *j, struct str words)
{
	j->end = JOURNAL_UNFINISHED;
	j->trial.over |= j->trial.number && str_is(field(words, "why"), "unconfirmed");
}

void journal_read_record(struct journal *j, struct str line)
{
	struct str words = line;
	struct str kind = next_word(&words);

	if (str_is(kind, "begin"))
		read_begin(j, words);
	else if (str_is(kind, "done"))
		read_done(j, words);
	else if (str_is(kind, "confirm-by"))
		read_confirm_by(j, words);
	else if (str_is(kind, "confirmed"))
		read_confirmed(j, words);
	else if (str_is(kind, "undo"))
		read_undo(j, words);
	else if (str_is(kind, "number"))
		read_number(j, words);
	else if (str_is(kind, "slots") || str_is(kind, "turn"))
		read_list(j, words, str_is(kind, "turn"));
	else if (str_is(kind, "displaced") || str_is(kind, "wrote"))
		read_displaced(j, words, str_is(kind, "wrote"));
	else if (str_is(kind, "hand"))
		read_hand(j, words);
	else if (str_is(kind, "state"))
		read_found(j, words);
	else if (str_is(kind, "since"))
		read_since(j, words);
	else if (str_is(kind, "last"))
		read_last(j, words);
	else if (str_is(kind, "history"))
		read_history(j, words);
}

bool journal_is_head(const struct journal *j, struct str line)
{
	return str_is(field(line, "boot"), j->boot) && str_is(field(line, "netns"), j->netns);
}
