/* SPDX-License-Identifier: MIT */
/* Queues and classes as messages, both ways. Every option the kernel echoes is sent. */
#include "base/base.h"

#include <errno.h>
#include <linux/rtnetlink.h>

#include "target/tc_wire.h"

/* ---- to the kernel ---------------------------------------------------------------------------------------------- */

struct nlmsghdr *tc_begin(struct batch *b, uint16_t type, uint16_t flags, int index, uint32_t parent, uint32_t handle,
			  const struct change *c)
{
	struct nlmsghdr *m = batch_begin(b, type, flags, c);
	struct tcmsg *t = mnl_nlmsg_put_extra_header(m, sizeof(*t));
	t->tcm_ifindex = index;
	t->tcm_parent = parent;
	t->tcm_handle = handle;
	return m;
}

/* 32 bits of a rate; from 2^32 bytes/s on the real one goes in an attribute of its own. */
static struct tc_ratespec ratespec(uint64_t rate)
{
	return (struct tc_ratespec){
		.linklayer = TC_LINKLAYER_ETHERNET, .rate = rate > UINT32_MAX ? UINT32_MAX : (uint32_t)rate,
	};
}

static void put_rate64(struct nlmsghdr *m, uint16_t type, uint64_t rate)
{
	if (rate > UINT32_MAX)
		mnl_attr_put_u64(m, type, rate);
}

static void put_htb(struct nlmsghdr *m, const struct tc_view *v)
{
	const struct tc_htb_glob init = { .version = v->version, .rate2quantum = v->r2q, .defcls = v->default_class };
	mnl_attr_put(m, TCA_HTB_INIT, sizeof(init), &init);
	mnl_attr_put_u32(m, TCA_HTB_DIRECT_QLEN, v->direct_qlen);
}

static void put_class(struct nlmsghdr *m, const struct tc_view *v)
{
	const struct tc_htb_opt opt = {
		.rate = ratespec(v->rate), .ceil = ratespec(v->ceil), .buffer = v->burst, .cbuffer = v->cburst,
		.quantum = v->quantum, .prio = v->prio,
	};
	mnl_attr_put(m, TCA_HTB_PARMS, sizeof(opt), &opt);
	put_rate64(m, TCA_HTB_RATE64, v->rate);
	put_rate64(m, TCA_HTB_CEIL64, v->ceil);
}

static void put_tbf(struct nlmsghdr *m, const struct tc_view *v)
{
	const struct tc_tbf_qopt opt = { .rate = ratespec(v->rate), .limit = v->limit, .buffer = v->burst };
	mnl_attr_put(m, TCA_TBF_PARMS, sizeof(opt), &opt);
	mnl_attr_put_u32(m, TCA_TBF_BURST, v->burst_bytes);
	put_rate64(m, TCA_TBF_RATE64, v->rate);
}

/* netem's options are a struct with attributes behind it. */
static void put_netem(struct nlmsghdr *m, const struct tc_view *v)
{
	const struct tc_netem_qopt opt = {
		.latency = v->delay, .limit = v->limit, .loss = v->loss, .gap = v->gap, .duplicate = v->duplicate,
		.jitter = v->jitter,
	};
	const struct tc_netem_corr corr = {
		.delay_corr = v->delay_correlation, .loss_corr = v->loss_correlation,
		.dup_corr = v->duplicate_correlation,
	};
	const struct tc_netem_reorder reorder = { .probability = v->reorder, .correlation = v->reorder_correlation };
	const struct tc_netem_corrupt corrupt = { .probability = v->corrupt, .correlation = v->corrupt_correlation };
	memcpy(mnl_nlmsg_get_payload_tail(m), &opt, sizeof(opt));
	m->nlmsg_len += MNL_ALIGN(sizeof(opt));
	mnl_attr_put(m, TCA_NETEM_CORR, sizeof(corr), &corr);
	mnl_attr_put(m, TCA_NETEM_REORDER, sizeof(reorder), &reorder);
	mnl_attr_put(m, TCA_NETEM_CORRUPT, sizeof(corrupt), &corrupt);
}

