/* SPDX-License-Identifier: MIT */
/* nlbc export: every format of compile as a file. All is compiled before anything is written, and written whole before
 * the first file takes its place; a file of an earlier export that has nothing in it any more goes. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/listing.h"

struct export {
	struct invocation *v;
	const char *dir;
	int fd;                         /* of the directory */
	struct text texts[LISTINGS];    /* empty: shall not be there */
};

static const char *temporary_name(const struct export *e, size_t i)
{
	return arena_printf(e->v->arena, ".%s.nlbc-export", listing_rows[i].file);
}

static int write_text(int dir, const char *name, mode_t mode, const struct text *t)
{
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		return -errno;
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (fd < 0)
		return -errno;
	const ssize_t n = write(fd, text_get(t), t->n);
	int err = n < 0 ? -errno : (size_t)n < t->n ? -ENOSPC : 0;

	if (close(fd) < 0 && !err)
		err = -errno;
	return err;
}

/* A directory of that name would stop us when others have taken their places. */
static int check_place(const struct export *e, size_t i)
{
	struct stat st;

	return fstatat(e->fd, listing_rows[i].file, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode) ? -EISDIR : 0;
}

static int write_all(struct export *e, size_t *which)
{
	int err = 0;

	for (size_t i = 0; !err && i < LISTINGS; i++) {
		*which = i;
		err = check_place(e, i);
		if (!err && e->texts[i].n)
			err = write_text(e->fd, temporary_name(e, i), i == LISTING_SCRIPT ? 0777 : 0666, &e->texts[i]);
	}
	return err;
}

static int put_in_place(struct export *e, size_t *which)
{
	for (size_t i = 0; i < LISTINGS; i++) {
		const char *name = listing_rows[i].file;
		const int refused = e->texts[i].n ? renameat(e->fd, temporary_name(e, i), e->fd, name) : unlinkat(e->fd, name, 0);

		*which = i;
		if (refused < 0 && (e->texts[i].n || errno != ENOENT))
			return -errno;
	}
	return 0;
}

static int open_directory(struct export *e)
{
	if (mkdir(e->dir, 0777) < 0 && errno != EEXIST)
		return -errno;
	e->fd = open(e->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return e->fd < 0 ? -errno : 0;
}

static int write_files(struct export *e)
{
	size_t which = 0;
	int err = open_directory(e);

	if (err) {
		diag_error(&e->v->diags, NULL, "machine", "cannot use directory '%s': %s", e->dir, strerror(-err));
		return err;
	}
	err = write_all(e, &which);
	if (!err)
		err = put_in_place(e, &which);
	for (size_t i = 0; err && i < LISTINGS; i++)
		(void)unlinkat(e->fd, temporary_name(e, i), 0);
	if (err)
		diag_error(&e->v->diags, NULL, "machine", "cannot write '%s/%s': %s", e->dir, listing_rows[which].file,
			   strerror(-err));
	(void)close(e->fd);
	return err;
}

static void say(struct export *e)
{
	json_t *files = json_own(json_array());

	for (size_t i = 0; i < LISTINGS; i++) {
		if (!e->texts[i].n)
			continue;
		json_push(files, json_string(arena_printf(e->v->arena, "%s/%s", e->dir, listing_rows[i].file)));
		out_say(&e->v->out, "%s/%s", e->dir, listing_rows[i].file);
	}
	if (!json_array_size(files))
		out_say(&e->v->out, "nothing to export: the profile asks nothing of the kernel");
	if (e->v->out.json)
		out_json(&e->v->out, "export", json_own(json_pack("{s:O}", "files", files)));
	json_decref(files);
}

static int run_export(struct invocation *v)
{
	struct export e = { .v = v, .dir = v->args[1] };
	const struct plan *p = listing_plan(v);

	int err = p ? listing_print_all(p, e.texts, &v->diags) : -EINVAL;

	if (listing_is_empty(&e.texts[LISTING_SCRIPT]))
		text_clear(&e.texts[LISTING_SCRIPT]);
	if (!err && write_files(&e) == 0)
		say(&e);
	listing_release(e.texts);
	return 0;
}

const struct command command_export = {
	.name = "export", .arguments = "FILE DIR", .min_args = 2, .max_args = 2,
	.help = "Write every format of compile that has something in it as a file in DIR, which is made if need be: plan.txt, "
		"nft.nft, iptables.rules, ip6tables.rules, ip.batch, ip6.batch, tc.batch, sysctl.conf, load.sh. What an "
		"earlier export left under these names is replaced or removed.",
	.options = {
		{ "resolve", 0, NULL, false, "look up devices and next hops on this machine" },
		{ "device", 0, "NAME=DEVICE", true, "the device of an interface" },
	},
	.run = run_export,
};
