/* SPDX-License-Identifier: MIT */
/* nlbc weights clients: where clients are, from users per country and the addresses that ASes hold there. */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/verbs.h"
#include "cli/weights.h"
#include "weights/clients.h"

struct estimating {
	struct invocation *v;
	struct weights_run run;
	struct clients_wish wish;
	const struct clients_estimate *e;
	struct outputs outputs;
};

static const char *const origins[] = { [ORIGIN_SPLIT] = "split", [ORIGIN_FIRST] = "first", [ORIGIN_DROP] = "drop" };

/* Users, and one of two ways to know who holds which address. */
static int check_files(struct invocation *v, const struct clients_wish *w)
{
	const struct places_files *p = &w->places;
	const char *const hint = "--users FILE, and --prefixes FILE --geoip FILE or --location FILE";

	if (!w->users)
		return weights_refuse(v, "'--users' is missing", hint);
	if (p->location && (p->prefixes || p->geoip))
		return weights_refuse(v, arena_printf(v->arena, "'--location' and '--%s' exclude each other",
						      p->prefixes ? "prefixes" : "geoip"), hint);
	if (!p->location && !p->prefixes)
		return weights_refuse(v, p->geoip ? "'--geoip' needs '--prefixes'" : "no addresses of ASes are given", hint);
	if (!p->location && !p->geoip)
		return weights_refuse(v, "'--prefixes' needs '--geoip'", hint);
	if (p->hosts && p->location)
		return weights_refuse(v, "'--hosts' is for '--prefixes' and '--geoip'", hint);
	return files_check(v);
}

static int read_options(struct estimating *s)
{
	struct invocation *v = s->v;
	const char *origin = option_value(v, "origin");
	struct clients_wish *w = &s->wish;

	*w = (struct clients_wish){
		.users = option_value(v, "users"), .skip = option_value(v, "skip"),
		.places = {
			.prefixes = option_value(v, "prefixes"), .geoip = option_value(v, "geoip"), .hosts = option_value(v, "hosts"),
			.location = option_value(v, "location"), .lenient = option_given(v, "lenient"),
		},
		.total = 4194304, .min_addresses = 1, .lenient = option_given(v, "lenient"),
	};
	for (size_t i = 0; origin && i < ARRAY_LEN(origins); i++)
		if (strcmp(origins[i], origin) == 0)
			w->origin = (enum origin_rule)i;
	int err = check_files(v, w);

	if (!err)
		err = weights_memory(v);
	if (!err)
		err = weights_number(v, "total", 1, (uint64_t)1 << 40, &w->total);
	if (!err)
		err = weights_number(v, "top", 1, UINT32_MAX, &w->top);
	return err ? err : weights_number(v, "min-addresses", 0, (uint64_t)1 << 32, &w->min_addresses);
}

/* ---- what is written ----------------------------------------------------------------------------------------------- */

static const char *users_print(const struct estimating *s, double users)
{
	return arena_printf(s->v->arena, s->e->sum.is_whole ? "%.0f" : "%.17g", users);
}

/* The same facts stand in the file as comments. */
static void print_facts(const struct estimating *s, const char *before, struct text *out)
{
	const struct clients_estimate *e = s->e;

	text_printf(out, "%susers     %s of %s, in %zu countries", before, users_print(s, e->sum.users_placed),
		    users_print(s, e->sum.users), e->sum.countries);
	if (e->sum.countries_empty)
		text_printf(out, "; %zu without addresses, with %s users: %s", e->sum.countries_empty,
			    users_print(s, e->sum.users_empty), e->sum.empty);
	text_printf(out, "\n%s%s %" PRIu64 " of %zu ASes, %zu pairs of country and AS\n", before,
		    s->wish.places.hosts ? "hosts    " : "addresses", e->sum.addresses, e->sum.n_as, e->sum.pairs);
	text_printf(out, "%sclients   %" PRIu64 " parts, %zu locations; the heaviest 10 have %.2f %%, 100 %.2f %%, 1000 %.2f %%\n",
		    before, s->wish.total, e->n, e->sum.share_10 * 100, e->sum.share_100 * 100, e->sum.share_1000 * 100);
}

