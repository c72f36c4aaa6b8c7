/* SPDX-License-Identifier: MIT */
/* What stands in the way of legacy rules: a kernel without them, or without a match or target that is used, since the
 * refusal of a whole table names no rule; and rules of the other flavour of iptables. */
#include "base/base.h"

#include <errno.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/arena.h"
#include "target/ipt.h"
#include "target/kernel.h"
#include "target/uses.h"

static struct diag *no_legacy(const struct place *place, struct diags *d)
{
	struct diag *g = diag_error(d, place, "machine", "this kernel has no legacy iptables");

	diag_hint(d, g, "CONFIG_IP_NF_IPTABLES, or use target nft");
	return g;
}

int ipt_explain(const struct ipt_family *f, int err, const struct place *place, struct diags *d)
{
	if (err == -EPERM)
		diag_hint(d, diag_error(d, place, "permission", "not allowed to look at legacy table '" IPT_TABLE "'"),
			  "target iptables needs CAP_NET_RAW besides CAP_NET_ADMIN");
	else if (err == -EACCES)
		diag_hint(d, diag_error(d, place, "permission", "not allowed to look for legacy table '" IPT_TABLE "'"), "run as root");
	else if (err == -ENOPROTOOPT || err == -ENOENT || err == -EAFNOSUPPORT)
		(void)no_legacy(place, d);
	else
		diag_error(d, place, "kernel", "cannot read legacy table '" IPT_TABLE "' (%s): %s", f->word, errno_words(-err));
	return err;
}

/* ---- asking ----------------------------------------------------------------------------------------------------- */

/* 0: the kernel knows it in this revision; -errno. */
static int ask(const struct ipt_family *f, int fd, const struct ipt_part *p)
{
	struct xt_get_revision r = { .revision = p->revision };
	socklen_t n = sizeof(r);

	memcpy(r.name, p->name, MIN(strlen(p->name), sizeof(r.name) - 1));
	return getsockopt(fd, f->level, p->is_target ? f->ask_target : f->ask_match, &r, &n) < 0 ? -errno : 0;
}

static void load_module(const char *module)
{
	char *const words[] = { (char[]){ "modprobe" }, (char[]){ "-q" }, (char[]){ "--" },
				strdupa(module), NULL };
	pid_t pid;
	int status;

	if (posix_spawnp(&pid, words[0], NULL, NULL, words, environ) == 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
}

/* Every kernel with legacy tables knows MARK; where it does not answer at all, the module may only be missing. */
static int ask_for_legacy(const struct ipt_family *f, int fd)
{
	const struct ipt_extension *x = &ipt_extensions[IPT_TARGET_MARK];
	const struct ipt_part mark = { .name = x->name, .revision = x->revision, .is_target = x->is_target };
	int err = ask(f, fd, &mark);

	if (err == -ENOPROTOOPT) {
		load_module(f->module);
		err = ask(f, fd, &mark);
	}
	return err == -ENOPROTOOPT || err == -EPERM ? err : 0;
}

/* ---- what is used ----------------------------------------------------------------------------------------------- */

struct ipt_asked {
	struct ipt_part list[IPT_EXTENSIONS];
	size_t n;
};

static bool is_asked(const struct ipt_asked *a, const struct ipt_part *p)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->list[i].is_target == p->is_target && strcmp(a->list[i].name, p->name) == 0)
			return true;
	return false;
}

static void survey_rule(const struct ipt_family *f, int fd, const struct ipt_rule *r, struct ipt_asked *asked,
			struct diags *d)
{
	struct ipt_part parts[IPT_PARTS];
	const size_t n = ipt_parts(f, r->entry, parts, ARRAY_LEN(parts));

	for (size_t i = 0; i < n; i++) {
		const struct ipt_part *p = &parts[i];

		if ((p->is_target && r->jump) || is_asked(asked, p) || asked->n == ARRAY_LEN(asked->list))
			continue;
		asked->list[asked->n++] = *p;
		if (ask(f, fd, p) != 0)
			diag_hint(d, diag_error(d, &r->origin.place, "machine", "this kernel lacks match or target '%s'", p->name),
				  "module xt_%s, or use target nft", p->name);
	}
}

static bool is_to_be(const struct change *c, const struct ipt_family *f)
{
	return c->to && ((const struct ipt_chain *)c->to->obj)->family == f;
}

static int survey_family(const struct ipt_family *f, const struct plan *p, const struct changes *c, struct diags *d)
{
	struct ipt_asked asked = { .n = 0 };
	auto_close int fd = socket(f->family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	const int err = fd < 0 ? -errno : ask_for_legacy(f, fd);

	if (err == -ENOPROTOOPT || err == -EAFNOSUPPORT) {
		(void)no_legacy(&p->kernel.place, d);
		return 0;
	}
	if (err)
		return ipt_explain(f, err, &p->kernel.place, d);
	for (size_t i = 0; i < c->n; i++) {
		if (!is_to_be(&c->list[i], f))
			continue;
		const struct ipt_chain *chain = c->list[i].to->obj;

		for (size_t k = 0; k < chain->n_rules; k++)
			survey_rule(f, fd, &chain->rules[k], &asked, d);
	}
	return 0;
}

static bool has_family(const struct changes *c, const struct ipt_family *f)
{
	for (size_t i = 0; i < c->n; i++)
		if (is_to_be(&c->list[i], f))
			return true;
	return false;
}

int ipt_survey(struct kernel *k, const struct plan *p, const struct changes *c, struct own *own UNUSED, struct diags *d)
{
	int err = 0;

	if (p->kernel.target != TARGET_IPTABLES || p->n_chains == 0)
		return 0;
	const int others = uses_nft_mangle(k);

	if (others < 0)
		return ipt_explain(&ipt_families[0], others, NULL, d);
	if (others)
		diag_hint(d, diag_error(d, &p->kernel.place, "machine", "iptables-nft has rules in table '" IPT_TABLE "'; both "
					"flavours at once are not supported"), "use target nft");
	for (size_t i = 0; !err && i < IPT_FAMILIES; i++)
		if (has_family(c, &ipt_families[i]))
			err = survey_family(&ipt_families[i], p, c, d);
	return err;
}
