/* SPDX-License-Identifier: MIT */
/* nlbc weights bandwidth: Tor's bandwidth weights of a consensus, computed anew and compared with the published ones. */
#include "base/base.h"

#include <inttypes.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/verbs.h"
#include "cli/weights.h"
#include "weights/bandwidth.h"
#include "weights/consensus.h"

struct found {
	const struct consensus *c;
	struct bandwidth_sums sums;
	struct bandwidth_weights weights;       /* .which NULL: not computable */
	const char *reason;                     /* why */
	int64_t line[PUBLISHED_WEIGHTS];
	int differs;                            /* the first published name with another value; -1: none */
};

static void compute(const struct consensus *c, struct found *f)
{
	*f = (struct found){ .c = c, .differs = -1 };
	bandwidth_add(c->relays, c->n_relays, c->method, &f->sums);
	if (bandwidth_compute(&f->sums, c->scale, &f->weights, &f->reason) != 0) {
		f->weights.which = NULL;
		return;
	}
	bandwidth_line(&f->weights, c->scale, f->line);
	for (int i = 0; c->has_weights && f->differs < 0 && i < PUBLISHED_WEIGHTS; i++)
		if (c->published[i] != f->line[i])
			f->differs = i;
}

static void say(struct out *o, const struct found *f)
{
	const struct consensus *c = f->c;
	auto_text struct text line = { 0 };

	out_say(o, "consensus  %s, valid after %s, method %u, %zu relays; signatures are not checked",
		c->is_microdesc ? "microdesc" : "ns", c->valid_after, c->method, c->n_relays);
	out_say(o, "sums       G %" PRId64 ", M %" PRId64 ", E %" PRId64 ", D %" PRId64 ", T %" PRId64, f->sums.g, f->sums.m,
		f->sums.e, f->sums.d, f->sums.t);
	if (!f->weights.which) {
		out_say(o, "case       none: %s", f->reason);
		return;
	}
	out_say(o, "case       %s", f->weights.which);
	for (int i = 0; i < PUBLISHED_WEIGHTS; i++)
		text_printf(&line, " %s=%" PRId64, published_names[i], f->line[i]);
	out_say(o, "bandwidth-weights%s", text_get(&line));
	if (!c->has_weights)
		out_say(o, "published  none");
	else if (f->differs < 0)
		out_say(o, "published  the same");
	else
		out_say(o, "published  differs: %s=%" PRId32, published_names[f->differs], c->published[f->differs]);
}

static json_t *computed_json(const struct found *f)
{
	json_t *o = json_own(json_object());

	for (int i = 0; i < PUBLISHED_WEIGHTS; i++)
		json_put(o, published_names[i], json_integer(f->line[i]));
	return o;
}

static json_t *published_json(const struct consensus *c)
{
	json_t *o = json_own(json_object());

	for (int i = 0; i < PUBLISHED_WEIGHTS; i++)
		json_put(o, published_names[i], json_integer(c->published[i]));
	return o;
}

static json_t *result_json(const struct found *f, struct arena *a)
{
	const struct consensus *c = f->c;
	const struct bandwidth_sums *s = &f->sums;
	const bool can_compare = c->has_weights && f->weights.which;
	char *valid_after = arena_printf(a, "%sZ", c->valid_after);

	valid_after[10] = 'T';
	return json_own(json_pack("{s:s,s:s,s:s,s:I,s:I,s:I,s:{s:I,s:I,s:I,s:I,s:I},s:s?,s:o,s:o,s:o,s:s?}", "command", "bandwidth",
				  "flavour", c->is_microdesc ? "microdesc" : "ns", "valid_after", valid_after,
				  "method", (json_int_t)c->method, "relays", (json_int_t)c->n_relays, "scale", (json_int_t)c->scale,
				  "sums", "G", (json_int_t)s->g, "M", (json_int_t)s->m, "E", (json_int_t)s->e,
				  "D", (json_int_t)s->d, "T", (json_int_t)s->t, "case", f->weights.which,
				  "weights", f->weights.which ? computed_json(f) : json_null(),
				  "published", c->has_weights ? published_json(c) : json_null(),
				  "same", can_compare ? json_boolean(f->differs < 0) : json_null(), "reason", f->reason));
}

static int run_bandwidth(struct invocation *v)
{
	const struct consensus *c = consensus_read(v->args[0], "nlbc weights bandwidth -", v->arena, &v->diags);
	struct found f;

	if (!c)
		return weights_told(v, 0);
	compute(c, &f);
	if (v->out.json)
		out_json(&v->out, "weights", result_json(&f, v->arena));
	else
		say(&v->out, &f);
	return f.weights.which && f.differs < 0 ? 0 : failure_of("state")->exit;
}

const struct command command_weights_bandwidth = {
	.name = "weights bandwidth", .arguments = "CONSENSUS", .min_args = 1, .max_args = 1,
	.help = "Compute the bandwidth weights of a consensus of the Tor network as its directory authorities do, and compare "
		"them with those it publishes. Prints the sums of the consensus weights of all classes of relays, the case, the "
		"line, and the first name whose published value differs. Exit 0 if they are the same, or none are published.",
	.run = run_bandwidth,
};
