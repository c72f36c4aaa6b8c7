/* SPDX-License-Identifier: MIT */
/* The inside of transport_solve(): a dual network simplex on a tree of rows, columns and one root. Any spanning tree gives
 * potentials that make its arcs' reduced costs 0; every other arc rests at the bound that its reduced cost asks for, so
 * that only flows of tree arcs may be wrong. A pivot takes a tree arc whose flow is beyond a bound out and shifts one side. */
#ifndef NLBC_WEIGHTS_SIMPLEX_H
#define NLBC_WEIGHTS_SIMPLEX_H

#include "base/base.h"
#include "weights/transport.h"

struct crew;
struct progress;

/* Costs and potentials as the vectorised search for arcs reads them: modulo 2^16 or 2^32. Exactly one is set. */
struct lanes {
	uint16_t *l16;
	uint32_t *l32;
};

/* An arc (row, column); a column's arc to the root has row == ARC_ROOT. */
#define ARC_ROOT UINT32_MAX
struct arc {
	uint32_t row, column;
};
/* Costs are penalties with binary places below them, of which the lower ones hold digits that break ties: not all, so that
 * what adds up along a path of the tree seldom reaches a penalty. Both 0: costs are penalties. */
struct ties {
	unsigned places, digits;
};
/* Something to be taken in order of key until weights have reached a sum: see choose_until(). */
struct choice {
	int64_t key, weight;
	struct arc arc;
};

/* An arc with its cost. */
struct near_arc {
	struct arc arc;
	int64_t cost;
};

/* Nodes: rows 0 to m-1, columns m to m+n-1, root m+n. The arc of a node is that to its parent: of a row or a column it is
 * the pair of both, with bounds 0 and weight · bound; of a column below the root it is what the column has left. */
struct simplex {
	const struct transport *t;
	struct progress *progress;
	double progress_scale;
	size_t m, n, n_nodes;            /* rows of this level, all columns, nodes */
	const uint32_t *rows;            /* [m] which rows of t they are */
	int64_t *weight;                 /* [m] of them on this level */
	int64_t clients;                 /* sum of weight */
	struct ties ties;

	struct values by_row;            /* costs of all rows of t: its penalties, or those with ties broken */
	void *block;                     /* all that follows */
	struct lanes by_column;          /* [n × m] */
	struct lanes column_key, row_key;        /* lanes of: potential of columns; minus that of rows */
	size_t full_words;
	uint64_t *full;                  /* [m × full_words] arcs outside the tree that rest at their upper bound */

	int32_t *parent, *child, *next, *previous;       /* the tree: first child, siblings; -1: none */
	uint32_t *size;                  /* nodes of the subtree */
	int64_t *potential;              /* reduced cost = cost + potential(column) - potential(row); price: less the root's */
	wide *flow;                      /* of the arc to the parent */
	int64_t *capacity;               /* its upper bound; INT64_MAX: none */

	double *wrong;                   /* square of how far the flow is beyond its bounds */
	uint32_t *wrong_nodes, n_wrong;  /* those with wrong > 0 */
	int32_t *wrong_at;               /* where in wrong_nodes; -1 */
	uint32_t *touched, n_touched;    /* nodes whose flow has changed since they were last looked at */
	bool *is_touched;
	wide *push;                      /* scratch of push_all() */
	uint32_t *order;                 /* scratch: nodes */

	uint8_t *in_side;                /* the side of the cut that is listed */
	uint32_t *side, n_side;
	bool side_is_subtree;
	struct crew *crew;               /* NULL: one thread */
	struct choice *found;            /* scratch of parts of a search */
	int64_t *keys;                   /* [n] scratch of cost_keys() */
	struct choice *choices;          /* arcs across the cut */
	size_t n_choices, room_choices;

	struct near_arc *near;           /* all arcs whose reduced costs are within `reach` of 0, and others */
	size_t n_near, room_near;
	uint64_t *is_near;               /* [m × full_words] which are listed */
	int64_t horizon, reach;          /* reach of a new list, and what shifts have left of it; -1: there is no list */
	double swept, drift;             /* arcs that large cuts would look at without one, and what shifts took from reach, in all */

	double found_weight, searched;   /* what lately was found: arcs' weight, in so many arcs times units of step */
	uint64_t pivots, work, work_told;
	unsigned idle;                   /* pivots since the value last rose */
};

static inline uint32_t simplex_root(const struct simplex *s) { return (uint32_t)(s->m + s->n); }
static inline bool simplex_is_row(const struct simplex *s, uint32_t v) { return v < s->m; }
static inline uint32_t simplex_column(const struct simplex *s, size_t i) { return (uint32_t)(s->m + i); }
static inline bool simplex_full(const struct simplex *s, struct arc a)
{
	return s->full[a.row * s->full_words + a.column / 64] >> a.column % 64 & 1;
}
static inline void simplex_set_full(struct simplex *s, struct arc a, bool is_full)
{
	uint64_t *word = &s->full[a.row * s->full_words + a.column / 64];
	const uint64_t bit = (uint64_t)1 << a.column % 64;

	*word = is_full ? *word | bit : *word & ~bit;
}
static inline int64_t arc_capacity(const struct simplex *s, struct arc a)
{
	return a.row == ARC_ROOT ? INT64_MAX : s->weight[a.row] * s->t->bound[a.column];
}

