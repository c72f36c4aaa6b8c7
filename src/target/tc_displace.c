/* SPDX-License-Identifier: MIT */
/* Before a tree is built: is the kind there, and whose root stands in its place. A foreign one is saved as the messages
 * that make it again, if that can be done wholly. */
#include "base/base.h"

#include <errno.h>
#include <linux/rtnetlink.h>

#include "base/arena.h"
#include "base/text.h"
#include "target/tc_wire.h"

/* ---- kinds ------------------------------------------------------------------------------------------------------ */

static const struct {
	enum node_kind node;
	const char *kind, *option, *module;
} probed[] = {
	{ NODE_HTB, "htb", "CONFIG_NET_SCH_HTB", "sch_htb" },
	{ NODE_TBF, "tbf", "CONFIG_NET_SCH_TBF", "sch_tbf" },
	{ NODE_NETEM, "netem", "CONFIG_NET_SCH_NETEM", "sch_netem" },
	{ NODE_FQ_CODEL, "fq_codel", "CONFIG_NET_SCH_FQ_CODEL", "sch_fq_codel" },
};

/* Asks for a queue on lo in a form that the kind itself refuses; a kind that is not there is refused with ENOENT before
 * that. The errno decides: older kernels send no text. 1: it is there; 0: not; -errno: not answered. */
static int has_kind(struct kernel *k, const char *kind)
{
	char buf[128];
	struct nlmsghdr *q = mnl_nlmsg_put_header(buf);
	q->nlmsg_type = RTM_NEWQDISC;
	q->nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
	struct tcmsg *t = mnl_nlmsg_put_extra_header(q, sizeof(*t));
	t->tcm_ifindex = kernel_device_index(k, "lo");
	t->tcm_parent = TC_H_ROOT;
	t->tcm_handle = TC_OURS;
	mnl_attr_put_strz(q, TCA_KIND, kind);
	if (strcmp(kind, "fq_codel") == 0) {
		struct nlattr *options = mnl_attr_nest_start(q, TCA_OPTIONS);
		mnl_attr_put_u8(q, TCA_FQ_CODEL_TARGET, 1);
		mnl_attr_nest_end(q, options);
	}
	auto_answer struct answer none = {0};
	int err = kernel_ask(k, KERNEL_ROUTE, q, &none);
	if (err == -ENOENT)
		return 0;
	return err >= 0 || err == -EINVAL || err == -ERANGE || err == -EPERM || err == -EOPNOTSUPP ? 1 : err;
}

static bool makes(const struct changes *c, const struct tc_tree *t)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct change *change = &c->list[i];
		const char *key = change->to ? change->to->key : change->from->key;
		if (str_is(tc_device_of(key), t->device) && tc_needs_rebuild(change))
			return true;
	}
	return false;
}

static size_t probe_of(enum node_kind kind)
{
	size_t i = 0;
	while (i < ARRAY_LEN(probed) && probed[i].node != kind)
		i++;
	return i;
}

enum known { KNOWN_NOT, KNOWN_PRESENT, KNOWN_MISSING };

/* A missing kind is said at each tree that asks for it, and looked for once. */
static int check_node(struct kernel *k, const struct tc_node *node, enum known *known, struct diags *d)
{
	const size_t i = probe_of(node->kind);
	if (i == ARRAY_LEN(probed))
		return 0;
	if (known[i] == KNOWN_NOT) {
		int there = has_kind(k, probed[i].kind);
		if (there < 0) {
			diag_error(d, &node->origin.place, "kernel", "cannot ask the kernel for %s: %s", probed[i].kind,
				   errno_words(-there));
			return there;
		}
		known[i] = there ? KNOWN_PRESENT : KNOWN_MISSING;
	}
	if (known[i] == KNOWN_MISSING)
		diag_hint(d, diag_error(d, &node->origin.place, "machine", "this kernel has no %s", probed[i].kind),
			  "%s (module %s)", probed[i].option, probed[i].module);
	return 0;
}

static int check_kinds(struct kernel *k, const struct plan *p, const struct changes *c, struct diags *d)
{
	enum known known[ARRAY_LEN(probed)] = {0};
	int err = 0;
	for (size_t i = 0; i < p->n_trees; i++) {
		const struct tc_tree *t = &p->trees[i];
		for (size_t n = 0; err == 0 && n < t->n_nodes && makes(c, t); n++)
			err = check_node(k, &t->nodes[n], known, d);
	}
	return err;
}

