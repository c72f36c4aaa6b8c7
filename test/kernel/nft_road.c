/* SPDX-License-Identifier: MIT */
/* The nft target alone, without interfaces, journal or other targets: nft_road VERB PROFILE [ROLE] in the current
 * network namespace. Verbs: print; diff (keys that differ, 3 if any); write; again (write after reading once, so that
 * whoever commits meanwhile is met); dry-run; flush. Devices go by their profile names. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "plan/plan.h"
#include "profile/profile.h"
#include "target/kernel.h"
#include "target/target.h"

struct road {
	struct arena *a;
	struct diags d;
	struct plan *plan;
	struct kernel *k;
	struct own own;
	struct items wanted, live;
	struct changes changes;
};

static int tell(struct road *r, int status)
{
	auto_text struct text out = { 0 };

	diags_print(&r->d, DIAG_GCC, NULL, false, &out);
	fputs(text_get(&out), stderr);
	return status;
}

static bool compile(struct road *r, const char *file, const char *role)
{
	const struct profile *p = profile_read(file, NULL, r->a, &r->d);
	const struct machine *m = !p ? NULL : role ? profile_machine(p, role) : p->machines;

	r->plan = m ? plan_compile(m, NULL, NULL, NULL, r->a, &r->d) : NULL;
	return r->plan;
}

static int compare(struct road *r)
{
	items_init(&r->wanted, r->a);
	items_init(&r->live, r->a);
	int err = target_nft.lower(r->plan, LOWER_ALL, &r->wanted, &r->d);
	if (!err)
		err = target_nft.read(r->k, &r->own, &r->wanted, &r->live, &r->d);
	if (err)
		return err;
	items_sort(&r->wanted);
	items_sort_live(&r->live);
	items_diff(&r->live, &r->wanted, r->a, &r->changes);
	target_nft.stage(&r->changes, &r->live, &r->wanted);
	return target_nft.survey(r->k, r->plan, &r->changes, &r->own, &r->d);
}

static int show(const struct road *r)
{
	for (size_t i = 0; i < r->changes.n; i++) {
		const struct change *c = &r->changes.list[i];
		printf("%c %s %s\n", "+~-"[c->op], stage_name(c->stage), (c->to ? c->to : c->from)->key);
	}
	return r->changes.n ? 3 : 0;
}

static int write_stages(struct road *r, bool dry_run)
{
	int err = 0;

	for (enum stage s = STAGE_PREPARE; !err && s <= (dry_run ? STAGE_PREPARE : STAGE_RETIRE); s++)
		err = target_nft.write(r->k, r->plan, &r->changes, s, &r->own, dry_run, &r->d);
	if (!err)
		printf("%llu messages\n", (unsigned long long)kernel_writes(r->k));
	return err;
}

static int carry_out(struct road *r, const char *verb)
{
	if (strcmp(verb, "flush") == 0)
		r->plan = plan_empty(&r->plan->kernel, r->a);
	int err = compare(r);
	if (err || r->d.n_errors)
		return tell(r, 1);
	if (strcmp(verb, "diff") == 0)
		return show(r);
	if (strcmp(verb, "again") == 0 && (!fgets((char[8]){ 0 }, 8, stdin)))
		return 1;
	err = write_stages(r, strcmp(verb, "dry-run") == 0);
	return err == -ERESTART ? 75 : tell(r, err ? 2 : 0);
}

static int print(const struct road *r)
{
	auto_text struct text out = { 0 };

	target_nft.print(r->plan, "nft", &out);
	fputs(text_get(&out), stdout);
	return 0;
}

static int run(struct road *r, int argc, char **argv)
{
	if (argc < 3 || !compile(r, argv[2], argc > 3 ? argv[3] : NULL))
		return tell(r, 1);
	if (strcmp(argv[1], "print") == 0)
		return print(r);
	r->k = kernel_open(&r->d);
	return r->k ? carry_out(r, argv[1]) : tell(r, 1);
}

int main(int argc, char **argv)
{
	struct road r = { .a = arena_new() };

	diags_init(&r.d, r.a);
	r.own.arena = r.a;
	const int status = run(&r, argc, argv);
	kernel_close(r.k);
	arena_free(r.a);
	return status;
}
