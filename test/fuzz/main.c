/* SPDX-License-Identifier: MIT */
/* Replays a fuzz entry's committed corpus where libFuzzer is not there: fuzz_x reads the files named on its
 * command line, or every file of $srcdir/test/fuzz/corpus/x/. Each input is a heap block of its exact size, so
 * that the address sanitizer sees one byte too far. */
#include "base/base.h"

#include <dirent.h>
#include <errno.h>

#include "base/text.h"
#include "fuzz.h"

enum { INPUT_LIMIT = 16 << 20 };

static int replay(const char *path)
{
	auto_free char *read = NULL;
	size_t n = 0;
	const int err = read_file(path, INPUT_LIMIT, &read, &n);
	if (err) {
		fprintf(stderr, "%s: %s\n", path, strerror(-err));
		return 1;
	}
	auto_free uint8_t *bytes = malloc(n ? n : 1);
	if (!bytes)
		out_of_memory();
	memcpy(bytes, read, n);
	fprintf(stderr, "%s, %zu bytes\n", path, n);
	return LLVMFuzzerTestOneInput(bytes, n);
}

static int replay_folder(const char *folder)
{
	struct dirent **entries;
	int failed = 0;
	const int n = scandir(folder, &entries, NULL, alphasort);

	if (n < 0) {
		fprintf(stderr, "%s: %s\n", folder, strerror(errno));
		return 1;
	}
	for (int i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.') {
			auto_text struct text path = { 0 };
			text_printf(&path, "%s/%s", folder, entries[i]->d_name);
			failed |= replay(text_get(&path));
		}
		free(entries[i]);
	}
	free(entries);
	if (n <= 2) {
		fprintf(stderr, "%s: no inputs\n", folder);
		return 1;
	}
	return failed;
}

int main(int argc, char **argv)
{
	int failed = 0;

	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			failed |= replay(argv[i]);
		return failed;
	}
	const char *srcdir = getenv("srcdir");
	const char *name = strstr(argv[0], "fuzz_");
	for (const char *p = name; p; p = strstr(p + 1, "fuzz_"))
		name = p;
	if (!name) {
		fprintf(stderr, "%s: is not called fuzz_NAME\n", argv[0]);
		return 1;
	}
	auto_text struct text folder = { 0 };
	text_printf(&folder, "%s/test/fuzz/corpus/%s", srcdir ? srcdir : ".", name + strlen("fuzz_"));
	return replay_folder(text_get(&folder));
}
