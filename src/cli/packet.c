/* SPDX-License-Identifier: MIT */
/* Reading the description of a packet, and saying it again. */
#include "base/base.h"

#include <errno.h>
#include <netinet/in.h>

#include "cli/packet.h"

enum { WORDS_MAX = 7, PORT_MAX = 65535, INPUT_MAX = 16 << 20 };

/* The plan hashes the ports of these, and of no others (set `ported`). */
static const struct protocol {
	const char *name;
	uint8_t number;
	bool ported;
} protocols[] = {
	{ "tcp", IPPROTO_TCP, true }, { "udp", IPPROTO_UDP, true }, { "icmp", IPPROTO_ICMP, false },
	{ "icmpv6", IPPROTO_ICMPV6, false }, { "sctp", IPPROTO_SCTP, true }, { "dccp", IPPROTO_DCCP, true },
	{ "udplite", IPPROTO_UDPLITE, true },
};

static const struct protocol *find_protocol(uint8_t number)
{
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
		if (protocols[i].number == number)
			return &protocols[i];
	return NULL;
}

static int read_address(const struct packet_word *w, struct addr *out, struct diags *d)
{
	if (addr_parse(str_of(w->text), out) == 0)
		return 0;
	diag_hint(d, diag_error(d, &w->place, "usage", "'%s' is not an address", w->text),
		  "nlbc trace SRC DST [PROTO SPORT DPORT], names are not looked up");
	return -EINVAL;
}

static bool is_group(const struct addr *a)
{
	return a->family == AF_INET ? a->b[0] >= 0xe0 : a->b[0] == 0xff;
}

static int read_addresses(const struct packet_word *words, struct trace_question *out, struct diags *d)
{
	int err = read_address(&words[0], &out->source, d);
	const int second = read_address(&words[1], &out->destination, d);

	err = err ? err : second;
	if (err)
		return err;
	if (out->source.family != out->destination.family) {
		diag_error(d, &words[1].place, "usage", "'%s' and '%s' are of different families", words[0].text, words[1].text);
		return -EINVAL;
	}
	if (addr_is_any(&out->source) || is_group(&out->source)) {
		diag_error(d, &words[0].place, "usage", "no packet is sent by '%s'", words[0].text);
		return -EINVAL;
	}
	return 0;
}

static int unknown_protocol(const struct packet_word *w, struct diags *d)
{
	struct diag *g = diag_error(d, &w->place, "usage", "unknown protocol '%s'", w->text);
	const char *names[ARRAY_LEN(protocols)];

	for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
		names[i] = protocols[i].name;
	if (!diag_nearest(d, g, str_of(w->text), names, ARRAY_LEN(names)))
		diag_hint(d, g, "tcp, udp, icmp, icmpv6, sctp, dccp, udplite, or a number up to 255");
	return -EINVAL;
}

/* `icmp` is that of the family, as in a profile. */
static int read_protocol(const struct packet_word *w, struct trace_question *out, struct diags *d)
{
	const bool ip4 = out->source.family == AF_INET;
	uint64_t number = UINT64_MAX;

	for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
		if (strcmp(w->text, protocols[i].name) == 0)
			number = protocols[i].number;
	if (number == UINT64_MAX && (parse_uint(str_of(w->text), &number) != 0 || number > UINT8_MAX))
		return unknown_protocol(w, d);
	if (number == IPPROTO_ICMPV6 && ip4) {
		diag_hint(d, diag_error(d, &w->place, "usage", "'%s' does not fit IPv4 addresses", w->text), "icmp");
		return -EINVAL;
	}
	out->protocol = number == IPPROTO_ICMP && !ip4 ? IPPROTO_ICMPV6 : (uint8_t)number;
	return 0;
}

static int read_port(const struct packet_word *w, uint16_t *out, struct diags *d)
{
	uint64_t port;

	if (parse_uint(str_of(w->text), &port) != 0 || port > PORT_MAX) {
		diag_hint(d, diag_error(d, &w->place, "usage", "'%s' is not a port", w->text), "0 to %d", PORT_MAX);
		return -EINVAL;
	}
	*out = (uint16_t)port;
	return 0;
}

static int read_ports(const struct packet_word *words, size_t n, struct trace_question *out, struct diags *d)
{
	const struct packet_word *protocol = &words[0];
	const struct protocol *p = find_protocol(out->protocol);
	const bool ported = p && p->ported;

	if (n == 1 && !ported)
		return 0;
	if (!ported) {
		diag_error(d, &words[1].place, "usage", "'%s' has no ports", protocol->text);
		return -EINVAL;
	}
	if (n < 3) {
		diag_hint(d, diag_error(d, &words[n - 1].place, "usage", "'%s' needs both ports", protocol->text),
			  "nlbc trace SRC DST %s SPORT DPORT", protocol->text);
		return -EINVAL;
	}
	const int source = read_port(&words[1], &out->source_port, d);
	const int destination = read_port(&words[2], &out->destination_port, d);

	out->has_ports = true;
	return source ? source : destination;
}

