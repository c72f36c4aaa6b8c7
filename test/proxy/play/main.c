/* SPDX-License-Identifier: MIT */
/* play corpus|behind|mutate|serve|soak [--OPTION VALUE]… --proxy NAME=CLIENTPORT:SERVERPORT[:anonymous]… FILE…
 *     --concurrent 500   clients at once      --step 1   corpus, behind: cut at every so many bytes
 *     --count 1000 --seed 1 --from 0   mutate; seconds and numbers of soak
 *     --expected FILE   behind: what the servers must have seen */
#include "base/base.h"

#include <errno.h>
#include <sys/resource.h>

#include "play.h"

static const struct play {
	const char *name;
	bool (*run)(const struct cases *c, const struct options *o);
} plays[] = {
	{ "corpus", play_corpus },
	{ "behind", play_behind },
	{ "mutate", play_mutations },
	{ "serve", play_serve },
	{ "soak", play_soak },
};

const struct proxy_ports *options_proxy(const struct options *o, const char *name)
{
	for (size_t i = 0; i < o->n_proxies; i++)
		if (strcmp(o->proxies[i].name, name) == 0)
			return &o->proxies[i];
	errno = 0;
	die("a case asks for proxy '%s'", name);
}

static void proxy_option(struct options *o, char *value)
{
	if (o->n_proxies == ARRAY_LEN(o->proxies))
		die("too many proxies");
	struct proxy_ports *p = &o->proxies[o->n_proxies++];
	p->name = strsep(&value, "=");
	const char *client = strsep(&value, ":"), *server = strsep(&value, ":");
	if (!p->name || !client || !server)
		die("--proxy NAME=CLIENTPORT:SERVERPORT[:anonymous]");
	p->client = (unsigned)strtoul(client, NULL, 10);
	p->server = (unsigned)strtoul(server, NULL, 10);
	p->anonymous = value != NULL;
}

static void option(struct options *o, const char *name, char *value)
{
	const uint64_t n = strtoul(value, NULL, 10);

	if (strcmp(name, "--proxy") == 0)
		proxy_option(o, value);
	else if (strcmp(name, "--concurrent") == 0)
		o->concurrent = (unsigned)n;
	else if (strcmp(name, "--step") == 0)
		o->step = (unsigned)MAX(n, 1ul);
	else if (strcmp(name, "--count") == 0)
		o->count = n;
	else if (strcmp(name, "--seed") == 0)
		o->seed = n;
	else if (strcmp(name, "--from") == 0)
		o->from = n;
	else if (strcmp(name, "--verbose") == 0)
		o->verbose = n > 0;
	else if (strcmp(name, "--expected") == 0)
		o->expected = value;
	else
		die("unknown option %s", name);
}

int main(int argc, char **argv)
{
	struct options o = { .concurrent = 500, .step = 1, .count = 1000, .seed = 1 };
	struct cases cases = {0};
	const struct rlimit files = { 8192, 8192 };
	int i = 2;

	errno = 0;
	(void)setrlimit(RLIMIT_NOFILE, &files);         /* else fewer at once: connecting says so */
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	for (; i + 1 < argc && argv[i][0] == '-'; i += 2)
		option(&o, argv[i], argv[i + 1]);
	for (; i < argc; i++)
		cases_read(&cases, argv[i]);
	if (argc < 2 || !o.n_proxies)
		die("usage: play corpus|behind|mutate|serve|soak [--OPTION VALUE]... --proxy NAME=CLIENTPORT:SERVERPORT... FILE...");
	for (size_t k = 0; k < ARRAY_LEN(plays); k++)
		if (strcmp(argv[1], plays[k].name) == 0)
			return plays[k].run(&cases, &o) ? 0 : 1;
	die("no play '%s'", argv[1]);
}
