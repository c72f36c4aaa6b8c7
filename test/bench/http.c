/* SPDX-License-Identifier: MIT */
/* What heads and bodies cost: nanoseconds of processor time for reading one, for writing it anew, and for a plain loop
 * that looks each byte up in a table, which is what a reader without haste takes at least. The least of several runs
 * counts. No part of `make check`, as a busy machine has other times: make bench-http. */
#include "base/base.h"

#include <time.h>

#include "http/body.h"
#include "http/bytes.h"
#include "http/forward.h"

enum { RUNS = 15, BATCH = 20000, CHUNKS = 4000 };

static const struct http_limits limits = { .head_bytes = 32768 };
static struct http_head head;
static char out[8192];

/* 703 bytes of a browser, the usual measure of such readers. */
static const char browser[] =
	"GET /wp-content/uploads/2010/03/hello-kitty-darth-vader-pink.jpg HTTP/1.1\r\nHost: www.kittyhell.com\r\n"
	"User-Agent: Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10.6; ja-JP-mac; rv:1.9.2.3) Gecko/20100401 Firefox/3.6.3 "
	"Pathtraq/0.9\r\nAccept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
	"Accept-Language: ja,en-us;q=0.7,en;q=0.3\r\nAccept-Encoding: gzip,deflate\r\n"
	"Accept-Charset: Shift_JIS,utf-8;q=0.7,*;q=0.7\r\nKeep-Alive: 115\r\nConnection: keep-alive\r\n"
	"Cookie: wp_ozh_wsa_visits=2; wp_ozh_wsa_visit_lasttime=xxxxxxxxxx; "
	"__utma=xxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.x; "
	"__utmz=xxxxxxxxx.xxxxxxxxxx.x.x.utmccn=(referral)|utmcsr=reader.livedoor.com|utmcct=/reader/|utmcmd=referral\r\n\r\n";
static const char modern[] =
	"GET /assets/app.3f2a91.js HTTP/1.1\r\nHost: shop.example.com\r\nConnection: keep-alive\r\n"
	"sec-ch-ua: \"Chromium\";v=\"122\", \"Not(A:Brand\";v=\"24\"\r\nsec-ch-ua-mobile: ?0\r\nUser-Agent: Mozilla/5.0 (X11; Linux "
	"x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36\r\nsec-ch-ua-platform: \"Linux\"\r\n"
	"Accept: */*\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script\r\n"
	"Referer: https://shop.example.com/\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: de,en;q=0.9\r\n\r\n";
static const char tool[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1:9090\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n";
static const char load[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1:9090\r\n\r\n";
static const char nginx[] =
	"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\n"
	"Content-Length: 128\r\nConnection: keep-alive\r\n\r\n";

static const struct {
	const char *name, *bytes;
	bool answer;
} heads[] = {
	{ "request, 703 bytes", browser, false }, { "request, browser of 2024", modern, false }, { "request, curl", tool, false },
	{ "request, wrk", load, false }, { "answer, nginx", nginx, true },
};

static double now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void read_whole(const char *p, size_t n, bool answer)
{
	http_head_init(&head);
	if ((answer ? http_answer_read(&head, p, n, &limits) : http_request_read(&head, p, n, &limits)) != (int)n)
		BUG("refused by %s: %s", head.refusal.rule, p);
}

static void read_bytewise(const char *p, size_t n, bool answer)
{
	int done = 0;

	http_head_init(&head);
	for (size_t to = 1; to <= n && done == 0; to++)
		done = answer ? http_answer_read(&head, p, to, &limits) : http_request_read(&head, p, to, &limits);
	if (done != (int)n)
		BUG("refused by %s: %s", head.refusal.rule, p);
}

static void write_anew(const char *p, size_t n, bool answer)
{
	static const struct http_request_pass request_pass = { .client = { "192.0.2.77", 10 } };
	static const struct http_answer_pass answer_pass = { .body = HTTP_BODY_LENGTH, .date = { "x", 1 } };

	if ((answer ? http_answer_write(&head, p, &answer_pass, out, sizeof(out))
		    : http_request_write(&head, p, &request_pass, out, sizeof(out))) < 0)
		BUG("%zu bytes do not fit", n);
}

static void look_up(const char *p, size_t n, bool answer)
{
	unsigned seen = answer;

	for (size_t i = 0; i < n; i++)
		if (!http_is(p[i], HTTP_IS_VALUE))
			seen++;
	if (seen < 2)
		BUG("no line end in %s", p);
}

static void read_chunks(const char *p, size_t n, bool answer)
{
	static char copy[CHUNKS * 6 + 5];
	struct http_chunked c;
	size_t taken;

	(void)answer;
	memcpy(copy, p, n);
	http_chunked_init(&c);
	if (http_chunked_compact(&c, copy, n, &taken) != CHUNKS || !c.ended)
		BUG("chunks are refused");
}

/* Nanoseconds for one call; the least of all runs. */
static double cost(void (*work)(const char *, size_t, bool), const char *p, size_t n, bool answer, int batch)
{
	double least = 1e18;

	for (int run = 0; run < RUNS; run++) {
		const double before = now_ns();
		for (int i = 0; i < batch; i++)
			work(p, n, answer);
		least = MIN(least, (now_ns() - before) / batch);
	}
	return least;
}

int main(void)
{
	static char chunks[CHUNKS * 6 + 6];
	size_t n = 0;

	printf("%-26s %6s %8s %8s %10s %12s\n", "ns", "bytes", "read", "write", "byte loop", "read bytewise");
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		const char *p = heads[i].bytes;
		const bool answer = heads[i].answer;
		n = strlen(p);
		const double whole = cost(read_whole, p, n, answer, BATCH);
		printf("%-26s %6zu %8.0f %8.0f %10.0f %12.0f\n", heads[i].name, n, whole, cost(write_anew, p, n, answer, BATCH),
		       cost(look_up, p, n, answer, BATCH), cost(read_bytewise, p, n, answer, BATCH / 20));
	}
	n = 0;
	for (int i = 0; i < CHUNKS; i++)
		n += (size_t)snprintf(chunks + n, sizeof(chunks) - n, "1\r\nx\r\n");
	n += (size_t)snprintf(chunks + n, sizeof(chunks) - n, "0\r\n\r\n");
	printf("%-26s %6d %8.1f\n", "chunk of one byte", 6, cost(read_chunks, chunks, n, false, 50) / CHUNKS);
	return 0;
}
