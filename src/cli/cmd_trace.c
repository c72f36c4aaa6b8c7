/* SPDX-License-Identifier: MIT */
/* nlbc trace: which balance takes this packet, which path and why, and how it leaves. */
#include "base/base.h"

#include <errno.h>
#include <linux/rtnetlink.h>

#include "apply/apply.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/packet.h"
#include "core/member.h"
#include "target/kernel.h"

/* What one packet's answer is shown from. */
struct shown {
	struct invocation *v;
	const struct plan *plan;
	uint64_t generation;
	const struct trace_question *q;
	const struct trace_answer *answer;
	bool is_one_of_many;
};

static bool is_one(const struct shown *s)
{
	return s->answer->n_ways == 1;
}

/* ---- words -------------------------------------------------------------------------------------------------------- */

static const char *how_word(const struct trace_way *w)
{
	static const char *const words[] = {
		[TRACE_PASSED] = "none", [TRACE_LEFT] = "left", [TRACE_ARRIVED] = "arrival", [TRACE_REMEMBERED] = "remembered",
		[TRACE_SLOT] = "hash-slot", [TRACE_TURN] = "in-turn", [TRACE_RANDOM] = "at-random",
	};

	return w->nexthop ? "next-hop-group" : words[w->outcome->how];
}

static const char *reason_text(const struct shown *s, const struct trace_way *w)
{
	const struct trace_outcome *o = w->outcome;

	if (w->nexthop)
		return w->refused ? "no path of it is up" : "the kernel's next-hop group";
	switch (o->how) {
	case TRACE_PASSED:
		return "no balance";
	case TRACE_LEFT:
		return o->why;
	case TRACE_ARRIVED:
		return arena_printf(s->v->arena, "it came in by path %s", o->path->conf->name);
	case TRACE_REMEMBERED:
		return "connection remembered";
	case TRACE_SLOT:
		return arena_printf(s->v->arena, "hash slot %u of %u", o->slot, o->slots);
	case TRACE_TURN:
		return "in turn";
	case TRACE_RANDOM:
		return "at random";
	}
	return "";
}

static const char *table_text(struct arena *a, uint32_t table)
{
	return table == RT_TABLE_MAIN ? "main table" : arena_printf(a, "table %u", table);
}

static const struct {
	const char *word, *text;                /* text NULL: the error's words */
} fates[] = {
	[FATE_SENT] = { "sent", "" },
	[FATE_LOCAL] = { "local", "to this machine" },
	[FATE_BROADCAST] = { "broadcast", "a broadcast" },
	[FATE_MULTICAST] = { "multicast", "multicast" },
	[FATE_REFUSED] = { "refused", "refused, its path is down" },
	[FATE_NOT_FORWARDED] = { "not-forwarded", "dropped: forwarding is off" },
	[FATE_INVALID_SOURCE] = { "invalid-source", "dropped: its source may not come in there (rp_filter, or an own address)" },
	[FATE_UNREACHABLE] = { "unreachable", NULL },
};

static const char *fate_text(const struct shown *s, const struct trace_way *w)
{
	const char *text = fates[w->fate].text;

	return text ? text : arena_printf(s->v->arena, "dropped: %s", errno_words(-w->route.error));
}

/* `eth3, via 10.10.2.4` */
static const char *way_text(const struct shown *s, const struct trace_way *w)
{
	struct arena *a = s->v->arena;
	char via[ADDR_TEXT];
	const char *device = w->device ? w->device : "?";

	return w->route.via.family ? arena_printf(a, "%s, via %s", device, addr_print(&w->route.via, via)) : device;
}

static bool leaves_by(const struct trace_way *w, const struct plan_path *p)
{
	const struct addr *via = &w->route.via;

	return w->device && p->device && strcmp(w->device, p->device) == 0 &&
	       (!via->family || addr_eq(via, via->family == AF_INET ? &p->via4 : &p->via6));
}

