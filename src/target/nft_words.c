/* SPDX-License-Identifier: MIT */
/* Words for what stands in netlink bytes, as nft and ip say them. */
#include "base/base.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "target/nft.h"

static const char hex_digits[] = "0123456789abcdef";

/* The kernel takes any byte in a name. */
void nft_say_name(const char *name, struct text *out)
{
	size_t n = 0;

	while (name[n] > ' ' && name[n] <= '~')
		n++;
	text_add(out, name, n);
	if (name[n])
		text_add_printable(out, str_of(name + n));
}

void nft_say_hex(struct bytes b, struct text *out)
{
	const uint8_t *p = b.p;

	for (size_t i = 0; i < b.n; i++) {
		text_putc(out, hex_digits[p[i] >> 4]);
		text_putc(out, hex_digits[p[i] & 15]);
	}
}

void nft_say_hex32(uint32_t value, struct text *out)
{
	char s[10] = "0x";

	for (int i = 0; i < 8; i++)
		s[2 + i] = hex_digits[value >> (28 - 4 * i) & 15];
	text_add(out, s, sizeof(s));
}

void nft_say_number(uint64_t value, struct text *out)
{
	char s[20];
	size_t at = sizeof(s);

	do
		s[--at] = (char)('0' + value % 10);
	while (value /= 10);
	text_add(out, s + at, sizeof(s) - at);
}

uint32_t nft_number_of(const uint8_t *p, size_t n)
{
	uint32_t value32 = 0;
	uint16_t value16 = 0;

	if (n == sizeof(value32)) {
		memcpy(&value32, p, n);
		return value32;
	}
	memcpy(&value16, p, MIN(n, sizeof(value16)));
	return n == 1 ? p[0] : value16;
}

void nft_say_address(uint8_t family, const uint8_t *p, size_t n, struct text *out)
{
	char s[INET6_ADDRSTRLEN] = "";
	uint8_t whole[16] = {0};

	memcpy(whole, p, MIN(n, sizeof(whole)));
	(void)inet_ntop(family, whole, s, sizeof(s));   /* cannot fail for these families */
	text_puts(out, s);
}

bool nft_is_device_name(const uint8_t *p, size_t n)
{
	const size_t length = strnlen((const char *)p, n);

	if (n != IFNAMSIZ || length == n || length == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (i < length ? p[i] <= ' ' || p[i] > '~' || p[i] == '"' : p[i] != 0)
			return false;
	return true;
}

const char *nft_protocol_word(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_ICMP: return "icmp";
	case IPPROTO_TCP: return "tcp";
	case IPPROTO_UDP: return "udp";
	case IPPROTO_DCCP: return "dccp";
	case IPPROTO_ICMPV6: return "ipv6-icmp";
	case IPPROTO_SCTP: return "sctp";
	case IPPROTO_UDPLITE: return "udplite";
	default: return NULL;
	}
}

const char *nft_address_type_word(uint32_t type)
{
	switch (type) {
	case RTN_UNICAST: return "unicast";
	case RTN_LOCAL: return "local";
	case RTN_BROADCAST: return "broadcast";
	case RTN_ANYCAST: return "anycast";
	case RTN_MULTICAST: return "multicast";
	default: return NULL;
	}
}

static const struct { uint32_t bit; const char *word; } states[] = {
	{ 1, "invalid" }, { 2, "established" }, { 4, "related" }, { 8, "new" }, { 64, "untracked" },
};

bool nft_say_states(uint32_t bits, struct text *out)
{
	const char *between = "";
	uint32_t known = 0;

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		known |= states[i].bit;
	if (bits == 0 || bits & ~known)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (!(bits & states[i].bit))
			continue;
		text_puts(out, between);
		text_puts(out, states[i].word);
		between = ",";
	}
	return true;
}

bool nft_say_verdict(int32_t code, const char *chain, struct text *out)
{
	switch (code) {
	case NF_DROP: text_puts(out, "drop"); break;
	case NF_ACCEPT: text_puts(out, "accept"); break;
	case NFT_CONTINUE: text_puts(out, "continue"); break;
	case NFT_RETURN: text_puts(out, "return"); break;
	case NFT_JUMP: text_puts(out, "jump "); break;
	case NFT_GOTO: text_puts(out, "goto "); break;
	default: return false;
	}
	nft_say_name(chain ? chain : "", out);
	return true;
}

/* comment "text" where the userdata is a comment and nothing else. */
void nft_say_userdata(struct bytes b, struct text *out)
{
	const uint8_t *p = b.p;

	if (b.n == 0)
		return;
	if (b.n >= 3 && p[0] == 0 && p[1] == b.n - 2 && memchr(p + 2, 0, b.n - 2) == p + b.n - 1) {
		text_puts(out, " comment \"");
		text_add_printable(out, (struct str){ (const char *)p + 2, b.n - 3 });
		text_putc(out, '"');
		return;
	}
	text_puts(out, " userdata ");
	nft_say_hex(b, out);
}
