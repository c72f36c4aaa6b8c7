/* SPDX-License-Identifier: MIT */
/* Answers made here (proxy.md 4.5), phrases, dates. */
#include "base/base.h"

#include <time.h>

#include "http/forward.h"

static const struct {
	unsigned status;
	const char *phrase;
} phrases[] = {
	{ 200, "OK" },
	{ 400, "Bad Request" },
	{ 408, "Request Timeout" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 417, "Expectation Failed" },
	{ 431, "Request Header Fields Too Large" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
};

const char *http_phrase(unsigned status)
{
	for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "";
}

size_t http_own_answer(const struct http_own_answer *a, char out[512])
{
	const bool empty = a->status == 200;
	char body[64];
	const int body_n = empty ? 0 : snprintf(body, sizeof(body), "%u %s\n", a->status, http_phrase(a->status));

	const int n = snprintf(out, 512, "HTTP/1.1 %u %s\r\n%s%.*s%s%sContent-Length: %d\r\n%s%s\r\n%.*s",
			       a->status, http_phrase(a->status),
			       a->date.n ? "Date: " : "", (int)a->date.n, a->date.n ? a->date.p : "", a->date.n ? "\r\n" : "",
			       empty ? "" : "Content-Type: text/plain\r\n", body_n,
			       a->status == 503 ? "Retry-After: 1\r\n" : "",
			       a->close ? "Connection: close\r\n" : a->keep_alive ? "Connection: keep-alive\r\n" : "",
			       a->head ? 0 : body_n, body);
	if (n < 0 || n >= 512)
		BUG("an answer of %d bytes", n);
	return (size_t)n;
}

char *http_date(int64_t seconds, char buf[HTTP_DATE_TEXT])
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	const time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm))
		BUG("no date for %lld", (long long)seconds);
	(void)snprintf(buf, HTTP_DATE_TEXT, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday], tm.tm_mday % 100,
		       months[tm.tm_mon], (tm.tm_year + 1900) % 10000, tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
	return buf;
}
