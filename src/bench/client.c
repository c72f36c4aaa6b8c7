/* SPDX-License-Identifier: MIT */
/* nlbc-bench client: which of its three forms is meant, and what may be said with each. */
#include "base/base.h"

#include <errno.h>

#include "bench/client.h"

enum form { DOWNLOAD = 1, EXCHANGE = 2, LOAD = 4 };

static const struct {
	const char *name;
	unsigned forms;
} option_forms[] = {
	{ "fence", DOWNLOAD },  { "socks", DOWNLOAD },     { "size", DOWNLOAD },   { "count", DOWNLOAD },
	{ "interval", DOWNLOAD }, { "compat", DOWNLOAD },  { "exchanges", EXCHANGE }, { "send", EXCHANGE },
	{ "send-file", EXCHANGE }, { "expect", EXCHANGE }, { "piece", EXCHANGE },  { "reconnect", EXCHANGE },
	{ "for", LOAD },        { "warm", LOAD },          { "connections", LOAD }, { "seed", LOAD },
};

int client_resolve(struct bench *b, const struct url *u, struct endpoint *e)
{
	if (url_resolve(u, e) == 0)
		return 0;
	diag_error(&b->diags, NULL, "unreachable", "cannot find the address of '%s'", u->host);
	return -EADDRNOTAVAIL;
}

static int check_options(struct bench *b, enum form form)
{
	static const char *const needs[] = { [DOWNLOAD] = "a download", [EXCHANGE] = "tcp://", [LOAD] = "--rate" };

	for (size_t i = 0; i < ARRAY_LEN(option_forms); i++) {
		if (!bench_has(b, option_forms[i].name) || option_forms[i].forms & form)
			continue;
		diag_error(&b->diags, NULL, "usage", "option '--%s' is for %s", option_forms[i].name, needs[option_forms[i].forms]);
		return -EINVAL;
	}
	return 0;
}

static int run(struct bench *b)
{
	struct url u;

	if (url_parse(b->args[0], &u)) {
		diag_hint(&b->diags, diag_error(&b->diags, NULL, "usage", "'%s' is no URL", b->args[0]),
			  "write http://HOST[:PORT]/PATH or tcp://HOST:PORT");
		return -1;
	}
	if (u.tcp && bench_has(b, "rate")) {
		diag_error(&b->diags, NULL, "usage", "--rate needs http://");
		return -1;
	}
	const enum form form = u.tcp ? EXCHANGE : bench_has(b, "rate") ? LOAD : DOWNLOAD;

	if (check_options(b, form))
		return -1;
	return form == EXCHANGE ? client_exchange(b, &u) : form == LOAD ? client_load(b, &u) : client_download(b, &u);
}

const struct bench_command bench_client = {
	.name = "client",
	.arguments = "URL [OPTIONS]",
	.help = "Downloads http://HOST[:PORT]/PATH and writes what came in each interval; with --rate sends requests at random\n"
		"moments and measures their times; with tcp://HOST:PORT exchanges a text for a reply, again and again.",
	.options = {
		{ "fence", "ADDRESS:PORT", false, "download: wait there to be released" },
		{ "socks", "ADDRESS:PORT", false, "download: through this SOCKS5 proxy, which looks up the name" },
		{ "size", "BYTES", false, "download: as many are expected" },
		{ "count", "N", false, "download: so many times (1)" },
		{ "interval", "TIME", false, "download: a line each TIME (1s)" },
		{ "compat", "seed", false, "download: lines and fence as the seed had them" },
		{ "rate", "R", false, "load: requests per second, as a Poisson stream" },
		{ "for", "TIME", false, "load: how long (10s)" },
		{ "warm", "TIME", false, "load: before that, unmeasured (0s)" },
		{ "connections", "MAX", false, "load: at most so many (1000)" },
		{ "seed", "N", false, "load: where chance begins" },
		{ "exchanges", "N", false, "tcp: so many (1)" },
		{ "send", "TEXT", false, "tcp: what is sent" },
		{ "send-file", "FILE", false, "tcp: the same, from a file" },
		{ "expect", "WHAT", false, "tcp: the reply: fixed58, echo, or a file" },
		{ "piece", "BYTES", false, "tcp: send and read at most so many at a time (64kb)" },
		{ "reconnect", NULL, false, "tcp: a new connection for each exchange" },
		{ "timeout", "TIME", false, "longest silence of a download (60s), longest request or exchange (10s)" },
		{ "out", "FILE", false, "append the lines to FILE" },
	},
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
