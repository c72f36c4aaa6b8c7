/* SPDX-License-Identifier: MIT */
/* Which stage a change of our table belongs to, and whose place a refused batch names. The second part asks the running
 * kernel in a network namespace of the test's own (as any user), and is left out where the machine forbids that. */
#include "base/base.h"

#include <errno.h>
#include <sched.h>

#include "nft_samples.h"
#include "target/kernel.h"
#include "target/target.h"

static struct arena *arena;
static struct diags diags;

static void set_up(void)
{
	arena = arena_new();
	diags_init(&diags, arena);
}

static void tear_down(void)
{
	arena_free(arena);
}

static struct items lower(const struct plan *p)
{
	struct items out;

	items_init(&out, arena);
	ck_assert_int_eq(target_nft.lower(p, LOWER_ALL, &out, &diags), 0);
	items_sort(&out);
	return out;
}

static struct changes changes_of(const struct items *from, const struct items *to)
{
	struct changes c;

	items_diff(from, to, arena, &c);
	target_nft.stage(&c, from, to);
	return c;
}

/* The list a change points into must live on. */
static struct changes staged(const struct plan *from, const struct plan *to)
{
	struct items *lists = arena_array(arena, struct items, 2);

	lists[0] = lower(from);
	lists[1] = lower(to);
	return changes_of(&lists[0], &lists[1]);
}

static const char *stage_of(const struct changes *c, const char *key)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp((c->list[i].to ? c->list[i].to : c->list[i].from)->key, key) == 0)
			return stage_name(c->list[i].stage);
	return "none";
}

static struct plan *empty(void)
{
	return plan_empty(&(struct kernel_conf){ .mark_mask = 0x7f000000 }, arena);
}

/* The reference with other weights, by its text. */
static struct plan *per_packet_with(const char *weights)
{
	return nft_sample(arena_printf(arena, "nlbc 1\nprofile per-packet\n" NFT_INTERFACES
		"path p1 { via 10.10.2.2; interface p1; table main }\n"
		"path p2 { via 10.10.2.4; interface p2 }\n"
		"balance forward { from 10.10.1.0/24; to 10.10.3.0/24; method per-packet; %s }\n", weights), arena);
}

START_TEST(at_first_all_is_prepared_and_the_hook_switches)
{
	const struct changes c = staged(empty(), nft_sample(per_packet, arena));

	ck_assert_str_eq(stage_of(&c, "table/nlbc"), "prepare");
	ck_assert_str_eq(stage_of(&c, "chain/choose_forward"), "prepare");
	ck_assert_str_eq(stage_of(&c, "counter/packets_forward_p1"), "prepare");
	ck_assert_str_eq(stage_of(&c, "map/turn_forward.2"), "prepare");
	ck_assert_str_eq(stage_of(&c, "elem/turn_forward.2/1"), "prepare");
	ck_assert_str_eq(stage_of(&c, "chain/pre"), "switch");
	ck_assert_str_eq(stage_of(&c, "chain/about"), "none");
}
END_TEST

START_TEST(at_last_the_hook_goes_first)
{
	const struct changes c = staged(nft_sample(per_packet, arena), empty());

	ck_assert_str_eq(stage_of(&c, "chain/pre"), "switch");
	ck_assert_str_eq(stage_of(&c, "chain/choose_forward"), "retire");
	ck_assert_str_eq(stage_of(&c, "elem/turn_forward.2/1"), "retire");
	ck_assert_str_eq(stage_of(&c, "table/nlbc"), "retire");
}
END_TEST

START_TEST(another_turn_is_a_new_map_a_new_choice_and_an_old_map)
{
	const struct changes c = staged(per_packet_with("path p1; path p2"), per_packet_with("path p1 weight 3; path p2"));

	ck_assert_str_eq(stage_of(&c, "map/turn_forward.4"), "prepare");
	ck_assert_str_eq(stage_of(&c, "elem/turn_forward.4/3"), "prepare");
	ck_assert_str_eq(stage_of(&c, "chain/choose_forward"), "switch");
	ck_assert_str_eq(stage_of(&c, "map/turn_forward.2"), "retire");
	ck_assert_str_eq(stage_of(&c, "elem/turn_forward.2/0"), "retire");
	ck_assert_uint_eq(c.n, 1 + 4 + 1 + 1 + 2);
}
END_TEST

START_TEST(entries_of_a_map_that_stays_switch)
{
	struct plan *after = nft_sample(per_flow, arena);
	struct map *maps = arena_array(arena, struct map, after->n_maps);

	for (size_t i = 0; i < after->n_maps; i++) {
		maps[i] = after->maps[i];
		if (maps[i].kind == MAP_MARKS)
			maps[i].n--;
		if (maps[i].kind == MAP_SLOTS)
			maps[i].entries[3].chain = maps[i].entries[0].chain;
	}
	after->maps = maps;
	const struct changes c = staged(nft_sample(per_flow, arena), after);
	ck_assert_str_eq(stage_of(&c, "elem/live_forward/0x02000000"), "switch");
	ck_assert_str_eq(stage_of(&c, "elem/slots_forward.16/3"), "switch");
	ck_assert_uint_eq(c.n, 2);
}
END_TEST

/* ---- against the kernel ----------------------------------------------------------------------------------------- */