/* ---- saving a tree ---------------------------------------------------------------------------------------------- */

struct saver {
	struct kernel *kernel;
	struct arena *arena;
	int index;
	const struct nlmsghdr **parts;      /* queues and classes of the device, in dump order */
	bool *saved;
	size_t n, room;
	struct batch batch;                 /* requests that make them again */
};

static bool can_put_back(const char *kind)
{
	static const char *const known[] = {
		"htb", "tbf", "netem", "bfifo", "pfifo", "pfifo_fast", "fq", "fq_codel", "sfq", "prio",
	};
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(known[i], kind) == 0)
			return true;
	return false;
}

static const struct nlattr *attr_of(const struct nlmsghdr *m, uint16_t type)
{
	const struct nlattr *attr;
	mnl_attr_for_each(attr, m, sizeof(struct tcmsg))
		if (mnl_attr_get_type(attr) == type)
			return attr;
	return NULL;
}

static const char *kind_of(const struct nlmsghdr *m)
{
	const struct nlattr *attr = attr_of(m, TCA_KIND);
	return attr ? mnl_attr_get_str(attr) : "";
}

static const struct tcmsg *head_of(const struct nlmsghdr *m)
{
	return mnl_nlmsg_get_payload(m);
}

static void add_part(struct saver *s, const struct nlmsghdr *m)
{
	s->parts = arena_grow(s->arena, s->parts, s->n, &s->room, sizeof(struct nlmsghdr *));
	s->parts[s->n++] = (const void *)arena_copy(s->arena, m, m->nlmsg_len);
}

static int gather_classes(struct saver *s, uint32_t handle)
{
	auto_answer struct answer classes = {0};
	int err = tc_ask_classes(s->kernel, s->index, handle, &classes);
	for (const struct nlmsghdr *m = NULL; err == 0 && (m = answer_next(&classes, m));)
		if (m->nlmsg_type == RTM_NEWTCLASS && strcmp(kind_of(m), "htb") == 0)
			add_part(s, m);
	return err;
}

static int gather(struct saver *s, const struct answer *queues)
{
	int err = 0;
	for (const struct nlmsghdr *m = NULL; err == 0 && (m = answer_next(queues, m));) {
		const struct tcmsg *t = head_of(m);
		if (m->nlmsg_type != RTM_NEWQDISC || t->tcm_ifindex != s->index || t->tcm_parent == TC_H_INGRESS)
			continue;
		add_part(s, m);
		if (strcmp(kind_of(m), "htb") == 0)
			err = gather_classes(s, t->tcm_handle);
	}
	return err;
}

/* Filters hang on a queue or on one of its classes. -errno; 1: there are some. */
static int has_filters(struct kernel *k, int index, uint32_t parent)
{
	char buf[64];
	struct nlmsghdr *q = mnl_nlmsg_put_header(buf);
	q->nlmsg_type = RTM_GETTFILTER;
	q->nlmsg_flags = NLM_F_DUMP;
	struct tcmsg *t = mnl_nlmsg_put_extra_header(q, sizeof(*t));
	t->tcm_ifindex = index;
	t->tcm_parent = parent;
	auto_answer struct answer answer = {0};
	int err = kernel_ask(k, KERNEL_ROUTE, q, &answer);
	if (err == -EINVAL || err == -EOPNOTSUPP || err == -ENOENT)
		return 0;       /* of a kind that takes none */
	return err < 0 ? err : answer_next(&answer, NULL) != NULL;
}

/* 1: all of it can be put back; 0: not; -errno. */
static int is_whole(const struct saver *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!can_put_back(kind_of(s->parts[i])) || attr_of(s->parts[i], TCA_STAB) ||
		    !attr_of(s->parts[i], TCA_OPTIONS))
			return 0;
		int filters = has_filters(s->kernel, s->index, head_of(s->parts[i])->tcm_handle);
		if (filters)
			return filters < 0 ? filters : 0;
	}
	return 1;
}

static size_t find_part(const struct saver *s, uint32_t handle, uint16_t type)
{
	for (size_t i = 0; i < s->n; i++)
		if (head_of(s->parts[i])->tcm_handle == handle && s->parts[i]->nlmsg_type == type)
			return i;
	return SIZE_MAX;
}

