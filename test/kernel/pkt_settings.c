/* SPDX-License-Identifier: MIT */
/* pkt settings: what the files below a folder of /proc/sys hold, a line each, as grep -ars shows it, in fewer calls. */
#include "base/base.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>

#include "pkt.h"

/* Lines that are not empty; what cannot be read is left out. */
static void file_print(int folder, const char *name, const char *path)
{
	char text[4096];
	const int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	const ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		(void)close(fd);
	text[MAX(got, 0)] = '\0';
	for (const char *line = text; *line;) {
		const int n = (int)strcspn(line, "\n");
		if (n)
			(void)printf("%s/%s:%.*s\n", path, name, n, line);
		line += n + (line[n] == '\n');
	}
}

static void folder_print(const char *path)
{
	DIR *folder = opendir(path);
	char below[PATH_MAX];

	if (!folder)
		return;
	for (const struct dirent *e; (e = readdir(folder));) {
		if (e->d_name[0] == '.')
			continue;
		if (e->d_type != DT_DIR) {
			file_print(dirfd(folder), e->d_name, path);
			continue;
		}
		(void)snprintf(below, sizeof(below), "%s/%s", path, e->d_name);
		folder_print(below);
	}
	(void)closedir(folder);
}

static int settings_run(const struct words *w)
{
	(void)setvbuf(stdout, NULL, _IOFBF, 0);
	folder_print(words_text(w, "below", "/proc/sys/net"));
	return 0;
}

const struct verb verb_settings = {
	.name = "settings",
	.help = "[below=/proc/sys/net]",
	.run = settings_run,
};