static void put_fq_codel(struct nlmsghdr *m, const struct tc_view *v, bool creates)
{
	mnl_attr_put_u32(m, TCA_FQ_CODEL_LIMIT, v->limit);
	mnl_attr_put_u32(m, TCA_FQ_CODEL_TARGET, v->target_us);
	mnl_attr_put_u32(m, TCA_FQ_CODEL_INTERVAL, v->interval_us);
	mnl_attr_put_u32(m, TCA_FQ_CODEL_ECN, v->ecn);
	mnl_attr_put_u32(m, TCA_FQ_CODEL_QUANTUM, v->quantum);
	mnl_attr_put_u32(m, TCA_FQ_CODEL_MEMORY_LIMIT, v->memory);
	if (creates)   /* cannot change later */
		mnl_attr_put_u32(m, TCA_FQ_CODEL_FLOWS, v->flows);
}

void tc_put_view(struct batch *b, const struct tc_view *v, uint16_t flags, int index, const struct change *c)
{
	const uint16_t type = v->is_class ? RTM_NEWTCLASS : RTM_NEWQDISC;
	struct nlmsghdr *m = tc_begin(b, type, flags, index, v->parent, v->handle, c);
	mnl_attr_put_strz(m, TCA_KIND, v->kind);
	struct nlattr *options = mnl_attr_nest_start(m, TCA_OPTIONS);
	if (v->is_class) {
		put_class(m, v);
	} else if (strcmp(v->kind, "htb") == 0) {
		put_htb(m, v);
	} else if (strcmp(v->kind, "tbf") == 0) {
		put_tbf(m, v);
	} else if (strcmp(v->kind, "netem") == 0) {
		put_netem(m, v);
	} else if (strcmp(v->kind, "fq_codel") == 0) {
		put_fq_codel(m, v, flags & NLM_F_CREATE);
	} else {
		memcpy(mnl_nlmsg_get_payload_tail(m), &(struct tc_fifo_qopt){ .limit = v->limit },
		       sizeof(struct tc_fifo_qopt));
		m->nlmsg_len += MNL_ALIGN(sizeof(struct tc_fifo_qopt));
	}
	mnl_attr_nest_end(m, options);
	batch_end(b, m);
}

void tc_put_removal(struct batch *b, int index, const struct change *c)
{
	batch_end(b, tc_begin(b, RTM_DELQDISC, 0, index, TC_H_ROOT, TC_OURS, c));
}

/* ---- from the kernel -------------------------------------------------------------------------------------------- */

/* Copies at most what is there; the rest stays zero. */
static void take(const struct nlattr *attr, void *out, size_t size)
{
	memcpy(out, mnl_attr_get_payload(attr), MIN((size_t)mnl_attr_get_payload_len(attr), size));
}

static bool is_plain(const struct tc_ratespec *r)
{
	return r->overhead == 0 && r->mpu == 0 && (r->linklayer & TC_LINKLAYER_MASK) == TC_LINKLAYER_ETHERNET;
}

static void read_htb(const struct nlattr *options, struct tc_view *v)
{
	struct tc_htb_glob init = {0};
	const struct nlattr *attr;
	mnl_attr_for_each_nested(attr, options) {
		if (mnl_attr_get_type(attr) == TCA_HTB_INIT)
			take(attr, &init, sizeof(init));
		else if (mnl_attr_get_type(attr) == TCA_HTB_DIRECT_QLEN)
			v->direct_qlen = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == TCA_HTB_OFFLOAD)
			v->more = true;
	}
	v->version = init.version >> 16;
	v->r2q = init.rate2quantum;
	v->default_class = init.defcls;
}

