/* SPDX-License-Identifier: MIT */
/* The nlbc command: the list of commands, and the one place that prints. */
#include "base/base.h"

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "version") == 0) {
		puts("nlbc " NLBC_VERSION);
		return 0;
	}
	fprintf(stderr, "usage: nlbc version\n");
	return 1;
}