static const char *state_note(const struct shown *s, const struct plan_path *p)
{
	return p->state == MEMBER_UP ? "" : arena_printf(s->v->arena, ", %s", member_state_name(p->state));
}

/* Behind the reason: the path and how it leaves, or what else becomes of it. */
static const char *end_text(const struct shown *s, const struct trace_way *w)
{
	struct arena *a = s->v->arena;
	const struct plan_path *p = w->outcome->how == TRACE_ARRIVED ? NULL : w->path;
	const bool sent = w->fate == FATE_SENT;

	if (!sent)
		return p ? arena_printf(a, "-> path %s, %s", p->conf->name, fate_text(s, w)) :
			   arena_printf(a, "%s%s", w->refused ? "-> " : "", fate_text(s, w));
	if (!p)
		return arena_printf(a, "%s -> %s", table_text(a, w->route.table), way_text(s, w));
	if (!leaves_by(w, p))
		return arena_printf(a, "-> path %s, yet %s says %s", p->conf->name,
				    table_text(a, w->route.table), way_text(s, w));
	return arena_printf(a, "-> path %s%s (%s)", p->conf->name, state_note(s, p), way_text(s, w));
}

/* ---- for people --------------------------------------------------------------------------------------------------- */

static const char *balance_text(const struct shown *s, const struct trace_way *w)
{
	const enum trace_how how = w->outcome->how;
	const char *reason = reason_text(s, w);

	if (!w->balance)
		return how == TRACE_ARRIVED ? arena_printf(s->v->arena, "no balance, %s", reason) : reason;
	return arena_printf(s->v->arena, "balance '%s' %s it: %s", w->balance->conf->name,
			    how == TRACE_LEFT && !w->nexthop ? "leaves" : "takes", reason);
}

static void put_answer(const struct shown *s, struct text *out)
{
	const struct trace_way *ways = s->answer->ways;
	const char *who = s->is_one_of_many ? packet_print(s->q, s->v->arena) : s->plan->machine->profile;

	text_printf(out, "%s: %s", who, balance_text(s, &ways[0]));
	if (is_one(s)) {
		const char *end = end_text(s, &ways[0]);

		text_printf(out, "%s %s\n", *end == '-' ? "" : ":", end);
		return;
	}
	text_putc(out, '\n');
	for (size_t i = 0; i < s->answer->n_ways; i++)
		text_printf(out, "  %5.1f%% %s\n", ways[i].share * 100, end_text(s, &ways[i]));
}

static void put_origin(const struct shown *s, struct text *out)
{
	char source[ADDR_TEXT];

	if (s->v->n_args == 2)
		text_puts(out, "  as an echo request: no protocol is given\n");
	if (s->answer->local)
		text_printf(out, "  sent by this machine, to which %s belongs\n", addr_print(&s->q->source, source));
	else if (s->answer->in_found)
		text_printf(out, "  arrives by %s, which leads back to %s\n", s->answer->in, addr_print(&s->q->source, source));
}

static const char *const connection_words[] = {
	[CONNECTION_UNASKED] = NULL, [CONNECTION_FIRST] = "new", [CONNECTION_KNOWN] = "known", [CONNECTION_UNKNOWABLE] = "unknown",
};

static void put_walk(const struct shown *s, struct text *out)
{
	const struct trace *t = &s->answer->trace;

	if (s->answer->connection == CONNECTION_KNOWN)
		text_printf(out, "  connection known, mark 0x%08x\n", s->answer->connection_mark);
	else if (s->answer->connection != CONNECTION_UNASKED)
		text_printf(out, "  connection %s\n", connection_words[s->answer->connection]);
	for (size_t i = 0; i < t->n_steps; i++) {
		const struct trace_step *step = &t->steps[i];

		text_printf(out, "  %c %s: ", step->matched ? '+' : '-', step->chain->name);
		plan_print_rule(step->rule, out);
		text_putc(out, '\n');
	}
}