static void read_class(const struct nlattr *options, struct tc_view *v)
{
	struct tc_htb_opt opt = {0};
	const struct nlattr *attr;
	mnl_attr_for_each_nested(attr, options) {
		if (mnl_attr_get_type(attr) == TCA_HTB_PARMS) {
			take(attr, &opt, sizeof(opt));
			v->rate = opt.rate.rate;
			v->ceil = opt.ceil.rate;
		} else if (mnl_attr_get_type(attr) == TCA_HTB_RATE64) {
			v->rate = mnl_attr_get_u64(attr);
		} else if (mnl_attr_get_type(attr) == TCA_HTB_CEIL64) {
			v->ceil = mnl_attr_get_u64(attr);
		}
	}
	v->burst = opt.buffer;
	v->cburst = opt.cbuffer;
	v->quantum = opt.quantum;
	v->prio = opt.prio;
	v->more |= !is_plain(&opt.rate) || !is_plain(&opt.ceil);
}

static void read_tbf(const struct nlattr *options, struct tc_view *v)
{
	struct tc_tbf_qopt opt = {0};
	const struct nlattr *attr;
	mnl_attr_for_each_nested(attr, options) {
		if (mnl_attr_get_type(attr) == TCA_TBF_PARMS) {
			take(attr, &opt, sizeof(opt));
			v->rate = opt.rate.rate;
		} else if (mnl_attr_get_type(attr) == TCA_TBF_RATE64) {
			v->rate = mnl_attr_get_u64(attr);
		}
	}
	v->burst = opt.buffer;
	v->limit = opt.limit;
	v->more |= !is_plain(&opt.rate) || opt.peakrate.rate != 0;
}

static void read_netem_attr(const struct nlattr *attr, struct tc_view *v)
{
	struct tc_netem_corr corr = {0};
	struct tc_netem_reorder reorder = {0};
	struct tc_netem_corrupt corrupt = {0};
	switch (mnl_attr_get_type(attr)) {
	case TCA_NETEM_CORR:
		take(attr, &corr, sizeof(corr));
		v->delay_correlation = corr.delay_corr;
		v->loss_correlation = corr.loss_corr;
		v->duplicate_correlation = corr.dup_corr;
		break;
	case TCA_NETEM_REORDER:
		take(attr, &reorder, sizeof(reorder));
		v->reorder = reorder.probability;
		v->reorder_correlation = reorder.correlation;
		break;
	case TCA_NETEM_CORRUPT:
		take(attr, &corrupt, sizeof(corrupt));
		v->corrupt = corrupt.probability;
		v->corrupt_correlation = corrupt.correlation;
		break;
	case TCA_NETEM_LOSS:
	case TCA_NETEM_SLOT:
		v->more = true;
		break;
	case TCA_NETEM_ECN:
		v->more |= mnl_attr_get_u32(attr) != 0;
		break;
	case TCA_NETEM_RATE: {
		struct tc_netem_rate rate = {0};
		take(attr, &rate, sizeof(rate));
		v->more |= rate.rate != 0;
		break;
	}
	default:
		break;
	}
}

static void read_netem(const struct nlattr *options, struct tc_view *v)
{
	struct tc_netem_qopt opt = {0};
	const size_t size = mnl_attr_get_payload_len(options);
	const char *at = mnl_attr_get_payload(options);
	const struct nlattr *attr;
	take(options, &opt, sizeof(opt));
	v->delay = opt.latency;
	v->jitter = opt.jitter;
	v->limit = opt.limit;
	v->loss = opt.loss;
	v->duplicate = opt.duplicate;
	v->gap = opt.gap;
	if (size > MNL_ALIGN(sizeof(opt)))
		mnl_attr_for_each_payload((void *)(uintptr_t)(at + MNL_ALIGN(sizeof(opt))), size - MNL_ALIGN(sizeof(opt)))
			read_netem_attr(attr, v);
	/* A gap without reordering stands for all packets; the plan has neither. */
	if (!v->gap)
		v->reorder = v->reorder_correlation = 0;
}