static struct kernel *own_namespace(void)
{
	return unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? kernel_open(&diags) : NULL;
}

/* Applies the plan to an empty rule-set, as far as it goes. */
static int apply(struct kernel *k, const struct plan *p)
{
	const struct items wanted = lower(p);
	struct own own = { .arena = arena };
	struct items live;
	int err;

	items_init(&live, arena);
	err = target_nft.read(k, &own, &wanted, &live, &diags);
	items_sort(&live);
	const struct changes c = changes_of(&live, &wanted);
	for (enum stage s = STAGE_PREPARE; !err && s <= STAGE_RETIRE; s++)
		err = target_nft.write(k, p, &c, s, &own, false, &diags);
	return err;
}

static void first_error_is(const char *text, unsigned line)
{
	ck_assert_uint_ge(diags.n_errors, 1);
	ck_assert_str_eq(diags.list[0]->text, text);
	ck_assert_uint_eq(diags.list[0]->place.line, line);
}

START_TEST(a_refused_entry_is_told_at_its_own_place)
{
	struct kernel *k = own_namespace();
	struct plan *p = nft_sample(per_flow, arena);
	const struct source source = { .name = "x.prof" };

	if (!k)
		return;
	for (size_t i = 0; i < p->n_maps; i++) {
		if (p->maps[i].kind != MAP_SLOTS)
			continue;
		p->maps[i].entries[11].chain = "nowhere";
		p->maps[i].entries[11].origin = (struct origin){ "path 'p2'", { .source = &source, .line = 42, .column = 1 } };
	}
	ck_assert_int_eq(apply(k, p), -ENOENT);
	first_error_is("the kernel refused path 'p2': No such file or directory", 42);
	kernel_close(k);
}
END_TEST

START_TEST(a_refused_rule_is_told_at_its_own_place)
{
	static const struct op there[] = { { .kind = OP_GOTO, .name = "nowhere" } };
	struct kernel *k = own_namespace();
	struct plan *p = nft_sample(per_packet, arena);
	const struct source source = { .name = "x.prof" };
	const struct chain_rule rules[] = {
		{ .ops = there, .n_ops = 1, .origin = { "balance 'forward'", { .source = &source, .line = 7, .column = 1 } } },
	};
	struct chain *chains = arena_array(arena, struct chain, p->n_chains + 1);

	if (!k)
		return;
	memcpy(chains, p->chains, sizeof(*chains) * p->n_chains);
	chains[p->n_chains++] = (struct chain){ .name = "zz", .rules = rules, .n_rules = 1 };
	p->chains = chains;
	ck_assert_int_eq(apply(k, p), -ENOENT);
	first_error_is("the kernel refused balance 'forward': No such file or directory", 7);
	kernel_close(k);
}
END_TEST

START_TEST(what_was_written_is_read_and_trusted)
{
	struct kernel *k = own_namespace();
	const struct plan *p = nft_sample(all_sorts, arena);
	const struct items wanted = lower(p);
	struct own own = { .arena = arena };
	struct items live;

	if (!k)
		return;
	ck_assert_int_eq(apply(k, p), 0);
	items_init(&live, arena);
	ck_assert_int_eq(target_nft.read(k, &own, &wanted, &live, &diags), 0);
	items_sort(&live);
	ck_assert_uint_eq(changes_of(&live, &wanted).n, 0);
	own.trusted = true;
	own.nft_generation = kernel_generation(k);
	ck_assert_int_eq(target_nft.read(k, &own, &wanted, &live, &diags), 0);
	ck_assert_ptr_eq(live.list, wanted.list);
	own.nft_generation--;
	ck_assert_int_eq(target_nft.read(k, &own, &wanted, &live, &diags), 0);
	ck_assert_ptr_ne(live.list, wanted.list);
	kernel_close(k);
}
END_TEST

START_TEST(counters_are_counted_by_name)
{
	struct kernel *k = own_namespace();
	struct counts counts = { .arena = arena };

	if (!k)
		return;
	ck_assert_int_eq(target_nft.count(k, NULL, &counts, &diags), 0);
	ck_assert_uint_eq(counts.n, 0);
	ck_assert_int_eq(apply(k, nft_sample(per_flow, arena)), 0);
	ck_assert_int_eq(target_nft.count(k, NULL, &counts, &diags), 0);
	ck_assert_uint_eq(counts.n, 6);
	ck_assert_str_eq(counts.list[0].name, "arrivals_p1");
	ck_assert_str_eq(counts.list[5].name, "packets_forward_p2");
	ck_assert_uint_eq(counts.list[5].packets, 0);
	kernel_close(k);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, at_first_all_is_prepared_and_the_hook_switches);
	tcase_add_test(tc, at_last_the_hook_goes_first);
	tcase_add_test(tc, another_turn_is_a_new_map_a_new_choice_and_an_old_map);
	tcase_add_test(tc, entries_of_a_map_that_stays_switch);
	tcase_add_test(tc, a_refused_entry_is_told_at_its_own_place);
	tcase_add_test(tc, a_refused_rule_is_told_at_its_own_place);
	tcase_add_test(tc, what_was_written_is_read_and_trusted);
	tcase_add_test(tc, counters_are_counted_by_name);
}