static void show_text(const struct shown *s)
{
	auto_text struct text out = { 0 };

	put_answer(s, &out);
	if (!s->is_one_of_many)
		put_origin(s, &out);
	if (s->v->out.verbose)
		put_walk(s, &out);
	out_result(&s->v->out, &out);
}

/* ---- for scripts -------------------------------------------------------------------------------------------------- */

static json_t *text_or_null(const char *s)
{
	return s ? json_string(s) : json_null();
}

static json_t *name_or_null(const struct plan_balance *b)
{
	return text_or_null(b ? b->conf->name : NULL);
}

static json_t *number_or_null(bool has, uint32_t n)
{
	return has ? json_integer(n) : json_null();
}

static json_t *way_json(const struct trace_way *w)
{
	const bool routed = !w->refused && !w->route.error;
	json_t *j = json_own(json_object());
	char via[ADDR_TEXT];

	json_put(j, "path", text_or_null(w->path ? w->path->conf->name : NULL));
	json_put(j, "share", json_real(w->share));
	json_put(j, "fate", json_string(fates[w->fate].word));
	json_put(j, "mark", json_integer(w->outcome->mark));
	json_put(j, "table", number_or_null(routed, w->route.table));
	json_put(j, "device", text_or_null(w->refused ? NULL : w->device));
	json_put(j, "via", text_or_null(routed && w->route.via.family ? addr_print(&w->route.via, via) : NULL));
	return j;
}

static json_t *walk_json(const struct trace *t)
{
	json_t *list = json_own(json_array());

	for (size_t i = 0; i < t->n_steps; i++) {
		auto_text struct text rule = { 0 };

		plan_print_rule(t->steps[i].rule, &rule);
		json_push(list, json_pack("{s:s,s:s,s:b}", "chain", t->steps[i].chain->name, "rule", text_get(&rule), "matched",
					  t->steps[i].matched));
	}
	return list;
}

static void put_packet(const struct shown *s, json_t *j)
{
	const struct trace_question *q = s->q;
	char source[ADDR_TEXT], destination[ADDR_TEXT];

	json_put(j, "profile", json_string(s->plan->machine->profile));
	json_put(j, "generation", json_integer((json_int_t)s->generation));
	json_put(j, "source", json_string(addr_print(&q->source, source)));
	json_put(j, "destination", json_string(addr_print(&q->destination, destination)));
	json_put(j, "protocol", json_string(packet_protocol(q->protocol, s->v->arena)));
	json_put(j, "source_port", number_or_null(q->has_ports, q->source_port));
	json_put(j, "destination_port", number_or_null(q->has_ports, q->destination_port));
	json_put(j, "local", json_boolean(s->answer->local));
	json_put(j, "in", text_or_null(s->answer->in));
	json_put(j, "in_found", json_boolean(s->answer->in && s->answer->in_found));
	json_put(j, "connection", text_or_null(connection_words[s->answer->connection]));
}

static void show_json(const struct shown *s)
{
	const struct trace_way *w = &s->answer->ways[0];
	const struct trace_outcome *o = w->outcome;
	const bool slot = o->how == TRACE_SLOT && !w->nexthop;
	json_t *j = json_own(json_object()), *paths = json_own(json_array());

	for (size_t i = 0; i < s->answer->n_ways; i++)
		json_push(paths, way_json(&s->answer->ways[i]));
	put_packet(s, j);
	json_put(j, "balance", name_or_null(w->balance));
	json_put(j, "how", json_string(how_word(w)));
	json_put(j, "reason", json_string(reason_text(s, w)));
	json_put(j, "slot", number_or_null(slot, o->slot));
	json_put(j, "slots", number_or_null(slot, o->slots));
	json_put(j, "path", text_or_null(is_one(s) && w->path ? w->path->conf->name : NULL));
	json_put(j, "ways", paths);
	json_put(j, "walk", walk_json(&s->answer->trace));
	json_put(j, "warnings", diags_json(&s->v->diags));
	out_json(&s->v->out, "trace", j);
}

/* ---- the verb ----------------------------------------------------------------------------------------------------- */