static void read_fq_codel(const struct nlattr *options, struct tc_view *v)
{
	const struct nlattr *attr;
	mnl_attr_for_each_nested(attr, options) {
		switch (mnl_attr_get_type(attr)) {
		case TCA_FQ_CODEL_LIMIT: v->limit = mnl_attr_get_u32(attr); break;
		case TCA_FQ_CODEL_TARGET: v->target_us = mnl_attr_get_u32(attr); break;
		case TCA_FQ_CODEL_INTERVAL: v->interval_us = mnl_attr_get_u32(attr); break;
		case TCA_FQ_CODEL_ECN: v->ecn = mnl_attr_get_u32(attr); break;
		case TCA_FQ_CODEL_QUANTUM: v->quantum = mnl_attr_get_u32(attr); break;
		case TCA_FQ_CODEL_MEMORY_LIMIT: v->memory = mnl_attr_get_u32(attr); break;
		case TCA_FQ_CODEL_FLOWS: v->flows = mnl_attr_get_u32(attr); break;
		case TCA_FQ_CODEL_CE_THRESHOLD: v->more = true; break;
		default: break;
		}
	}
}

static void read_options(const struct nlattr *options, struct tc_view *v)
{
	struct tc_fifo_qopt fifo = {0};
	if (v->is_class && strcmp(v->kind, "htb") == 0) {
		read_class(options, v);
	} else if (strcmp(v->kind, "htb") == 0) {
		read_htb(options, v);
	} else if (strcmp(v->kind, "tbf") == 0) {
		read_tbf(options, v);
	} else if (strcmp(v->kind, "netem") == 0) {
		read_netem(options, v);
	} else if (strcmp(v->kind, "fq_codel") == 0) {
		read_fq_codel(options, v);
	} else if (strcmp(v->kind, "bfifo") == 0 || strcmp(v->kind, "pfifo") == 0) {
		take(options, &fifo, sizeof(fifo));
		v->limit = fifo.limit;
	} else {
		v->more = true;
	}
}

bool tc_read_view(const struct nlmsghdr *m, struct tc_view *v)
{
	if (m->nlmsg_type != RTM_NEWQDISC && m->nlmsg_type != RTM_NEWTCLASS)
		return false;
	const struct tcmsg *t = mnl_nlmsg_get_payload(m);
	*v = (struct tc_view){
		.kind = "?", .is_class = m->nlmsg_type == RTM_NEWTCLASS, .handle = t->tcm_handle, .parent = t->tcm_parent,
	};
	const struct nlattr *attr, *options = NULL;
	mnl_attr_for_each(attr, m, sizeof(*t)) {
		switch (mnl_attr_get_type(attr)) {
		case TCA_KIND: v->kind = mnl_attr_get_str(attr); break;
		case TCA_OPTIONS: options = attr; break;
		case TCA_STAB: v->more = true; break;
		default: break;
		}
	}
	if (options)
		read_options(options, v);
	else
		v->more = true;
	return true;
}

static int ask(struct kernel *k, uint16_t type, int index, uint32_t parent, struct answer *a)
{
	char buf[64];
	struct nlmsghdr *q = mnl_nlmsg_put_header(buf);
	q->nlmsg_type = type;
	q->nlmsg_flags = NLM_F_DUMP;
	struct tcmsg *t = mnl_nlmsg_put_extra_header(q, sizeof(*t));
	t->tcm_ifindex = index;
	t->tcm_parent = parent;
	return kernel_ask(k, KERNEL_ROUTE, q, a);
}

int tc_ask_queues(struct kernel *k, struct answer *a)
{
	return ask(k, RTM_GETQDISC, 0, 0, a);
}

int tc_ask_classes(struct kernel *k, int index, uint32_t root, struct answer *a)
{
	return ask(k, RTM_GETTCLASS, index, root, a);
}
