/* SPDX-License-Identifier: MIT */
/* nlbc-proxy: its command line, and the one place that prints and exits. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "base/out.h"
#include "proxy/master.h"
#include "proxy/options.h"

/* A standard stream that was closed would become the first socket we open, and be written to. */
static void hold_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", O_RDWR);       /* the lowest that is free: this one */
}

/* A profile on a pipe can be read once; a reload or an upgrade reads it again. */
static int keep_stdin(void)
{
	enum { LIMIT = 16 << 20 };
	auto_free char *bytes = NULL;
	size_t n = 0;

	if (lseek(STDIN_FILENO, 0, SEEK_CUR) >= 0)
		return 0;
	int err = read_file("-", LIMIT, &bytes, &n);

	if (err)
		return err;
	auto_close int fd = memfd_create("profile", MFD_CLOEXEC);
	const struct text t = { .p = bytes, .n = n };

	if (fd < 0)
		return -errno;
	err = text_write(&t, fd);
	return err ? err : dup2(fd, STDIN_FILENO) < 0 ? -errno : 0;
}

static int run(const struct options *o, struct out *out, struct diags *d)
{
	if (o->help || o->version) {
		fputs(o->help ? options_usage : "nlbc-proxy " NLBC_VERSION "\n", stdout);
		return 0;
	}
	const int err = strcmp(o->file, "-") == 0 ? keep_stdin() : 0;

	if (err) {
		diag_error(d, NULL, "profile", "cannot read standard input: %s", strerror(-err));
		return out_diags(out, d, NULL);
	}
	return master_run(o, out);
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct out out = { .results = stdout, .errors = stderr };
	struct options o;
	struct diags d;

	hold_streams();
	diags_init(&d, a);
	int code = options_parse(&o, argc, argv, a, &d);

	out.quiet = o.quiet;
	out.verbose = o.verbose;
	out.colour_errors = colour_wanted(COLOUR_AUTO, isatty(STDERR_FILENO), getenv("NO_COLOR"), getenv("TERM"));
	code = code ? out_diags(&out, &d, NULL) : run(&o, &out, &d);
	arena_free(a);
	return code;
}
