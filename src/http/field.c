/* SPDX-License-Identifier: MIT */
/* What the known fields of a head mean: framing (H12, H13, A5, A6), Host, Expect, Connection and what it names, Upgrade. */
#include "base/base.h"

#include "http/bytes.h"
#include "http/list.h"
#include "http/name.h"
#include "http/read.h"

enum { LENGTH_DIGITS = 19 };

static bool names_once(const struct http_head *h, enum http_name id)
{
	if (id == HTTP_TRANSFER_ENCODING)
		return true;
	return !h->answer && (id == HTTP_HOST || id == HTTP_CONTENT_LENGTH);
}

int http_field_named(struct http_head *h, const struct http_field *f)
{
	const uint32_t seen = h->seen;

	h->seen |= http_bit(f->id);
	if ((seen & http_bit(f->id)) && names_once(h, f->id))
		return http_refuse(h, 400, f->id == HTTP_HOST ? "H11" : f->id == HTTP_CONTENT_LENGTH ? "H12" : "H13", "A5");
	if (f->id == HTTP_TRANSFER_ENCODING && h->minor == 0)
		return http_refuse(h, 400, "H13", "A5");
	if (!h->answer && (http_bit(f->id) & HTTP_FRAMING) && (h->seen & HTTP_FRAMING) == HTTP_FRAMING)
		return http_refuse(h, 400, "H13", NULL);
	return 0;
}

/* At most 19 digits, below 2^63. */
static bool digits_wrong(struct str s, uint64_t *number)
{
	*number = 0;
	if (s.n > LENGTH_DIGITS)
		return true;
	for (size_t i = 0; i < s.n; i++) {
		if (!http_is(s.p[i], HTTP_IS_DIGIT))
			return true;
		*number = *number * 10 + (uint64_t)(s.p[i] - '0');
	}
	return *number > INT64_MAX;
}

static int read_length(struct http_head *h, struct str value, bool whole)
{
	if (digits_wrong(value, &h->length) || (whole && value.n == 0))
		return http_refuse(h, 400, "H12", NULL);
	h->has_length = whole;
	return 0;
}

/* An answer's may be repeated, in one field too, as long as all are equal (A6). */
static int read_answer_length(struct http_head *h, struct str value)
{
	struct str element;
	uint64_t length;

	while (http_list_next(&value, &element)) {
		if (element.n == 0 || digits_wrong(element, &length) || (h->has_length && length != h->length))
			return http_refuse(h, 502, NULL, "A6");
		h->length = length;
		h->has_length = true;
	}
	return 0;
}

/* `chunked` alone; other codings and then one `chunked` are a request for what we do not have (501). */
static int read_transfer_encoding(struct http_head *h, struct str value)
{
	struct str element;
	bool others = false;
	bool chunked = false;

	while (http_list_next(&value, &element)) {
		bool token = element.n > 0;
		for (size_t i = 0; i < element.n; i++)
			token &= http_is(element.p[i], HTTP_IS_TOKEN);
		if (!token || chunked)
			return http_refuse(h, 400, "H13", "A5");
		chunked = http_folded_eq(element, STR("chunked"));
		others |= !chunked;
	}
	if (!chunked || others)
		return http_refuse(h, chunked ? 501 : 400, "H13", "A5");
	h->chunked = true;
	return 0;
}

static int read_connection(struct http_head *h, struct str value)
{
	struct str option;

	while (http_list_next(&value, &option)) {
		if (++h->options > HTTP_OPTIONS_MOST)
			return http_refuse(h, 431, "H10", "A1");
		const enum http_name id = http_name_of(option.p, option.n);
		if (id == HTTP_HOST || id == HTTP_CONTENT_LENGTH || id == HTTP_TRANSFER_ENCODING) {
			if (!h->answer)
				return http_refuse(h, 400, "H15", NULL);
		} else if (http_folded_eq(option, STR("close"))) {
			h->close = true;
		} else if (id == HTTP_KEEP_ALIVE) {
			h->keep_alive = true;
		} else if (id == HTTP_UPGRADE) {
			h->upgrade = true;
		} else if (option.n && !(http_bit(id) & HTTP_NEVER_PASSED)) {
			h->names_others = true;
		}
	}
	return 0;
}

