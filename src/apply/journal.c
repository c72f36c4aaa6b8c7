/* SPDX-License-Identifier: MIT */
/* The journal's files: directory, lock, appending, writing anew, and the files of the generations. */
#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "apply/journal.h"
#include "apply/journal_read.h"

enum { LOCK_WAIT_MS = 10000, LOCK_STEP_MS = 10, JOURNAL_LIMIT = 64 << 20 };

static char *file_in(const struct journal *j, const char *name)
{
	return arena_printf(j->arena, "%s/%s", j->dir, name);
}

/* Of a journal of another boot only numbers, hand settings and the history still matter: the kernel forgot everything. */
static void forget_boot(struct journal *j)
{
	struct memory kept = {
		.paths = j->memory.paths, .n_paths = j->memory.n_paths,
		.balances = j->memory.balances, .n_balances = j->memory.n_balances,
		.hand_states = j->memory.hand_states, .n_hand_states = j->memory.n_hand_states,
		.hand_weights = j->memory.hand_weights, .n_hand_weights = j->memory.n_hand_weights,
	};

	j->memory = kept;
	j->now = j->in_force = (struct generation){ 0 };
	j->end = JOURNAL_EMPTY;
	j->done_sum = j->steer_sum = j->basis = NULL;
	j->nft_generation = 0;
	j->n_displaced = j->n_since = 0;
	j->trial = (struct trial){ 0 };
}

/* Set aside as it was; what still matters takes its place, for the commands to come. */
static int begin_boot(struct journal *j)
{
	const char *old = file_in(j, "journal.old");

	if ((unlink(old) < 0 && errno != ENOENT) || link(file_in(j, "journal"), old) < 0)
		return -errno;
	return journal_rewrite(j);
}

static void look_at(const struct journal *j, struct stat *st)
{
	if (stat(file_in(j, "journal"), st) < 0)
		*st = (struct stat){ 0 };
}

/* The whole lines of a file; *rest is what is behind them. False: its head is another's. */
static bool read_lines(struct journal *j, struct str *rest)
{
	bool first = true, mine = true;

	for (;;) {
		const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;

		if (!end)                  /* a last line without its end was not written whole */
			return mine;
		struct str line = { rest->p, (size_t)(end - rest->p) };

		rest->n -= line.n + 1;
		rest->p = end + 1;
		if (first)
			mine = journal_is_head(j, line);
		else
			journal_read_record(j, line);
		first = false;
	}
}

static int read_journal(struct journal *j, bool change)
{
	const char *path = file_in(j, "journal");
	auto_free char *bytes = NULL;
	size_t n = 0;

	look_at(j, &j->file);
	int err = read_file(path, JOURNAL_LIMIT, &bytes, &n);

	if (err)
		return err == -ENOENT ? 0 : err;
	struct str rest = { bytes, n };

	if (read_lines(j, &rest))          /* what was cut short must not stand before the next record */
		return change && rest.n && truncate(path, (off_t)(n - rest.n)) < 0 ? -errno : 0;
	forget_boot(j);
	return change ? begin_boot(j) : 0;
}

static int make_dir(const char *path, mode_t mode)
{
	return mkdir(path, mode) == 0 || errno == EEXIST ? 0 : -errno;
}

/* The state directory with those above it. */
static int make_dirs(const struct journal *j, const char *state_dir)
{
	char *above = arena_strdup(j->arena, state_dir);
	int err = 0;

	for (char *slash = above; !err && (slash = strchr(slash + 1, '/'));) {
		*slash = 0;
		err = make_dir(above, 0755);
		*slash = '/';
	}
	if (!err)
		err = make_dir(state_dir, 0755);
	if (!err)
		err = make_dir(j->dir, 0700);
	return err ? err : make_dir(file_in(j, "gen"), 0700);
}

