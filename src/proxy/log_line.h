/* SPDX-License-Identifier: MIT */
/* An exchange as a line of CSV (RFC 4180; proxy.md section 8), in our columns or in the seed's. */
#ifndef NLBC_PROXY_LOG_LINE_H
#define NLBC_PROXY_LOG_LINE_H

#include "base/base.h"

struct exchange;
struct proxy_conf;

#define LOG_HEADER_FULL "time,proxy,worker,client,method,target,status,server,attempts,reused,queue_us,connect_us,"   \
			"response_us,answer_us,total_us,request_bytes,response_bytes,open,estimate_us,end\r\n"
#define LOG_HEADER_SEED "timestamp,backend_url,latency_ms,status_code,routing_mode\r\n"

/* Wall clock of monotonic moments, and the second that was printed last. {0} but for the offset. */
struct log_clock {
	uint64_t offset_us;             /* CLOCK_REALTIME - CLOCK_MONOTONIC */
	int64_t second;                 /* that `text` says; text[0] 0: none yet */
	bool local;                     /* it was said in local time */
	char text[20];                  /* 2026-01-05T10:11:12 */
};

struct log_line {
	const struct proxy_conf *conf;
	unsigned worker;
	const struct exchange *exchange;
};
/* Bytes that are always enough. */
size_t log_line_bound(const struct exchange *e);
/* Returns how many it took, CRLF included. */
size_t log_line_write(const struct log_line *l, struct log_clock *clock, char *out);

#endif