static bool expect_wrong(struct str value, bool whole)
{
	const struct str known = STR("100-continue");

	if (value.n > known.n || (whole && value.n < known.n))
		return true;
	return !http_folded_eq(value, (struct str){ known.p, value.n });
}

int http_field_value(struct http_head *h, const char *p, const struct http_field *f, bool whole)
{
	const struct str value = http_text(p, f->value);

	switch (f->id) {
	case HTTP_HOST:
		if (!h->answer && http_host_wrong(value, whole))
			return http_refuse(h, 400, "H11", NULL);
		if (!h->absolute)
			h->host = f->value;
		return 0;
	case HTTP_CONTENT_LENGTH:
		if (!h->answer)
			return read_length(h, value, whole);
		return whole ? read_answer_length(h, value) : 0;
	case HTTP_TRANSFER_ENCODING:
		return whole ? read_transfer_encoding(h, value) : 0;
	case HTTP_CONNECTION:
		return whole ? read_connection(h, value) : 0;
	case HTTP_EXPECT:
		if (!h->answer && expect_wrong(value, whole))
			return http_refuse(h, 417, "H14", NULL);
		return 0;
	default:
		return 0;
	}
}

static void mark_named(struct http_head *h, const char *p, struct str list)
{
	struct str option;

	while (http_list_next(&list, &option))
		for (uint32_t i = 0; i < h->n_fields; i++)
			if (http_folded_eq(option, http_text(p, h->fields[i].name)))
				h->fields[i].hop = true;
}

uint32_t http_number(struct str s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (!http_is(s.p[i], HTTP_IS_DIGIT))
			return UINT32_MAX;
		n = MIN(n * 10 + (uint64_t)(s.p[i] - '0'), (uint64_t)UINT32_MAX - 1);
	}
	return s.n ? (uint32_t)n : UINT32_MAX;
}

static bool offers_upgrade(struct str list)
{
	struct str element;

	while (http_list_next(&list, &element))
		if (element.n && !http_folded_eq(element, STR("h2c")))
			return true;
	return false;
}

/* Those that had to wait for the others. */
static void read_late(struct http_head *h, const char *p)
{
	bool offered = false;

	for (uint32_t i = 0; i < h->n_fields && h->names_others; i++)
		if (h->fields[i].id == HTTP_CONNECTION)
			mark_named(h, p, http_text(p, h->fields[i].value));
	for (uint32_t i = 0; i < h->n_fields; i++) {
		const struct http_field *f = &h->fields[i];
		if (f->id == HTTP_UPGRADE)
			offered |= offers_upgrade(http_text(p, f->value));
		else if (f->id == HTTP_EXPECT)
			h->expect_continue |= !h->answer && h->minor > 0 && !f->hop;
		else if (f->id == HTTP_MAX_FORWARDS && h->method == HTTP_OPTIONS)
			h->max_forwards = MIN(h->max_forwards, http_number(http_text(p, f->value)));
	}
	h->upgrade &= offered && h->minor > 0;
	if (!h->answer)
		h->upgrade &= !h->chunked && h->length == 0;
}

int http_fields_end(struct http_head *h, const char *p)
{
	const uint32_t late = http_bit(HTTP_EXPECT) | http_bit(HTTP_MAX_FORWARDS) | http_bit(HTTP_UPGRADE);

	if (h->names_others || h->upgrade || (h->seen & late))
		read_late(h, p);
	if (h->answer) {
		h->unclean = h->chunked && (h->has_length || h->status < 200 || h->status == 204);
		h->has_length &= !h->chunked;
		return 0;
	}
	h->has_host |= (h->seen & http_bit(HTTP_HOST)) != 0;
	if (h->minor > 0 && !(h->seen & http_bit(HTTP_HOST)))
		return http_refuse(h, 400, "H11", NULL);
	h->body = h->chunked ? HTTP_BODY_CHUNKED : h->has_length ? HTTP_BODY_LENGTH : HTTP_BODY_NONE;
	return 0;
}
