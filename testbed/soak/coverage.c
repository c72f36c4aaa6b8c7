/* SPDX-License-Identifier: MIT */
/* Which words of the packet part of the language appeared in the profiles, and which never did. */
#include "base/base.h"

#include "coverage.h"
#include "profile/keywords.h"
#include "profile/tree.h"

static void count_value(struct coverage *v, size_t row, const struct arg *arg, const struct value *value)
{
	const size_t at = (size_t)(arg - keywords[row].args);

	for (size_t i = 0; arg->choices && arg->choices[i]; i++)
		if (strcmp(arg->choices[i], value->text) == 0)
			v->choice[row][at][i]++;
	for (size_t i = 0; i < ARRAY_LEN(arg->types); i++)
		if (arg->types[i].type == value->type)
			v->type[row][at][i]++;
}

static void count_statement(struct coverage *v, const struct stmt *s)
{
	const size_t row = (size_t)(s->keyword - keywords);

	v->keyword[row]++;
	for (size_t i = 0; i < s->n_fields; i++) {
		const struct field *f = &s->fields[i];

		v->argument[row][f->arg - keywords[row].args]++;
		for (size_t j = 0; j < f->n; j++)
			count_value(v, row, f->arg, &f->values[j]);
	}
}

void coverage_count(struct coverage *v, const struct stmt *s)
{
	if (s->keyword)
		count_statement(v, s);
	for (const struct stmt *child = s->first; child; child = child->next)
		coverage_count(v, child);
}

static bool is_packet_part(const struct keyword *k, const struct recipe *r)
{
	static const char *const others[] = { "proxy", "onion", "web" }, *const netem[] = { "delay", "loss", "duplicate",
		"corrupt", "reorder", "limit" };

	if (k->grammar || k->block == BLOCK_ROLE || k->block > BLOCK_BALANCE)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(k->word, others[i]) == 0)
			return false;
	for (size_t i = 0; k->block == BLOCK_SHAPER && i < ARRAY_LEN(netem); i++)
		if (!r->netem && strcmp(k->word, netem[i]) == 0)
			return false;
	return true;
}

/* What was left out on purpose: fq_codel where it was not asked for, hashes for the legacy target. */
static bool is_meant(const struct recipe *r, const char *word)
{
	static const char *const legacy[] = { "hash", "on", "seed", "engine", "flow", "addresses", "source", "destination", "slots",
		"nexthop", "nft" };

	for (size_t i = 0; r->legacy && i < ARRAY_LEN(legacy); i++)
		if (word && strcmp(word, legacy[i]) == 0)
			return false;
	return r->legacy || !word || strcmp(word, "iptables") != 0;
}

static unsigned tell(unsigned count, const char *what, const char *word, const char *more)
{
	if (!count)
		printf("never %s %s%s%s\n", what, word, more ? " " : "", more ? more : "");
	return !count;
}

static unsigned tell_arguments(const struct coverage *v, size_t row, const struct recipe *r)
{
	const struct keyword *k = &keywords[row];
	unsigned missing = 0;

	for (size_t i = 0; i < k->n_args; i++) {
		const struct arg *arg = &k->args[i];

		if ((arg->when && strcmp(arg->when, "fq_codel") == 0 && !r->fq_codel) || !is_meant(r, arg->name))
			continue;
		if (!k->inner_or_value)
			missing += tell(v->argument[row][i], k->word, arg_name(arg), NULL);
		for (size_t j = 0; j < ARRAY_LEN(arg->types) && arg->types[j].type != VALUE_WRONG; j++)
			if (arg->types[j].type != VALUE_CHOICE && arg->types[j].type != VALUE_METHOD)
				missing += tell(v->type[row][i][j], k->word, arg_name(arg), value_kinds[arg->types[j].type].name);
		for (size_t j = 0; arg->choices && arg->choices[j]; j++)
			if (is_meant(r, arg->choices[j]) && (r->fq_codel || strcmp(arg->choices[j], "fq_codel") != 0))
				missing += tell(v->choice[row][i][j], k->word, arg_name(arg), arg->choices[j]);
	}
	return missing;
}

unsigned coverage_tell(const struct coverage *v, const struct recipe *r)
{
	unsigned rows = 0, missing = 0;

	for (size_t row = 0; row < n_keywords; row++) {
		const struct keyword *k = &keywords[row];

		if (!is_packet_part(k, r))
			continue;
		rows++;
		missing += tell(v->keyword[row], block_name(k->block), k->word, NULL);
		missing += v->keyword[row] ? tell_arguments(v, row, r) : 0;
	}
	printf("%u keywords of the packet part, %u words never used\n", rows, missing);
	return missing;
}
