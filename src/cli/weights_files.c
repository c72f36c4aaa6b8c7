/* SPDX-License-Identifier: MIT */
/* Files of `nlbc weights`: written under a temporary name beside their place and renamed when all of a verb's files are
 * whole. What is no regular file, a device or a pipe, is written in place. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/weights.h"

static const char *const written[] = { "out", "mps", "relays-csv", "locations-csv", "shadow", "svg" };

static bool is_written(const struct option_row *row)
{
	for (size_t i = 0; i < ARRAY_LEN(written); i++)
		if (strcmp(written[i], row->name) == 0)
			return true;
	return false;
}

/* Where an output will stand, in one spelling: what is there by its real name, what is new by that of its folder. */
static const char *place_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	if (strcmp(path, "-") == 0)
		return path;
	auto_free char *real = realpath(path, NULL);

	if (real)
		return arena_strdup(a, real);
	auto_free char *folder = realpath(slash ? arena_copy(a, path, (size_t)(name - path)) : ".", NULL);

	return folder ? arena_printf(a, "%s/%s", folder, name) : path;
}

/* Is it written by an option before this one? */
static bool is_twice(const struct invocation *v, size_t at)
{
	const char *place = place_of(v->arena, v->given[at].value);

	for (size_t i = 0; i < at; i++)
		if (is_written(v->given[i].row) && strcmp(place_of(v->arena, v->given[i].value), place) == 0)
			return true;
	return false;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) && is_same(&x, &y);
}

/* Its value names a file that is read. An old result may give way to the one that begins from it. */
static bool is_input(const struct option_row *row)
{
	static const char *const files[] = { "FILE", "CONSENSUS", "RESULT" };

	for (size_t i = 0; row->value && i < ARRAY_LEN(files); i++)
		if (strcmp(row->value, files[i]) == 0)
			return !is_written(row) && strcmp(row->name, "warm") != 0;
	return false;
}

static bool is_read(const struct invocation *v, const char *path)
{
	for (size_t i = 0; i < v->n_args; i++)
		if (is_same_file(path, v->args[i]))
			return true;
	for (size_t i = 0; i < v->n_given; i++)
		if (is_input(v->given[i].row) && is_same_file(path, v->given[i].value))
			return true;
	return false;
}

int files_check(struct invocation *v)
{
	size_t read = 0;

	for (size_t i = 0; i < v->n_args; i++)
		read += strcmp(v->args[i], "-") == 0;
	for (size_t i = 0; i < v->n_given; i++) {
		const struct given_option *g = &v->given[i];
		const bool is_dash = g->value && strcmp(g->value, "-") == 0;

		if (is_written(g->row) && is_twice(v, i))
			return weights_refuse(v, arena_printf(v->arena, "'%s' would be written twice", g->value), NULL);
		if (is_written(g->row) && is_dash && v->out.json)
			return weights_refuse(v, arena_printf(v->arena, "'--%s -' and '--json' both want standard output",
							      g->row->name), NULL);
		if (is_written(g->row) && !is_dash && is_read(v, g->value))
			return weights_refuse(v, arena_printf(v->arena, "'--%s %s' would replace what is read",
							      g->row->name, g->value), NULL);
		read += is_dash && !is_written(g->row);
	}
	return read > 1 ? weights_refuse(v, "'-' is given for two files", "only one can be read from standard input") : 0;
}

static int explain(struct outputs *o, const char *path, int err)
{
	if (strcmp(path, "-") == 0)
		diag_error(&o->v->diags, NULL, "machine", "cannot write to standard output: %s", strerror(-err));
	else
		diag_error(&o->v->diags, NULL, "machine", "cannot write '%s': %s", path, strerror(-err));
	return err;
}

/* Where it is written in the end: a link is followed. Opens it if that is no regular file, or the one that standard output
 * is: to replace that would lose what was written there, and what still will be. 0, -errno. */
static int find_target(struct output *out, struct arena *a, mode_t *mode)
{
	struct stat st, standard;

	out->target = out->path;
	*mode = 0;
	if (stat(out->path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	const bool is_stdout = fstat(STDOUT_FILENO, &standard) == 0 && is_same(&st, &standard);

	if (S_ISREG(st.st_mode) && !is_stdout) {
		auto_free char *real = realpath(out->path, NULL);

		if (!real)
			return -errno;
		out->target = arena_strdup(a, real);
		*mode = st.st_mode & 0777;
		return 0;
	}
	const int fd = is_stdout ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) : open(out->path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	out->f = fdopen(fd, "w");
	return 0;
}

/* Signals that would end us where a write fails: temporary files would be left. */
static const int held[HELD_SIGNALS] = { SIGPIPE, SIGXFSZ };

static void hold_signals(struct outputs *o)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	for (size_t i = 0; !o->is_holding && i < ARRAY_LEN(held); i++)
		(void)sigaction(held[i], &ignore, &o->was[i]);          /* cannot fail for signals that there are */
	o->is_holding = true;
}

static void release_signals(struct outputs *o)
{
	for (size_t i = 0; o->is_holding && i < ARRAY_LEN(held); i++)
		(void)sigaction(held[i], &o->was[i], NULL);
	o->is_holding = false;
}

static int open_temporary(struct output *out, struct arena *a, mode_t mode)
{
	out->temporary = arena_printf(a, "%s.%ld.new", out->target, (long)getpid());
	int fd = open(out->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd >= 0 && mode)
		(void)fchmod(fd, mode);         /* else the new file has the mode of new files */
	const int err = fd < 0 ? -errno : 0;

	if (fd < 0)
		out->temporary = NULL;
	else
		out->f = fdopen(fd, "w");
	return err;
}

FILE *outputs_open(struct outputs *o, struct invocation *v, const char *path)
{
	struct output *out = &o->list[o->n];
	mode_t mode = 0;
	int err = 0;

	o->v = v;
	*out = (struct output){ .path = path };
	if (strcmp(path, "-") == 0) {
		out->f = v->out.results;
	} else {
		err = find_target(out, v->arena, &mode);
		if (!err && !out->f) {
			hold_signals(o);
			err = open_temporary(out, v->arena, mode);
		}
	}
	if (!err && !out->f)
		out_of_memory();
	if (err) {
		(void)explain(o, path, err);
		return NULL;
	}
	o->n++;
	return out->f;
}

int outputs_close(struct outputs *o, int err)
{
	struct output *out = &o->list[o->n - 1];

	errno = 0;
	if (!err && (fflush(out->f) != 0 || ferror(out->f)))
		err = errno ? -errno : -EIO;
	if (out->target && fclose(out->f) != 0 && !err)
		err = -errno;
	out->f = NULL;
	return err && err != -EINTR ? explain(o, out->path, err) : err;
}

int outputs_keep(struct outputs *o)
{
	o->files = json_own(json_array());
	for (size_t i = 0; i < o->n; i++) {
		struct output *out = &o->list[i];

		if (out->temporary && rename(out->temporary, out->target) < 0)
			return explain(o, out->path, -errno);
		out->temporary = NULL;
		json_push(o->files, json_string(out->path));
	}
	release_signals(o);
	return 0;
}

void outputs_drop(struct outputs *o)
{
	for (size_t i = 0; i < o->n; i++) {
		struct output *out = &o->list[i];

		if (out->f && out->target)
			(void)fclose(out->f);           /* it is given up */
		if (out->temporary)
			(void)unlink(out->temporary);
	}
	release_signals(o);
	json_decref(o->files);
	*o = (struct outputs){ .v = o->v };
}