/* What it hangs on has been saved: the queue of its number, and the class where that queue lists its classes. */
static bool parent_saved(const struct saver *s, const struct nlmsghdr *m)
{
	const struct tcmsg *t = head_of(m);
	const bool is_class = m->nlmsg_type == RTM_NEWTCLASS;
	const uint32_t parent = t->tcm_parent;
	if (!is_class && parent == TC_H_ROOT)
		return true;
	const size_t queue = find_part(s, TC_H_MAJ(is_class ? t->tcm_handle : parent), RTM_NEWQDISC);
	if (queue == SIZE_MAX || !s->saved[queue])
		return false;
	const size_t class = parent == TC_H_ROOT ? SIZE_MAX : find_part(s, parent, RTM_NEWTCLASS);
	return class == SIZE_MAX || s->saved[class];
}

/* A dump is no valid request: htb tells a version and a counter that it does not take. */
static void put_options(struct nlmsghdr *m, const struct nlattr *options, bool is_htb)
{
	if (!is_htb) {
		mnl_attr_put(m, TCA_OPTIONS, mnl_attr_get_payload_len(options), mnl_attr_get_payload(options));
		return;
	}
	struct nlattr *nest = mnl_attr_nest_start(m, TCA_OPTIONS);
	const struct nlattr *attr;
	mnl_attr_for_each_nested(attr, options) {
		if (mnl_attr_get_type(attr) == TCA_HTB_INIT) {
			struct tc_htb_glob init = {0};
			memcpy(&init, mnl_attr_get_payload(attr), MIN((size_t)mnl_attr_get_payload_len(attr), sizeof(init)));
			init.version >>= 16;
			init.direct_pkts = 0;
			mnl_attr_put(m, TCA_HTB_INIT, sizeof(init), &init);
		} else if (mnl_attr_get_type(attr) != TCA_HTB_PAD) {
			mnl_attr_put(m, mnl_attr_get_type(attr), mnl_attr_get_payload_len(attr),
				     mnl_attr_get_payload(attr));
		}
	}
	mnl_attr_nest_end(m, nest);
}

static void save_part(struct saver *s, size_t i)
{
	const struct nlmsghdr *from = s->parts[i];
	const struct tcmsg *t = head_of(from);
	struct nlmsghdr *m = tc_begin(&s->batch, from->nlmsg_type, NLM_F_CREATE | NLM_F_EXCL, 0, t->tcm_parent,
				      t->tcm_handle, NULL);
	mnl_attr_put_strz(m, TCA_KIND, kind_of(from));
	put_options(m, attr_of(from, TCA_OPTIONS), strcmp(kind_of(from), "htb") == 0);
	batch_end(&s->batch, m);
	s->saved[i] = true;
}

/* Parents first, classes before the queues in them. */
static void save_in_order(struct saver *s)
{
	static const uint16_t types[] = { RTM_NEWTCLASS, RTM_NEWQDISC };
	s->saved = arena_array(s->arena, bool, s->n);
	for (size_t before = SIZE_MAX; s->batch.n_messages != before;) {
		before = s->batch.n_messages;
		for (size_t type = 0; type < ARRAY_LEN(types); type++)
			for (size_t i = 0; i < s->n; i++)
				if (!s->saved[i] && s->parts[i]->nlmsg_type == types[type] &&
				    parent_saved(s, s->parts[i]))
					save_part(s, i);
	}
}

static const struct nlmsghdr *find_root(const struct answer *queues, int index)
{
	for (const struct nlmsghdr *m = NULL; (m = answer_next(queues, m));)
		if (m->nlmsg_type == RTM_NEWQDISC && head_of(m)->tcm_ifindex == index &&
		    head_of(m)->tcm_parent == TC_H_ROOT)
			return m;
	return NULL;
}

/* The value for the journal; NULL: some of it could not be put back. 0, -errno. */
static int save_tree(struct kernel *k, int index, const struct answer *queues, struct arena *a, const char **value)
{
	struct saver s = { .kernel = k, .arena = a, .index = index };
	auto_text struct text t = {0};
	batch_init(&s.batch, KERNEL_ROUTE);
	*value = NULL;
	int err = gather(&s, queues);
	int whole = err ? err : is_whole(&s);
	if (whole > 0) {
		save_in_order(&s);
		text_puts(&t, "messages=");
		base64_encode(s.batch.p, s.batch.n, &t);
		if (s.batch.n_messages == s.n)
			*value = arena_strdup(a, t.p);
	}
	batch_release(&s.batch);
	return MIN(whole, 0);
}