static int print_csv(const struct estimating *s, FILE *f)
{
	auto_text struct text facts = { 0 };

	print_facts(s, "# ", &facts);
	if (fprintf(f, "# nlbc clients 1\n%slocation,weight\n", text_get(&facts)) < 0)
		return -errno;
	for (size_t i = 0; i < s->e->n; i++)
		if (fprintf(f, "AS%" PRIu32 ",%" PRIu64 "\n", s->e->list[i].as, s->e->list[i].weight) < 0)
			return -errno;
	return 0;
}

static json_t *users_json(const struct estimating *s, double users)
{
	return s->e->sum.is_whole ? json_integer((json_int_t)users) : json_real(users);
}

static json_t *result_json(const struct estimating *s)
{
	const struct clients_estimate *e = s->e;

	return json_own(json_pack("{s:s,s:o,s:o,s:I,s:I,s:o,s:I,s:I,s:I,s:I,s:I,s:f,s:f,s:f,s:O,s:o}", "command", "clients",
				  "users", users_json(s, e->sum.users), "users_placed", users_json(s, e->sum.users_placed),
				  "countries", (json_int_t)e->sum.countries, "countries_empty", (json_int_t)e->sum.countries_empty,
				  "users_empty", users_json(s, e->sum.users_empty),
				  "addresses", (json_int_t)e->sum.addresses, "pairs", (json_int_t)e->sum.pairs,
				  "ases", (json_int_t)e->sum.n_as, "locations", (json_int_t)e->n, "total", (json_int_t)s->wish.total,
				  "share_10", e->sum.share_10, "share_100", e->sum.share_100, "share_1000", e->sum.share_1000,
				  "files", s->outputs.files, "warnings", weights_warnings(s->v)));
}

/* Without --out the CSV is the result, but not with -j. */
static int write_csv(struct estimating *s)
{
	struct invocation *v = s->v;
	const char *path = option_value(v, "out");

	if (!path && v->out.json)
		return 0;
	FILE *f = outputs_open(&s->outputs, v, path ? path : "-");

	return f ? outputs_close(&s->outputs, print_csv(s, f)) : -EIO;
}

static void tell(struct estimating *s)
{
	struct invocation *v = s->v;
	auto_text struct text facts = { 0 };

	if (v->out.json) {
		out_json(&v->out, "weights", result_json(s));
		return;
	}
	print_facts(s, "", &facts);
	out_say(&s->run.said, "%.*s", (int)facts.n - 1, text_get(&facts));
}

static int run_clients(struct invocation *v)
{
	const char *out = option_value(v, "out");
	struct estimating s = { .v = v };

	weights_run_init(&s.run, v, !out || strcmp(out, "-") == 0);
	if (read_options(&s) == 0)
		s.e = clients_estimate(&s.wish, v->arena, &v->diags);
	if (s.e) {
		weights_run_start(&s.run, "clients");
		if (weights_run_keep(&s.run, &s.outputs, write_csv(&s)) == 0)
			tell(&s);
	}
	outputs_drop(&s.outputs);
	return weights_told(v, 0);
}

const struct command command_weights_clients = {
	.name = "weights clients", .arguments = "",
	.help = "Estimate where clients are: the users of each country are spread over the autonomous systems that hold its IPv4 "
		"addresses. Prints a share of all clients for each, as CSV.",
	.options = {
		{ "users", 0, "FILE", false, "users of each country: CSV of Tor Metrics, or JSON" },
		{ "prefixes", 0, "FILE", false, "prefixes of ASes (pfx2as), with --geoip" },
		{ "geoip", 0, "FILE", false, "countries of address ranges, with --prefixes" },
		{ "hosts", 0, "FILE", false, "hosts counted in prefixes, in the place of their addresses" },
		{ "location", 0, "FILE", false, "output of `location dump`, in the place of prefixes and countries" },
		{ "total", 0, "N", false, "what all shares add up to (4194304)" },
		{ "top", 0, "N", false, "only so many ASes, the heaviest" },
		{ "min-addresses", 0, "N", false, "only ASes with so many addresses in all countries (1)" },
		{ "skip", 0, "FILE", false, "ASes that are left out, one a line" },
		{ "origin", 0, "split/first/drop", false, "addresses of a prefix with several origins (split)" },
		WEIGHTS_MEMORY,
		{ "lenient", 0, NULL, false, "leave out malformed lines, with a warning" },
		{ "out", 0, "FILE", false, "where the CSV is written (standard output)" },
	},
	.run = run_clients,
};
