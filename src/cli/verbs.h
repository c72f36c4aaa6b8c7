/* SPDX-License-Identifier: MIT */
/* The rows of all verbs, each at the end of its cmd_*.c. */
#ifndef NLBC_CLI_VERBS_H
#define NLBC_CLI_VERBS_H

struct command;

extern const struct command command_apply, command_check, command_compile, command_complete, command_completion,
	command_convert, command_diff, command_flush, command_fmt, command_get, command_help, command_path, command_schema,
	command_status, command_version;

#endif