/* ---- survey ----------------------------------------------------------------------------------------------------- */

static const char *queue_name(const struct nlmsghdr *root, struct text *out)
{
	text_printf(out, "%s ", kind_of(root));
	tc_put_handle(head_of(root)->tcm_handle, out);
	return out->p;
}

static int displace_foreign(struct kernel *k, const struct tc_tree *t, int index, const struct nlmsghdr *root,
			    const struct answer *queues, struct own *own, struct diags *d)
{
	auto_text struct text name = {0};
	const char *value = NULL;
	struct arena *a = own->arena;
	queue_name(root, &name);
	if (!t->replace_qdisc) {
		struct diag *g = diag_error(d, &t->origin.place, "machine",
					    "interface '%s' has a queue '%s' of somebody else", t->interface, name.p);
		diag_hint(d, g, "add 'replace-qdisc'");
		return 0;
	}
	int err = save_tree(k, index, queues, a, &value);
	if (err)
		return err;
	if (value)
		own_displace(own, arena_printf(a, "qdisc/%s/root", t->device), value, NULL);
	else
		diag_error(d, &t->origin.place, "machine", "the queue '%s' of interface '%s' cannot be put back later",
			   name.p, t->interface);
	return 0;
}

/* Root handle 0 is the kernel's default: it comes back by itself when ours goes. */
static int displace(struct kernel *k, const struct tc_tree *t, const struct answer *queues, struct own *own,
		    struct diags *d)
{
	const int index = kernel_device_index(k, t->device);
	const struct nlmsghdr *root = find_root(queues, index);
	if (root && head_of(root)->tcm_handle)
		return displace_foreign(k, t, index, root, queues, own, d);
	own_displace(own, arena_printf(own->arena, "qdisc/%s/root", t->device), "default", NULL);
	return 0;
}

int tc_survey(struct kernel *k, const struct plan *p, const struct changes *c, struct own *own, struct diags *d)
{
	auto_answer struct answer queues = {0};
	int err = check_kinds(k, p, c, d);
	if (err || !c->n)
		return err;
	err = tc_ask_queues(k, &queues);
	for (size_t i = 0; err == 0 && i < c->n; i++) {
		const struct change *change = &c->list[i];
		const struct tc_view *v = change->op == CHANGE_ADD ? change->to->obj : NULL;
		if (v && !v->is_class && v->parent == TC_H_ROOT)
			err = displace(k, tc_tree_of(p, tc_device_of(change->to->key)), &queues, own, d);
	}
	if (err < 0)
		diag_error(d, NULL, "kernel", "cannot read queues: %s", errno_words(-err));
	return err;
}

/* ---- putting back ----------------------------------------------------------------------------------------------- */

static bool fits(const struct nlmsghdr *m, size_t left)
{
	return left >= sizeof(*m) && m->nlmsg_len <= left && m->nlmsg_len <= MESSAGE_MAX &&
	       m->nlmsg_len >= NLMSG_LENGTH(sizeof(struct tcmsg)) &&
	       (m->nlmsg_type == RTM_NEWQDISC || m->nlmsg_type == RTM_NEWTCLASS);
}

bool tc_put_displaced(struct batch *b, const struct displaced *was, int index, const struct change *c)
{
	static const char head[] = "messages=";
	auto_free void *bytes = NULL;
	size_t n = 0;
	if (strncmp(was->value, head, sizeof(head) - 1) != 0 ||
	    base64_decode(str_of(was->value + sizeof(head) - 1), &bytes, &n) < 0)
		return false;
	for (size_t at = 0; at < n;) {
		const struct nlmsghdr *from = (const void *)((const char *)bytes + at);
		if (!fits(from, n - at))
			return false;
		struct nlmsghdr *m = batch_begin(b, from->nlmsg_type, NLM_F_CREATE | NLM_F_EXCL, c);
		memcpy(mnl_nlmsg_put_extra_header(m, from->nlmsg_len - sizeof(*from)), mnl_nlmsg_get_payload(from),
		       from->nlmsg_len - sizeof(*from));
		((struct tcmsg *)mnl_nlmsg_get_payload(m))->tcm_ifindex = index;
		batch_end(b, m);
		at += MNL_ALIGN(from->nlmsg_len);
	}
	return true;
}
