/* SPDX-License-Identifier: MIT */
/* The nlbc command: the list of verbs, the surroundings of a run, and the one place that prints and exits. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <time.h>

#include "cli/command.h"
#include "cli/verbs.h"
#include "target/kernel.h"

const struct command *const commands[] = {
	&command_check,
	&command_diff,
	&command_apply,
	&command_flush,
	&command_status,
	&command_get,
	&command_path,
	&command_server,
	&command_confirm,
	&command_history,
	&command_rollback,
	&command_doctor,
	&command_trace,
	&command_watch,
	&command_wait,
	&command_compile,
	&command_export,
	&command_fmt,
	&command_convert,
	&command_schema,
	&command_weights_bandwidth,
	&command_weights_clients,
	&command_weights_penalty,
	&command_weights_solve,
	&command_weights_certify,
	&command_weights_export,
	&command_completion,
	&command_help,
	&command_version,
	&command_complete,
	NULL,
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

/* For verbs that change something or wait: a change is ended or undone first. A second signal ends the process at once,
 * as ever: SA_RESETHAND. */
void cli_watch_signals(void)
{
	const struct sigaction sa = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		struct sigaction was;

		/* What was ignored when we began stays ignored (nohup). */
		if (sigaction(numbers[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN)
			(void)sigaction(numbers[i], &sa, NULL);
	}
}

/* A standard stream that was closed would become the first file or socket we open, and be written to. In its place stands
 * one that cannot be used that way either. */
static void hold_streams(void)
{
	static const int wrong_way[] = { [STDIN_FILENO] = O_WRONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_RDONLY };

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", wrong_way[fd]);        /* the lowest that is free: this one */
}

static void set_out(struct invocation *v)
{
	struct out *o = &v->out;
	const char *colour = option_value(v, "color");
	enum colour_when when = !colour || strcmp(colour, "auto") == 0 ? COLOUR_AUTO :
				strcmp(colour, "always") == 0 ? COLOUR_ALWAYS : COLOUR_NEVER;
	char *host = arena_alloc(v->arena, HOST_NAME_MAX + 1);
	char *now = arena_alloc(v->arena, TIME_TEXT);

	if (gethostname(host, HOST_NAME_MAX) < 0)
		host[0] = 0;
	o->results = stdout;
	o->errors = stderr;
	o->pretty = option_given(v, "pretty");
	o->json = option_given(v, "json") || o->pretty;
	o->quiet = option_given(v, "quiet");
	o->verbose = option_given(v, "verbose");
	o->is_terminal = isatty(STDOUT_FILENO);
	o->colour = colour_wanted(when, o->is_terminal, getenv("NO_COLOR"), getenv("TERM"));
	o->colour_errors = colour_wanted(when, isatty(STDERR_FILENO), getenv("NO_COLOR"), getenv("TERM"));
	o->host = host;
	o->time = time_print((int64_t)time(NULL), now);
}

static int set_surroundings(struct invocation *v)
{
	const char *netns = option_value(v, "netns");
	const char *dir = getenv("NLBC_STATE_DIR");
	const char *role = getenv("NLBC_ROLE");

	v->state_dir = dir && *dir ? dir : NULL;
	v->role = option_value(v, "role");
	if (!v->role && role && *role)
		v->role = role;
	v->interrupted = &interrupted;
	int err = netns ? kernel_enter_netns(netns) : 0;

	if (err == -EPERM)
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "permission", "cannot enter network namespace '%s'", netns),
			  "run as root");
	else if (err)
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", "no network namespace '%s'", netns), "ip netns list");
	return err;
}

/* `nlbc` alone shows the usual verbs, the first word of two all of its family. */
static int show_usual(struct invocation *v)
{
	const char *family = v->family;

	if (v->out.json) {
		diag_hint(&v->diags, diag_error(&v->diags, NULL, "usage", family ? "'%s' needs a second word" : "no verb is given", family),
			  "nlbc help%s%s", family ? " " : "", family ? family : "");
		return out_diags(&v->out, &v->diags, NULL);
	}
	fprintf(stderr, "usage: nlbc [OPTIONS] %s [OPTIONS] [ARGUMENTS]\n\n", family ? arena_printf(v->arena, "%s VERB", family) : "VERB");
	for (const struct command *const *c = commands; *c; c++) {
		auto_text struct text line = { 0 };

		if (family ? !command_in_family(*c, family) : !(*c)->usual)
			continue;
		command_brief(*c, &line);
		fprintf(stderr, "  nlbc %s\n", text_get(&line));
	}
	if (family)
		fprintf(stderr, "\nnlbc help %s VERB explains one.\n", family);
	else
		fputs("\nnlbc help shows all verbs, nlbc help VERB explains one.\n", stderr);
	return failure_of("usage")->exit;
}

/* The work is done all the same: only the one who asked has not been told. */
static int tell_unwritten(struct invocation *v, int err)
{
	diags_init(&v->diags, v->arena);
	diag_error(&v->diags, NULL, "machine", "cannot write to standard output: %s", strerror(-err));
	return out_diags(&v->out, &v->diags, NULL);
}

static int run(struct invocation *v, int argc, char **argv)
{
	int code = 0;
	int err = invocation_parse(v, argc, argv);

	set_out(v);
	if (!err && !v->command)
		return show_usual(v);
	if (!err)
		err = set_surroundings(v);
	if (!err && (v->command->changes || v->command->lasts))
		cli_watch_signals();
	if (!err)
		code = v->command->run(v);
	int wrong = v->diags_shown ? 0 : out_diags(&v->out, &v->diags, v->file);

	if (v->rolled_back && v->generation)
		out_remark(&v->out, "rolled back, generation %" PRIu64 " is in force", v->generation);
	else if (v->rolled_back)
		out_remark(&v->out, "rolled back, nothing is in force");
	err = out_finish(&v->out);
	if (err && !wrong && !v->reader_gone)
		return tell_unwritten(v, err);
	return wrong ? wrong : code;
}

int main(int argc, char **argv)
{
	struct invocation v = { .arena = arena_new() };

	hold_streams();
	diags_init(&v.diags, v.arena);
	int code = run(&v, argc, argv);

	arena_free(v.arena);
	return code;
}
