/* SPDX-License-Identifier: MIT */
/* Changes of our legacy chains: one commit for each family, IPv4 first, each under the lock that iptables takes. The
 * table is read anew under it, so that what others did since we compared stays, with its place and its counters. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#include "base/arena.h"
#include "target/ipt.h"
#include "target/kernel.h"
#include "target/uses.h"

enum { LOCK_TRIES = 500, LOCK_STEP_MS = 20 };

/* ---- the lock --------------------------------------------------------------------------------------------------- */

static const char *lock_file(void)
{
	const char *file = getenv("XTABLES_LOCKFILE");

	return file && *file ? file : "/run/xtables.lock";
}

/* A descriptor that holds it; -errno explained. Closing lets it go. */
static int take_lock(struct diags *d)
{
	const struct timespec step = { 0, LOCK_STEP_MS * 1000000L };
	const int fd = open(lock_file(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	int err = fd < 0 ? -errno : -EWOULDBLOCK;

	for (int i = 0; fd >= 0 && i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		err = -errno;
		if (err != -EWOULDBLOCK)
			break;
		(void)nanosleep(&step, NULL);
	}
	if (err == -EWOULDBLOCK)
		diag_hint(d, diag_error(d, NULL, "busy", "another program holds the lock of iptables"), "%s", lock_file());
	else
		diag_error(d, NULL, "kernel", "cannot lock '%s': %s", lock_file(), errno_words(-err));
	if (fd >= 0)
		(void)close(fd);
	return err;
}

/* ---- one family ------------------------------------------------------------------------------------------------- */

struct ipt_writer {
	const struct ipt_family *family;
	const struct changes *changes;
	struct xtc_handle *h;
	const struct change *failed;    /* the one at which libiptc gave up */
};

static const struct ipt_chain *chain_of(const struct change *c)
{
	return c->to ? c->to->obj : c->from->obj;
}

static int add_rules(struct ipt_writer *w, const xt_chainlabel label, const struct ipt_chain *c)
{
	for (size_t i = 0; i < c->n_rules; i++)
		if (!w->family->append_entry(label, c->rules[i].entry, w->h))
			return -errno;
	return 0;
}

static unsigned last_jump(const struct ipt_writer *w, const xt_chainlabel label)
{
	unsigned number = 0, last = 0;

	for (const void *e = w->family->first_rule(label, w->h); e; e = w->family->next_rule(e, w->h)) {
		number++;
		if (ipt_is_ours(w->family->get_target(e, w->h)))
			last = number;
	}
	return last;
}

/* In chains that are not ours only the rules that lead to ours: away with them, and ours first. */
static int change_jumps(struct ipt_writer *w, const xt_chainlabel label, const struct change *c)
{
	const struct ipt_chain *to = c->to ? c->to->obj : NULL;
	unsigned number;

	if (!w->family->is_chain(label, w->h))
		return 0;
	while ((number = last_jump(w, label)))
		if (!w->family->delete_num_entry(label, number - 1, w->h))
			return -errno;
	for (size_t i = to ? to->n_rules : 0; i > 0; i--)
		if (!w->family->insert_entry(label, to->rules[i - 1].entry, 0, w->h))
			return -errno;
	return 0;
}

static int change_chain(struct ipt_writer *w, const xt_chainlabel label, const struct change *c)
{
	if (!w->family->is_chain(label, w->h))
		return 0;
	if (!w->family->flush_entries(label, w->h))
		return -errno;
	return c->to ? add_rules(w, label, c->to->obj) : 0;
}

static int create(struct ipt_writer *w, const xt_chainlabel label, const struct change *c)
{
	return !c->to || w->family->is_chain(label, w->h) || w->family->create_chain(label, w->h) ? 0 : -errno;
}

static int delete(struct ipt_writer *w, const xt_chainlabel label, const struct change *c)
{
	return c->to || !w->family->is_chain(label, w->h) || w->family->delete_chain(label, w->h) ? 0 : -errno;
}

/* libiptc takes an entry's target for an extension unless the chain of its name is there: first all chains are made.
 * It deletes a chain only where nothing leads to it any more. */
static int fill_table(struct ipt_writer *w)
{
	static const struct {
		bool ours;
		int (*run)(struct ipt_writer *w, const xt_chainlabel label, const struct change *c);
	} rounds[] = { { true, create }, { true, change_chain }, { false, change_jumps }, { true, delete } };

	for (size_t r = 0; r < ARRAY_LEN(rounds); r++) {
		for (size_t i = 0; i < w->changes->n; i++) {
			const struct change *c = &w->changes->list[i];
			const struct ipt_chain *chain = chain_of(c);
			xt_chainlabel label = { 0 };

			if (chain->family != w->family || chain->is_ours != rounds[r].ours)
				continue;
			memcpy(label, chain->name, MIN(strlen(chain->name), sizeof(label) - 1));
			const int err = rounds[r].run(w, label, c);

			if (err) {
				w->failed = c;
				return err;
			}
		}
	}
	return 0;
}

static int explain_failure(const struct ipt_writer *w, int err, const struct plan *p, struct diags *d)
{
	const struct change *c = w->failed;

	if (c && err == -EMLINK)
		diag_error(d, refusals_place(p), "kernel", "rules of somebody else lead to chain '%s' (%s)", chain_of(c)->name,
			   w->family->word);
	else if (c)
		diag_error(d, c->to ? &c->to->origin.place : refusals_place(p), "kernel", "chain '%s' (%s) cannot be made: %s",
			   chain_of(c)->name, w->family->word, errno_words(-err));
	else
		diag_error(d, refusals_place(p), "kernel", "the kernel refused legacy table '" IPT_TABLE "' (%s): %s",
			   w->family->word, errno_words(-err));
	return err;
}

/* EAGAIN: somebody who takes no lock made the table another one. */
static int write_family(const struct ipt_family *f, const struct plan *p, const struct changes *c, bool dry_run,
			struct diags *d)
{
	struct ipt_writer w = { .family = f, .changes = c, .h = f->init(IPT_TABLE) };

	if (!w.h)
		return ipt_explain(f, -errno, refusals_place(p), d);
	int err = fill_table(&w);

	if (!err && !dry_run && !f->commit(w.h))
		err = -errno;
	f->free(w.h);
	if (err == -EAGAIN)
		return -ERESTART;
	return err ? explain_failure(&w, err, p, d) : 0;
}

static bool has_family(const struct changes *c, const struct ipt_family *f)
{
	for (size_t i = 0; i < c->n; i++)
		if (chain_of(&c->list[i])->family == f)
			return true;
	return false;
}

int ipt_write(struct kernel *k UNUSED, const struct plan *p, const struct changes *c, enum stage stage,
	      struct own *own UNUSED, bool dry_run, struct diags *d)
{
	auto_close int lock = -1;
	int err = 0;

	if (!dry_run && stage != STAGE_SWITCH)
		return 0;
	if (!dry_run && (lock = take_lock(d)) < 0)
		return lock;
	for (size_t i = 0; !err && i < IPT_FAMILIES; i++) {
		const struct ipt_family *f = &ipt_families[i];

		if (has_family(c, f) && (!dry_run || legacy_has_table(f->family, IPT_TABLE) > 0))   /* a rehearsal makes no table */
			err = write_family(f, p, c, dry_run, d);
	}
	return err;
}