int packet_read(const struct packet_word *words, size_t n, struct trace_question *out, struct diags *d)
{
	int err = read_addresses(words, out, d);

	if (err)
		return err;
	out->protocol = out->source.family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	if (n == 2)
		return 0;
	err = read_protocol(&words[2], out, d);
	return err ? err : read_ports(words + 2, n - 2, out, d);
}

/* ---- lines -------------------------------------------------------------------------------------------------------- */

struct line {
	struct packet_word words[WORDS_MAX + 1];
	size_t n;                       /* WORDS_MAX + 1: too many */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Places count characters: all but the later bytes of UTF-8. */
static unsigned characters(const char *p, size_t n)
{
	unsigned count = 0;

	for (size_t i = 0; i < n; i++)
		count += ((uint8_t)p[i] & 0xc0) != 0x80;
	return count;
}

static struct line split(struct str s, const struct source *source, unsigned number, struct arena *a)
{
	struct line l = { .n = 0 };

	for (size_t i = 0; i < s.n && l.n <= WORDS_MAX;) {
		const size_t start = i;

		while (i < s.n && !is_blank(s.p[i]))
			i++;
		if (i == start) {
			i++;
			continue;
		}
		l.words[l.n++] = (struct packet_word){
			arena_copy(a, s.p + start, i - start),
			{
				.source = source, .line = number, .column = characters(s.p, start) + 1,
				.length = characters(s.p + start, i - start),
			},
		};
	}
	return l;
}

static int read_line(struct line *l, struct trace_question *out, struct diags *d)
{
	if (l->n > 3 && strcmp(l->words[l->n - 2].text, "--in") == 0) {
		out->in = l->words[l->n - 1].text;
		l->n -= 2;
	}
	if (l->n < 2 || l->n > WORDS_MAX - 2) {
		diag_hint(d, diag_error(d, &l->words[0].place, "usage", "not the description of a packet"),
			  "SRC DST [PROTO SPORT DPORT] [--in INTERFACE]");
		return -EINVAL;
	}
	return packet_read(l->words, l->n, out, d);
}

int packets_parse(const struct source *source, const char *in, struct packet_list *out, struct arena *a, struct diags *d)
{
	struct str rest = source->text;
	int err = 0;

	*out = (struct packet_list){ 0 };
	for (unsigned number = 1; rest.n > 0; number++) {
		const char *end = memchr(rest.p, '\n', rest.n);
		const struct str one = { rest.p, end ? (size_t)(end - rest.p) : rest.n };
		struct line l = split(one, source, number, a);

		rest = (struct str){ one.p + one.n + (end != NULL), rest.n - one.n - (end != NULL) };
		if (l.n == 0 || l.words[0].text[0] == '#')
			continue;
		out->list = arena_grow(a, out->list, out->n, &out->room, sizeof(*out->list));
		out->list[out->n] = (struct trace_question){ .in = in };
		if (read_line(&l, &out->list[out->n], d) != 0)
			err = -EINVAL;
		out->n++;
	}
	return err;
}

int packets_read(const char *in, struct packet_list *out, struct arena *a, struct diags *d)
{
	struct source *source = arena_one(a, struct source);
	auto_free char *input = NULL;
	size_t n = 0;
	const int err = read_file("-", INPUT_MAX, &input, &n);

	if (err) {
		diag_error(d, NULL, "usage", "cannot read standard input: %s", err == -EFBIG ? "too long" : strerror(-err));
		return -EINVAL;
	}
	*source = (struct source){ .name = "standard input", .text = { arena_copy(a, input, n), n } };
	return packets_parse(source, in, out, a, d);
}

/* ---- saying it ---------------------------------------------------------------------------------------------------- */

const char *packet_protocol(uint8_t protocol, struct arena *a)
{
	const struct protocol *p = find_protocol(protocol);

	return p ? p->name : arena_printf(a, "%u", protocol);
}

const char *packet_print(const struct trace_question *q, struct arena *a)
{
	char source[ADDR_TEXT], destination[ADDR_TEXT];
	const char *ends = arena_printf(a, "%s %s %s", addr_print(&q->source, source), addr_print(&q->destination, destination),
					packet_protocol(q->protocol, a));

	return q->has_ports ? arena_printf(a, "%s %u %u", ends, q->source_port, q->destination_port) : ends;
}
