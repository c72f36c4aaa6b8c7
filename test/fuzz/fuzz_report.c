/* SPDX-License-Identifier: MIT */
/* Lines of members as parts of the status: whatever they say, the result is JSON that can be printed and read again, and holds
 * no more than a profile may have. */
#include "base/base.h"

#include "base/text.h"
#include "daemon/report.h"
#include "fuzz.h"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_json(const json_t *value)
{
	auto_free char *s = json_dumps(value, JSON_COMPACT);

	require(s != NULL);
	json_t *again = json_loads(s, 0, NULL);

	require(again && json_is_object(again));
	json_decref(again);
}

static void check_proxies(json_t *proxies)
{
	const char *name;
	json_t *proxy;

	require(json_object_size(proxies) <= REPORT_PROXIES);
	json_object_foreach(proxies, name, proxy) {
		require(json_is_object(json_object_get(proxy, "servers")) && json_is_string(json_object_get(proxy, "mode")));
		require(json_object_size(json_object_get(proxy, "servers")) <= REPORT_SERVERS);
	}
	check_json(proxies);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct str left = { (const char *)bytes, n };
	json_t *proxies = json_object();
	struct line l;

	while (left.n > 0) {
		const char *end = memchr(left.p, '\n', left.n);
		const struct str s = { left.p, end ? (size_t)(end - left.p) : left.n };

		left.p += s.n + (end != NULL);
		left.n -= s.n + (end != NULL);
		if (line_parse(s, &l, NULL) != 0)
			continue;
		report_add(proxies, &l);
		json_t *event = report_event(&l);

		if (event)
			check_json(event);
		json_decref(event);
	}
	check_proxies(proxies);
	json_decref(proxies);
	return 0;
}