static int read_packets(struct invocation *v, struct packet_list *out)
{
	struct packet_word words[5];

	if (v->n_args == 1 && strcmp(v->args[0], "-") == 0)
		return packets_read(option_value(v, "in"), out, v->arena, &v->diags);
	if (v->n_args == 1) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "'trace' needs more: %s", v->command->arguments),
			  "nlbc help trace");
		return -EINVAL;
	}
	for (size_t i = 0; i < v->n_args; i++)
		words[i] = (struct packet_word){ .text = v->args[i] };
	*out = (struct packet_list){ .list = arena_one(v->arena, struct trace_question), .n = 1, .room = 1 };
	out->list[0].in = option_value(v, "in");
	return packet_read(words, v->n_args, out->list, &v->diags);
}

/* The plan in force, and whether the kernel holds it. NULL: explained. */
static const struct plan *find_plan(struct invocation *v, struct session *s)
{
	struct kept_profile kept;
	const struct plan *p = apply_in_force(s, &kept, &v->diags);

	if (!p && !v->diags.n_errors)
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "state", "nothing is applied"), "nlbc apply FILE");
	return p && trace_check(s, p, &v->diags) == 0 ? p : NULL;
}

static void warn_unknowable(struct invocation *v, const struct trace_answer *answers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (answers[i].connection != CONNECTION_UNKNOWABLE)
			continue;
		diag_hint(&v->diags, diag_warning(&v->diags, NULL, "machine", "this kernel does not tell of its connections: each "
			  "packet counts as the first of one"), "CONFIG_NF_CT_NETLINK (module nf_conntrack_netlink)");
		return;
	}
}

/* All of them, or none where one is wrong. NULL: explained. */
static struct trace_answer *follow(struct invocation *v, struct session *s, const struct plan *p,
				   const struct packet_list *packets)
{
	struct trace_answer *answers = arena_array(v->arena, struct trace_answer, packets->n);
	int err = 0;

	for (size_t i = 0; i < packets->n; i++)
		if (trace_packet(s, p, &packets->list[i], &answers[i], &v->diags) != 0)
			err = -EINVAL;
	warn_unknowable(v, answers, packets->n);
	return err ? NULL : answers;
}

static void show(struct invocation *v, const struct session *s, const struct plan *p, const struct packet_list *packets,
		 const struct trace_answer *answers)
{
	for (size_t i = 0; i < packets->n; i++) {
		const struct shown one = {
			.v = v, .plan = p, .generation = s->journal.in_force.number, .q = &packets->list[i],
			.answer = &answers[i], .is_one_of_many = strcmp(v->args[0], "-") == 0,
		};

		if (v->out.json)
			show_json(&one);
		else
			show_text(&one);
	}
}

static int run_trace(struct invocation *v)
{
	const struct trace_answer *answers = NULL;
	struct packet_list packets;
	const struct plan *p;
	struct session s;

	if (read_packets(v, &packets) != 0)
		return 0;
	const struct diags told = v->diags;

	for (int tries = 1;; tries++) {
		v->diags = told;
		if (cli_open(v, &s, false) != 0)
			return 0;
		p = find_plan(v, &s);
		answers = p ? follow(v, &s, p, &packets) : NULL;
		if (!cli_reads_again(&s, tries))
			break;
	}
	if (answers)
		show(v, &s, p, &packets, answers);
	session_close(&s);
	return 0;
}

const struct command command_trace = {
	.name = "trace", .arguments = "SRC DST [PROTO SPORT DPORT]", .min_args = 1, .max_args = 5,
	.help = "Which balance takes this packet, which path and why, and how it leaves. PROTO is tcp, udp, icmp, icmpv6, sctp, "
		"dccp, udplite or a number; without it, icmp. A packet of an address of this machine is one it sends itself. "
		"SRC alone may be -: packets from standard input, one a line.",
	.options = {
		{ "in", 0, "INTERFACE", false, "the interface it arrives by; else the one that leads back to SRC" },
	},
	.run = run_trace,
};
