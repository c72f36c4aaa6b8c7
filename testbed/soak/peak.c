/* SPDX-License-Identifier: MIT */
/* peak PROGRAM [ARGUMENT…]: runs it and adds a last line `peak N` to standard error, the most KiB it had resident. What is
 * started by a large program counts that one's memory, too, until it executes another; this one is small. */
#include "base/base.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	const pid_t pid = argc > 1 ? fork() : -1;

	if (pid == 0) {
		(void)execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0) {
		fprintf(stderr, "peak PROGRAM [ARGUMENT…]: %s\n", pid < 0 && argc < 2 ? "no program" : strerror(errno));
		return 1;
	}
	fprintf(stderr, "peak %ld\n", usage.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
