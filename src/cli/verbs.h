/* SPDX-License-Identifier: MIT */
/* The rows of all verbs, each at the end of its cmd_*.c. */
#ifndef NLBC_CLI_VERBS_H
#define NLBC_CLI_VERBS_H

struct command;

extern const struct command command_apply;
extern const struct command command_check;
extern const struct command command_compile;
extern const struct command command_complete;
extern const struct command command_completion;
extern const struct command command_confirm;
extern const struct command command_convert;
extern const struct command command_diff;
extern const struct command command_export;
extern const struct command command_doctor;
extern const struct command command_flush;
extern const struct command command_fmt;
extern const struct command command_get;
extern const struct command command_help;
extern const struct command command_history;
extern const struct command command_path;
extern const struct command command_rollback;
extern const struct command command_schema;
extern const struct command command_server;
extern const struct command command_status;
extern const struct command command_trace;
extern const struct command command_version;
extern const struct command command_wait;
extern const struct command command_watch;
extern const struct command command_weights_bandwidth;
extern const struct command command_weights_certify;
extern const struct command command_weights_clients;
extern const struct command command_weights_export;
extern const struct command command_weights_penalty;
extern const struct command command_weights_solve;

#endif