static void explain_busy(const struct journal *j, struct diags *d)
{
	char pid[24] = "";
	ssize_t n = pread(j->lock_fd, pid, sizeof(pid) - 1, 0);

	pid[n > 0 ? strcspn(pid, "\n") : 0] = 0;
	diag_error(d, NULL, "busy", "another nlbc (pid %s) is changing this namespace", *pid ? pid : "unknown");
}

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int take_lock(struct journal *j, const volatile sig_atomic_t *interrupted, struct diags *d)
{
	j->lock_fd = open(file_in(j, "lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (j->lock_fd < 0)
		return -errno;
	const struct timespec step = { 0, LOCK_STEP_MS * 1000000L };
	const int64_t end = now_ms() + LOCK_WAIT_MS;

	while (flock(j->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (interrupted && *interrupted) {
			diag_error(d, NULL, "interrupted", "stopped by a signal");
			return -EINTR;
		}
		if (now_ms() >= end) {
			explain_busy(j, d);
			return -EBUSY;
		}
		(void)nanosleep(&step, NULL);
	}
	char pid[24];
	int n = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());

	/* Only for the message of one who waits: failing to write it changes nothing. */
	if (ftruncate(j->lock_fd, 0) == 0)
		(void)!pwrite(j->lock_fd, pid, (size_t)n, 0);
	return 0;
}

int journal_open(struct journal *j, const struct journal_place *place, bool change, struct arena *a,
		 struct diags *d)
{
	*j = (struct journal){ .arena = a, .lock_fd = -1, .boot = place->boot, .netns = place->netns };
	j->dir = arena_printf(a, "%s/%s", place->state_dir, place->netns);
	int err = change ? make_dirs(j, place->state_dir) : 0;

	if (!err && change)
		err = take_lock(j, place->interrupted, d);
	if (!err)
		err = read_journal(j, change);
	if (!err)
		return 0;
	journal_close(j);
	if (err == -EBUSY || err == -EINTR)
		return err;
	bool denied = err == -EACCES || err == -EPERM;
	struct diag *g = diag_error(d, NULL, denied ? "permission" : "kernel", "cannot use state directory '%s': %s", j->dir,
				    strerror(-err));

	diag_hint(d, g, denied ? "run as root, or set NLBC_STATE_DIR to a directory of yours" :
				 "set NLBC_STATE_DIR to a directory that can be written");
	return err;
}

void journal_close(struct journal *j)
{
	if (j->lock_fd >= 0)
		(void)close(j->lock_fd);
	j->lock_fd = -1;
}

static bool is_locked(const struct journal *j)
{
	auto_close int fd = open(file_in(j, "lock"), O_RDONLY | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

bool journal_moves(const struct journal *j)
{
	const struct stat *was = &j->file;
	struct stat now;

	if (j->end == JOURNAL_UNFINISHED && is_locked(j))
		return true;
	look_at(j, &now);
	return now.st_ino != was->st_ino || now.st_size != was->st_size || now.st_mtim.tv_sec != was->st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != was->st_mtim.tv_nsec;
}

const char *journal_since(const struct journal *j, const char *path, size_t near)
{
	if (near < j->n_since && strcmp(j->since[near].path, path) == 0)
		return j->since[near].at;
	for (size_t i = 0; i < j->n_since; i++)
		if (strcmp(j->since[i].path, path) == 0)
			return j->since[i].at;
	return NULL;
}

void journal_set_since(struct journal *j, const char *path, const char *at)
{
	j->since = arena_grow(j->arena, j->since, j->n_since, &j->since_room, sizeof(*j->since));
	j->since[j->n_since++] = (struct counted_since){ path, at };
}

int journal_append(struct journal *j, const struct text *lines, bool sync)
{
	const char *path = file_in(j, "journal");
	auto_close int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	auto_text struct text whole = { 0 };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size == 0)
		text_printf(&whole, "nlbc-journal 1 boot=%s netns=%s\n", j->boot, j->netns);
	text_add(&whole, lines->p, lines->n);
	int err = text_write(&whole, fd);

	if (!err && sync && fdatasync(fd) < 0)
		err = -errno;
	return err;
}

int journal_rewrite(struct journal *j)
{
	auto_text struct text all = { 0 };

	journal_put_all(j, &all);
	int err = write_file(file_in(j, "journal"), &all);

	if (err)
		return err;
	auto_close int dir = open(j->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 || fsync(dir) < 0 ? -errno : 0;
}

int journal_set_aside(struct journal *j)
{
	auto_text struct text all = { 0 };
	struct journal was = *j;

	was.now = was.in_force;
	was.end = was.in_force.number ? JOURNAL_DONE : JOURNAL_EMPTY;
	was.n_history = 0;
	was.trial = (struct trial){ 0 };
	journal_put_all(&was, &all);
	return write_file(file_in(j, "journal.from"), &all);
}

int journal_read_aside(const struct journal *j, struct journal *out)
{
	auto_free char *bytes = NULL;
	size_t n = 0;
	int err = read_file(file_in(j, "journal.from"), JOURNAL_LIMIT, &bytes, &n);
	struct str rest = { bytes, n };

	*out = (struct journal){ .arena = j->arena, .lock_fd = -1, .dir = j->dir, .boot = j->boot, .netns = j->netns };
	if (err)
		return err;
	return read_lines(out, &rest) ? 0 : -ESTALE;
}

void journal_drop_aside(const struct journal *j)
{
	(void)unlink(file_in(j, "journal.from"));       /* of no meaning without the record that awaits it */
}

static const char *generation_file(const struct journal *j, uint64_t number)
{
	return file_in(j, arena_printf(j->arena, "gen/%" PRIu64 ".json", number));
}

/* The last GENERATIONS_KEPT are kept, and those that may have to be planned again. */
static void drop_generations(const struct journal *j, uint64_t number)
{
	DIR *dir = opendir(file_in(j, "gen"));
	const struct dirent *e;

	while (dir && (e = readdir(dir)) != NULL) {
		struct str name = { e->d_name, strcspn(e->d_name, ".") };
		uint64_t old = 0;

		if (parse_uint(name, &old) == 0 && old + GENERATIONS_KEPT <= number && old != j->in_force.number &&
		    old != j->trial.to)
			(void)unlink(generation_file(j, old));  /* one that stays too long does no harm */
	}
	if (dir)
		(void)closedir(dir);
}

int journal_save_generation(struct journal *j, uint64_t number, const struct text *bytes)
{
	int err = write_file(generation_file(j, number), bytes);

	if (!err && number > GENERATIONS_KEPT)
		drop_generations(j, number);
	return err;
}

bool journal_has_generation(const struct journal *j, uint64_t number)
{
	return access(generation_file(j, number), R_OK) == 0;
}

int journal_load_generation(const struct journal *j, uint64_t number, char **bytes, size_t *n)
{
	return read_file(generation_file(j, number), JOURNAL_LIMIT, bytes, n);
}
