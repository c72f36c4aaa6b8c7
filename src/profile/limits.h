/* SPDX-License-Identifier: MIT */
/* How much of everything a profile may hold (profile.md section 10). */
#ifndef NLBC_PROFILE_LIMITS_H
#define NLBC_PROFILE_LIMITS_H

enum {
	LIMIT_FILE_BYTES = 1 << 20,
	LIMIT_ALL_BYTES = 4 << 20,
	LIMIT_FILES = 64,
	LIMIT_INCLUDE_DEPTH = 16,
	LIMIT_LINE_BYTES = 4096,
	LIMIT_WORDS = 100000,           /* after variables; keywords count too */
	LIMIT_ROLE_WORDS = 250000,      /* of all roles together, each with what stands at top level */
	LIMIT_VARIABLES = 256,
	LIMIT_VARIABLE_WORDS = 64,
	LIMIT_DEPTH = 16,               /* of blocks, and of JSON */
	LIMIT_NAME = 31,
	LIMIT_TEXT = 1024,              /* of a text, a file, a URL */
};

#endif