/* simplex_cost.c: costs, and lines of them searched. */
int64_t cost_of(const struct simplex *s, struct arc a);
int64_t reduced_cost(const struct simplex *s, struct arc a);
/* Cost and potential of the column for all arcs of a row, into s->keys: reduced costs, but for the row's own potential. */
void cost_keys(struct simplex *s, uint32_t row);
/* Brings column_key or row_key up to date for one node. */
void cost_set_key(struct simplex *s, uint32_t node);
/* What to break the ties of t with. */
struct ties cost_ties(const struct transport *t);
/* All costs of t with that, modulo 2^16 or 2^32, into lanes for m × n. */
void cost_make_rows(const struct transport *t, struct ties ties, struct crew *crew, const struct lanes *out);
/* by_column from by_row. */
void cost_make_columns(struct simplex *s);
/* A row's costs with the columns' keys, or a column's with the rows', to be searched a piece at a time. */
enum { LINE_PIECE = 2048 };
struct line {
	size_t length;
	uint64_t potential;              /* of the line itself, as a key */
	const uint16_t *cost16, *key16;
	const uint32_t *cost32, *key32;
};
void cost_line(const struct simplex *s, bool is_row, uint32_t number, struct line *out);
/* Where, counted from `from`, in a piece reduced costs may lie within base to base + reach: none that does is left out, but
 * some more may be among them, as lanes are cut off. Ascending; returns their number. */
size_t cost_search(const struct line *l, size_t from, int64_t base, int64_t reach, uint32_t hits[LINE_PIECE]);

/* simplex_search.c: what is asked for: arcs across the cut whose reduced cost reaches 0 by a step from `from` to `to`. */
struct window {
	int64_t from, to;
	bool up;                         /* the listed side goes up */
	bool by_number;                  /* only the least step, of those the first arc, is wanted (Bland's rule) */
	bool is_full;                    /* no room for all that is needed: the nearest room_choices / 2 are certain */
	wide enough;                     /* weights that are needed in all */
};
/* How the listed side is made up. */
struct side_counts {
	size_t rows, columns;
};
/* Adds what it finds to s->choices. */
void search_cut(struct simplex *s, struct window *w, const struct side_counts *c);

/* simplex_near.c: arcs near 0, none of which are listed at first. */
void near_init(struct simplex *s);
/* Lists them, as far as there is room. */
void near_make(struct simplex *s);
/* Keeps the list after the listed side was shifted by `step`. */
void near_follow(struct simplex *s, int64_t step, const struct side_counts *c);

/* simplex_choose.c: brings the first choices in order of (key, larger weight first, arc) whose weights reach `sum` to the
 * front, or the first most + 1 if those do not reach it; returns the place of the last of them, or n if there are none so
 * many. Linear time; the last is in its place, those before it in any order. */
size_t choose_until(struct choice *c, size_t n, wide sum, size_t most);

/* simplex_tree.c */
void tree_attach(struct simplex *s, uint32_t node, uint32_t parent);
void tree_detach(struct simplex *s, uint32_t node);
/* Nodes of the subtree of v, parents first; returns their number. */
size_t tree_list(const struct simplex *s, uint32_t v, uint32_t *list);
/* The same of all others, beginning at the root. */
size_t tree_list_others(const struct simplex *s, uint32_t v, uint32_t *list);
/* Sizes of all subtrees, from nothing; leaves the nodes in s->order, parents first. */
void tree_count(struct simplex *s);
/* Which pair the arc from v to its parent is. */
struct arc tree_arc(const struct simplex *s, uint32_t v);
/* The arc from v to its parent gives way to the one between `inner`, in the subtree of v, and `outer`, outside of it. */
void tree_exchange(struct simplex *s, uint32_t v, uint32_t inner, uint32_t outer, wide flow, int64_t capacity);

/* simplex_flow.c */
void flow_touch(struct simplex *s, uint32_t v);
/* Looks at what was touched: which flows are wrong. */
void flow_settle(struct simplex *s);
/* Flows of all tree arcs from supplies and full arcs. */
void flow_compute(struct simplex *s);
/* The pair's flow, outside the tree, grows by `by`: what that does to the tree's. */
void flow_push(struct simplex *s, struct arc a, wide by);
/* The same for n pairs, each of which goes from one bound to the other. */
void flow_flip(struct simplex *s, const struct choice *flips, size_t n);

/* simplex_ratio.c: how far the side of v can be shifted for the flow of its arc to come right, `up` or down: the entering
 * arc is choices[result], those before it go to their other bounds. */
size_t ratio_test(struct simplex *s, uint32_t v, bool up, wide violation, bool by_number);
/* How the listed side is made up. */
struct side_counts side_count(const struct simplex *s);
/* Shifts the side that the last ratio_test() listed, as the subtree of its node goes by `step`, up or down. */
void ratio_shift(struct simplex *s, int64_t step, bool up);

/* simplex_start.c: the tree of `hint` (in rows of t; `place` gives their number on this level, or -1), completed;
 * potentials, full arcs, flows. */
void start_from(struct simplex *s, const struct transport_tree *hint, const int32_t *place);
/* Takes tie digits away: the same tree, and arcs whose reduced cost is 0 without them stay as they are. */
void start_restore(struct simplex *s);

/* simplex_room.c: working memory for m rows of t; by_row is not in it. */
void simplex_init(struct simplex *s, const struct transport *t, size_t m, bool is_narrow);
void simplex_release(struct simplex *s);
uint64_t simplex_bytes(size_t m, size_t n, bool is_narrow);

/* simplex_answer.c: what transport_solve() gives, of a level of all rows. */
void answer_fill(const struct simplex *s, struct transport_answer *out);

/* simplex.c: pivots until nothing is wrong; after `patience` of them that did not raise the value, arcs are taken by their
 * number. 0, -EINTR. */
int simplex_run(struct simplex *s, size_t patience) MUST_USE;

#endif
