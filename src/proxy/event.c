/* SPDX-License-Identifier: MIT */
/* Writing events. */
#include "base/base.h"

#include "base/line.h"
#include "base/out.h"
#include "proxy/event.h"

void event_print(struct text *out, const struct event *e, int64_t now_s)
{
	char time[TIME_TEXT];

	line_begin(out, "event");
	line_word(out, "time", time_print(now_s, time));
	line_word(out, "kind", e->kind);
	line_word(out, "proxy", e->proxy);
	line_word(out, "name", e->name);
	line_word(out, "from", e->from);
	line_word(out, "to", e->to);
	line_word(out, "reason", e->reason);
	if (e->count_key)
		line_word_number(out, e->count_key, e->count);
	line_end(out);
}

void event_pass_on(struct text *out, const struct line *said, const char *proxy, int64_t now_s)
{
	static const char *const usual[] = { "name", "from", "to", "reason" };
	char time[TIME_TEXT];

	line_begin(out, "event");
	line_word(out, "time", time_print(now_s, time));
	line_word_str(out, "kind", line_get(said, "kind"));
	line_word(out, "proxy", proxy);
	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		line_word_str(out, usual[i], line_get(said, usual[i]));
	for (size_t i = 0; i < said->n; i++) {
		const struct str key = said->words[i].key;
		bool known = str_is(key, "time") || str_is(key, "kind") || str_is(key, "proxy");
		char name[64];

		for (size_t k = 0; k < ARRAY_LEN(usual); k++)
			known |= str_is(key, usual[k]);
		if (known || key.n >= sizeof(name))
			continue;
		memcpy(name, key.p, key.n);
		name[key.n] = '\0';
		line_word_str(out, name, said->words[i].value);
	}
	line_end(out);
}
