/* SPDX-License-Identifier: MIT */
/* Consensuses and other files of relays: what is read, and for each line that is wrong the message and where it points. */
#include "base/base.h"

#include <sys/mman.h>

#include "base/text.h"
#include "fixture.h"
#include "unit.h"
#include "weights/relays.h"

/* ---- a consensus that is right --------------------------------------------------------------------------------- */
#define WEIGHTS "bandwidth-weights Wbd=1 Wbe=2 Wbg=3 Wbm=4 Wdb=5 Web=6 Wed=7 Wee=8 Weg=9 Wem=10 Wgb=11 Wgd=12 Wgg=13 Wgm=14 " \
	"Wmb=15 Wmd=16 Wme=17 Wmg=-18 Wmm=19"
static const char *const right[] = {
	/*  1 */ "@type network-status-consensus-3 1.0",
	/*  2 */ "network-status-version 3",
	/*  3 */ "vote-status consensus",
	/*  4 */ "consensus-method 29",
	/*  5 */ "valid-after 2020-02-29 10:00:00",
	/*  6 */ "fresh-until 2020-02-29 11:00:00",
	/*  7 */ "valid-until 2020-02-29 13:00:00",
	/*  8 */ "params bwweightscale=20000 cbttestfreq=10 x=-2147483648",
	/*  9 */ "dir-source a 0232AF901C31A04EE9848595AF9BB7620D4C5B2E b 192.0.2.1 80 443",
	/* 10 */ "contact J\xc3\xbcrgen \xff",
	/* 11 */ "r guard AAAAAAAAAAAAAAAAAAAAAAAAAAA BBBBBBBBBBBBBBBBBBBBBBBBBBB 2020-02-29 00:48:16 192.0.2.1 443 0",
	/* 12 */ "a [2001:db8::1]:443",
	/* 13 */ "s Fast Guard Running",
	/* 14 */ "w Bandwidth=11 Measured=5",
	/* 15 */ "p reject 1-65535",
	/* 16 */ "r both AAAAAAAAAAAAAAAAAAAAAAAAAAE BBBBBBBBBBBBBBBBBBBBBBBBBBB 2020-02-29 00:48:16 192.0.2.2 443 0",
	/* 17 */ "s Exit Guard",
	/* 18 */ "w Bandwidth=2147483647 GuardFraction=67",
	/* 19 */ "r Exit1 +AAAAAAAAAAAAAAAAAAAAAAAAAA BBBBBBBBBBBBBBBBBBBBBBBBBBB 2020-02-29 00:48:16 192.0.2.3 443 0",
	/* 20 */ "w Bandwidth=13",
	/* 21 */ "s Exit",
	/* 22 */ "r bad /AAAAAAAAAAAAAAAAAAAAAAAAAA BBBBBBBBBBBBBBBBBBBBBBBBBBB 2020-02-29 00:48:16 192.0.2.4 443 0",
	/* 23 */ "s Exit BadExit Guard",
	/* 24 */ "r none /////////////////////////// BBBBBBBBBBBBBBBBBBBBBBBBBBB 2020-02-29 00:48:16 192.0.2.5 443 0",
	/* 25 */ "s",
	/* 26 */ "w Bandwidth=0",
	/* 27 */ "directory-footer",
	/* 28 */ WEIGHTS,
	/* 29 */ "directory-signature 0232AF901C31A04EE9848595AF9BB7620D4C5B2E 9228BF7DA38E6EA90B558708358871C86EE5056B",
	/* 30 */ "-----BEGIN SIGNATURE-----",
	/* 31 */ "r w s directory-footer",
	/* 32 */ "-----END SIGNATURE-----",
};

/* The right one with line `number` (0: none) replaced; NULL leaves it out. */
static void compose(struct text *t, unsigned number, const char *with, const char *end)
{
	for (unsigned i = 0; i < ARRAY_LEN(right); i++) {
		const char *line = i + 1 == number ? with : right[i];
		if (line)
			text_printf(t, "%s%s", line, end);
	}
}

/* One at a time. */
static const char *file_of(const struct text *t)
{
	static int fd = -1;

	if (fd >= 0)
		(void)close(fd);
	fd = memfd_create("consensus", 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(text_write(t, fd), 0);
	return arena_printf(arena, "/proc/self/fd/%d", fd);
}

static const struct consensus *read_with(unsigned number, const char *with, const char *end)
{
	auto_text struct text t = { 0 };

	compose(&t, number, with, end);
	return consensus_read(file_of(&t), NULL, arena, &diags);
}

static void expect_relay(const struct relay *r, const char *name, const char *id, enum relay_class class, uint64_t weight)
{
	char buf[RELAY_ID_TEXT];

	ck_assert_str_eq(r->name, name);
	ck_assert_str_eq(relay_id_print(r, buf), id);
	ck_assert_int_eq(r->class, class);
	ck_assert_uint_eq(r->weight, weight);
}

START_TEST(all_that_matters_is_read)
{
	const struct consensus *c = read_with(0, NULL, _i ? "\r\n" : "\n");

	ck_assert_uint_eq(diags.n, 0);
	ck_assert_ptr_nonnull(c);
	ck_assert(!c->is_microdesc && c->has_weights);
	ck_assert_str_eq(c->valid_after, "2020-02-29 10:00:00");
	ck_assert_uint_eq(c->method, 29);
	ck_assert_int_eq(c->scale, 20000);
	ck_assert_uint_eq(c->weights_place.line, 28);
	ck_assert_uint_eq(c->n_guard_fraction, 1);
	ck_assert_uint_eq(c->n_relays, 5);
	expect_relay(&c->relays[0], "guard", "0000000000000000000000000000000000000000", CLASS_GUARD, 11);
	expect_relay(&c->relays[1], "both", "0000000000000000000000000000000000000001", CLASS_GUARD_EXIT, 2147483647);
	expect_relay(&c->relays[2], "Exit1", "F800000000000000000000000000000000000000", CLASS_EXIT, 13);
	expect_relay(&c->relays[3], "bad", "FC00000000000000000000000000000000000000", CLASS_GUARD, 0);
	expect_relay(&c->relays[4], "none", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", CLASS_MIDDLE, 0);
	ck_assert(c->relays[0].is_weighted && !c->relays[3].is_weighted && c->relays[4].is_weighted);
	ck_assert_int_eq(c->relays[0].guard_fraction, -1);
	ck_assert_int_eq(c->relays[1].guard_fraction, 67);
	ck_assert_uint_eq(c->relays[2].address, 0xc0000203);
	ck_assert_uint_eq(c->relays[2].place.line, 19);
	ck_assert_uint_eq(c->relays[2].place.column, 3);
	for (int i = 0; i < PUBLISHED_WEIGHTS; i++)
		ck_assert_int_eq(c->published[i], i == WMG ? -18 : i + 1);
}
END_TEST

START_TEST(the_microdesc_flavour_has_no_digests)
{
	auto_text struct text t = { 0 };

	for (unsigned i = 1; i < ARRAY_LEN(right); i++) {
		const char *digest = strstr(right[i], " BBBBBBBBBBBBBBBBBBBBBBBBBBB");
		if (digest)
			text_printf(&t, "%.*s%s\nm KJcpxBZuyaS2V\n", (int)(digest - right[i]), right[i], digest + 28);
		else
			text_printf(&t, "%s%s\n", right[i], i == 1 ? " microdesc" : "");
	}
	const struct consensus *c = consensus_read(file_of(&t), NULL, arena, &diags);
	ck_assert_ptr_nonnull(c);
	ck_assert(c->is_microdesc);
	ck_assert_uint_eq(c->n_relays, 5);
	ck_assert_uint_eq(c->relays[2].address, 0xc0000203);
}
END_TEST

/* Lines that need not be there, or may say something else; what then holds. */
START_TEST(what_is_not_given_has_its_default)
{
	const struct consensus *c = read_with(4, NULL, "\n");

	ck_assert_uint_eq(c->method, 1);
	c = read_with(8, NULL, "\n");
	ck_assert_int_eq(c->scale, 10000);
	c = read_with(8, "params", "\n");
	ck_assert_int_eq(c->scale, 10000);
	c = read_with(8, "params bwweightscale=-5", "\n");
	ck_assert_int_eq(c->scale, 1);
	c = read_with(28, NULL, "\n");
	ck_assert(!c->has_weights);
	ck_assert_uint_eq(c->weights_place.line, 27);
	ck_assert_ptr_nonnull(read_with(1, NULL, "\n"));
	ck_assert_ptr_nonnull(read_with(2, "network-status-version 3 ns", "\n"));
	ck_assert_uint_eq(diags.n, 0);
}
END_TEST

/* ---- what is wrong --------------------------------------------------------------------------------------------- */
#define DIGEST "BBBBBBBBBBBBBBBBBBBBBBBBBBB 2020-02-29 00:48:16 "
static const struct {
	unsigned number;        /* of the line replaced */
	const char *with, *text;
	unsigned line, column;
	const char *hint;
} wrong[] = {
	{ 2, "network-status-version 2", "not a version 3 consensus", 2, 24, NULL },
	{ 2, "network-status-version", "not a version 3 consensus", 2, 23, NULL },
	{ 2, "network-status-version 3 other", "not a version 3 consensus", 2, 24, NULL },
	{ 2, NULL, "not a version 3 consensus", 2, 1, NULL },
	{ 1, "# network", "not a version 3 consensus", 1, 1, NULL },
	{ 1, "", "not a version 3 consensus", 1, 1, NULL },
	{ 3, "vote-status vote", "this is a vote, not a consensus", 3, 13, NULL },
	{ 3, NULL, "'vote-status' is missing before this line", 10, 1, NULL },
	{ 4, "vote-status consensus", "'vote-status' is given twice", 4, 1, NULL },
	{ 4, "network-status-version 3", "'network-status-version' is given twice", 4, 1, NULL },
	{ 4, "consensus-method x", "'x' is not a number", 4, 18, NULL },
	{ 4, "consensus-method 0", "'0' is out of range", 4, 18, "1 to 2147483647" },
	{ 4, "consensus-method", "'' is not a number", 4, 17, NULL },
	{ 5, "valid-after 2020-02-30 10:00:00", "'2020-02-30 10:00:00' is not a time", 5, 13, NULL },
	{ 5, "valid-after 2019-02-29 10:00:00", "'2019-02-29 10:00:00' is not a time", 5, 13, NULL },
	{ 5, "valid-after 2020-13-01 10:00:00", "'2020-13-01 10:00:00' is not a time", 5, 13, NULL },
	{ 5, "valid-after 2020-00-01 10:00:00", "'2020-00-01 10:00:00' is not a time", 5, 13, NULL },
	{ 5, "valid-after 2020-01-00 10:00:00", "'2020-01-00 10:00:00' is not a time", 5, 13, NULL },
	{ 5, "valid-after 2020-02-28 24:00:00", "'2020-02-28 24:00:00' is not a time", 5, 13, NULL },
	{ 5, "valid-after 2020-02-28 10:60:00", "'2020-02-28 10:60:00' is not a time", 5, 13, NULL },
	{ 5, "valid-after 2020-02-28 10:00", "'2020-02-28 10:00' is not a time", 5, 13, NULL },
	{ 5, "valid-after x", "'x' is not a time", 5, 13, NULL },
	{ 5, NULL, "'valid-after' is missing before this line", 10, 1, NULL },
	{ 6, "fresh-until 2020-02-29 10:00:00", "fresh-until is not later than valid-after", 6, 13, NULL },
	{ 6, "fresh-until 2020-02-29 13:00:00", "valid-until is not later than fresh-until", 7, 13, NULL },
	{ 6, NULL, "'fresh-until' is missing before this line", 10, 1, NULL },
	{ 7, "valid-until 2020-02-29 09:00:00", "valid-until is not later than valid-after", 7, 13, NULL },
	{ 7, NULL, "'valid-until' is missing before this line", 10, 1, NULL },
	{ 8, "params bwweightscale=x", "'bwweightscale=x' is not a parameter", 8, 8, NULL },
	{ 8, "params a=1 bwweightscale", "'bwweightscale' is not a parameter", 8, 12, NULL },
	{ 8, "params =5", "'=5' is not a parameter", 8, 8, NULL },
	{ 8, "params a=", "'a=' is not a parameter", 8, 8, NULL },
	{ 8, "params a=-", "'a=-' is not a parameter", 8, 8, NULL },
	{ 8, "params a=1.5", "'a=1.5' is not a parameter", 8, 8, NULL },
	{ 8, "params a=2147483648", "'2147483648' is out of range", 8, 10, "-2147483648 to 2147483647" },
	{ 8, "params a=-2147483649", "'-2147483649' is out of range", 8, 10, "-2147483648 to 2147483647" },
	{ 9, "params a=1", "'params' is given twice", 9, 1, NULL },
	{ 9, "s Fast", "s line before any relay", 9, 1, NULL },
	{ 9, "w Bandwidth=1", "w line before any relay", 9, 1, NULL },
	{ 9, "bandwidth-weights Wbd=1", "'bandwidth-weights' does not belong here", 9, 1, NULL },
	{ 9, "-----BEGIN X-----", "this object is never closed", 9, 1, NULL },
	{ 9, "x\x01", "byte 0x01 is not text", 9, 2, NULL },
	{ 12, "valid-after 2020-02-29 10:00:00", "'valid-after' is given twice", 12, 1, NULL },
	{ 16, "r both", "r line has 1 words, 8 expected", 16, 3, NULL },
	{ 16, "r", "r line has 0 words, 8 expected", 16, 2, NULL },
	{ 16, "r bo-th AAAAAAAAAAAAAAAAAAAAAAAAAAE " DIGEST "192.0.2.2 443 0", "'bo-th' is not a nickname", 16, 3, NULL },
	{ 16, "r b\xc3\xb6 AAAAAAAAAAAAAAAAAAAAAAAAAAE " DIGEST "192.0.2.2 443 0", "'b\xc3\xb6' is not a nickname", 16, 3, NULL },
	{ 16, "r abcdefghijabcdefghij AAAAAAAAAAAAAAAAAAAAAAAAAAE " DIGEST "192.0.2.2 443 0",
	  "'abcdefghijabcdefghij' is not a nickname", 16, 3, NULL },
	{ 16, "r both AAAAAAAAAAAAAAAAAAAAAAAAAE " DIGEST "192.0.2.2 443 0", "'AAAAAAAAAAAAAAAAAAAAAAAAAE' is not an identity", 16, 8,
	  NULL },
	{ 16, "r both AAAAAAAAAAAAA-AAAAAAAAAAAAE " DIGEST "192.0.2.2 443 0", "'AAAAAAAAAAAAA-AAAAAAAAAAAAE' is not an identity", 16, 8,
	  NULL },
	{ 16, "r both AAAAAAAAAAAAAAAAAAAAAAAAAAA " DIGEST "192.0.2.2 443 0", "relay is listed twice", 16, 8, NULL },
	{ 16, "r both AAAAAAAAAAAAAAAAAAAAAAAAAAB " DIGEST "192.0.2.2 443 0", "relay is listed twice", 16, 8, NULL },
	{ 16, "r both ///AAAAAAAAAAAAAAAAAAAAAAAA " DIGEST "192.0.2.2 443 0", "relays are not in order", 19, 9, NULL },
	{ 16, "r both AAAAAAAAAAAAAAAAAAAAAAAAAAE " DIGEST "192.0.2 443 0", "'192.0.2' is not an IPv4 address", 16, 84, NULL },
	{ 16, NULL, "'s' is given twice", 16, 1, NULL },
	{ 17, NULL, "relay has no s line", 16, 3, NULL },
	{ 18, "s Fast", "'s' is given twice", 18, 1, NULL },
	{ 15, "w Bandwidth=1", "'w' is given twice", 15, 1, NULL },
	{ 18, "w Bandwidth=4294967296", "'4294967296' is out of range", 18, 13, "0 to 2147483647" },
	{ 18, "w Bandwidth=2147483648", "'2147483648' is out of range", 18, 13, "0 to 2147483647" },
	{ 18, "w Bandwidth=-1", "'-1' is not a number", 18, 13, NULL },
	{ 18, "w Bandwidth=1 Bandwidth=1", "'Bandwidth' is given twice", 18, 1, NULL },
	{ 18, "w Measured=1", "w line has no Bandwidth=", 18, 3, NULL },
	{ 18, "w", "w line has no Bandwidth=", 18, 2, NULL },
	{ 18, "w Bandwidth=1 x", "'x' is not KEY=VALUE", 18, 15, NULL },
	{ 18, "w Bandwidth=1 GuardFraction=101", "'101' is out of range", 18, 29, "0 to 100" },
	{ 18, "w Bandwidth=1 GuardFraction=x", "'x' is not a number", 18, 29, NULL },
	{ 18, "w Bandwidth=1 GuardFraction=1 GuardFraction=1", "'GuardFraction' is given twice", 18, 1, NULL },
	{ 27, NULL, "consensus is cut off: no directory-footer", 31, 1, NULL },
	{ 28, "directory-footer", "'directory-footer' is given twice", 28, 1, NULL },
	{ 29, "bandwidth-weights Wbd=1", "'bandwidth-weights' is given twice", 29, 1, NULL },
	{ 29, "r both AAAAAAAAAAAAAAAAAAAAAAAAAAE " DIGEST "192.0.2.2 443 0", "'r' does not belong here", 29, 1, NULL },
	{ 29, "w Bandwidth=1", "'w' does not belong here", 29, 1, NULL },
	{ 28, "bandwidth-weights Wbd=x", "'Wbd=x' is not a weight", 28, 19, NULL },
	{ 28, "bandwidth-weights Wbd=99999999999", "'99999999999' is out of range", 28, 23, "-2147483648 to 2147483647" },
	{ 32, NULL, "this object is never closed", 30, 1, NULL },
	{ 32, "-----END SIGNATURE----", "this object is never closed", 30, 1, NULL },
};

START_TEST(each_wrong_line_has_its_message)
{
	ck_assert_ptr_null(read_with(wrong[_i].number, wrong[_i].with, _i % 2 ? "\r\n" : "\n"));
	ck_assert_uint_ge(diags.n, 1);
	for (size_t i = 0; i < diags.n; i++) {
		const struct diag *g = diags.list[i];
		ck_assert_str_eq(g->code, "input");
		if (strcmp(g->text, wrong[_i].text) != 0)
			continue;
		ck_assert_uint_eq(g->place.line, wrong[_i].line);
		ck_assert_uint_eq(g->place.column, wrong[_i].column);
		ck_assert_str_eq(g->hint ? g->hint : "", wrong[_i].hint ? wrong[_i].hint : "");
		return;
	}
	ck_abort_msg("'%s' instead of '%s'", diags.list[0]->text, wrong[_i].text);
}
END_TEST

START_TEST(each_of_the_19_weights_is_there_once)
{
	auto_text struct text t = { 0 };

	text_printf(&t, "%s Wgg=5 Wxx=7", right[27]);
	ck_assert_ptr_null(read_with(28, text_get(&t), "\n"));
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, "'Wgg' is given twice");
	text_clear(&t);
	text_printf(&t, "%.*s", (int)(strstr(right[27], " Wmm") - right[27]), right[27]);
	ck_assert_ptr_null(read_with(28, text_get(&t), "\n"));
	ck_assert_uint_eq(diags.n, 2);
	ck_assert_str_eq(diags.list[1]->text, "'Wmm' is missing");
}
END_TEST

/* Of every length it is a consensus that is wrong, but for the last lines, which may be missing. */
START_TEST(a_consensus_cut_anywhere_is_told)
{
	auto_text struct text t = { 0 };

	compose(&t, 0, NULL, "\n");
	const size_t n = t.n;
	const size_t footer = (size_t)(strstr(text_get(&t), "directory-footer") - text_get(&t)) + strlen("directory-footer");
	for (t.n = 0; t.n < n; t.n++) {
		struct diags d;
		diags_init(&d, arena);
		const struct consensus *c = consensus_read(file_of(&t), NULL, arena, &d);

		if (t.n < footer)
			ck_assert_msg(!c, "cut after %zu bytes", t.n);
		ck_assert_int_eq(!c, d.n_errors > 0);
	}
}
END_TEST

START_TEST(an_empty_file_is_no_consensus)
{
	struct text t = { 0 };

	ck_assert_ptr_null(consensus_read(file_of(&t), NULL, arena, &diags));
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, "not a version 3 consensus");
}
END_TEST

START_TEST(there_is_a_limit_of_relays)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	auto_text struct text t = { 0 };

	for (unsigned i = 1; i < 10; i++)
		text_printf(&t, "%s\n", right[i]);
	for (unsigned i = 0; i < RELAYS_MOST + 1; i++)
		text_printf(&t, "r a %c%c%cAAAAAAAAAAAAAAAAAAAAAAAA x 2020-02-29 00:48:16 192.0.2.1 443 0\ns\n", digits[i >> 12],
			    digits[i >> 6 & 63], digits[i & 63]);
	text_puts(&t, "directory-footer\n");
	ck_assert_ptr_null(consensus_read(file_of(&t), NULL, arena, &diags));
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, "consensus has more than 200000 relays");
	ck_assert_uint_eq(diags.list[0]->place.line, 9 + 2 * RELAYS_MOST + 1);
}
END_TEST

/* ---- relays in other forms ------------------------------------------------------------------------------------- */
static const struct relays *read_relays(const char *text, bool lenient)
{
	struct text t = { 0 };

	text_puts(&t, text);
	const char *path = file_of(&t);
	text_release(&t);
	return relays_read(path, lenient, arena, &diags);
}

static void expect_three(const struct relays *r, enum relays_form form)
{
	ck_assert_ptr_nonnull(r);
	ck_assert_int_eq(r->form, form);
	ck_assert_ptr_null(r->consensus);
	ck_assert_uint_eq(r->n, 3);
	expect_relay(&r->list[0], "a.b", "-", CLASS_GUARD_EXIT, 5);
	expect_relay(&r->list[1], "c", "-", CLASS_EXIT, 2147483647);
	expect_relay(&r->list[2], "b", "-", CLASS_GUARD, 0);
	ck_assert(r->list[0].is_weighted && !r->list[0].has_id && r->list[0].guard_fraction == -1);
}

START_TEST(a_consensus_is_a_file_of_relays)
{
	auto_text struct text t = { 0 };

	compose(&t, 0, NULL, "\n");
	const struct relays *r = read_relays(text_get(&t), true);
	ck_assert_ptr_nonnull(r);
	ck_assert_int_eq(r->form, RELAYS_CONSENSUS);
	ck_assert_uint_eq(r->n, 5);
	ck_assert_ptr_eq(r->list, r->consensus->relays);
}
END_TEST

START_TEST(lenient_reading_does_not_forgive_a_consensus)
{
	auto_text struct text t = { 0 };

	compose(&t, 18, "w Bandwidth=x", "\n");
	ck_assert_ptr_null(read_relays(text_get(&t), true));
	text_clear(&t);
	text_puts(&t, "# said before\n");
	compose(&t, 0, NULL, "\n");
	ck_assert_ptr_null(read_relays(text_get(&t), true));
	ck_assert_uint_eq(diags.n_errors, 2);
}
END_TEST

START_TEST(relay_choices_are_read)
{
	expect_three(read_relays("# Shadow\nFreq,Name,IsExit,IsGuard,ConsensusWeight\n0.1,a.b,True,True,5\n\n"
				 "0.2,c,True,False,2147483647\n0.3,b,False,True,0\n", false), RELAYS_CSV);
	ck_assert_uint_eq(diags.n, 0);
}
END_TEST

START_TEST(relays_in_json_are_read)
{
	expect_three(read_relays("{\"a.b\": [0, 0, 0, 0, true, true, 5.0, 9], \"c\": [0, 0, 0, 0, false, true, 2147483647],\n"
				 " \"b\": [null, null, null, null, \"True\", \"False\", 0]}", false), RELAYS_JSON);
	ck_assert_uint_eq(diags.n, 0);
}
END_TEST

static const struct {
	const char *in, *text;
	unsigned line, column;
	const char *pointer;
} wrong_relays[] = {
	{ "Name,IsGuard,IsExit,ConsensusWeight\na,maybe,True,5\n", "'maybe' is not True or False", 2, 3, NULL },
	{ "Name,IsGuard,IsExit,ConsensusWeight\na,True,true,5\n", "'true' is not True or False", 2, 8, NULL },
	{ "Name,IsGuard,IsExit,ConsensusWeight\na b,True,True,5\n", "'a b' is not a name", 2, 1, NULL },
	{ "Name,IsGuard,IsExit,ConsensusWeight\n\xc3\xa4,True,True,5\n", "'\xc3\xa4' is not a name", 2, 1, NULL },
	{ "Name,IsGuard,IsExit,ConsensusWeight\na,True,True,x\n", "'x' is not a weight", 2, 13, NULL },
	{ "Name,IsGuard,IsExit,ConsensusWeight\na,True,True,2147483648\n", "'2147483648' is out of range", 2, 13, NULL },
	{ "Name,IsGuard,IsExit,ConsensusWeight\na,True,True\n", "line has 3 fields, 4 expected", 2, 1, NULL },
	{ "Name,IsGuard,IsExit\n", "column 'ConsensusWeight' is missing", 1, 1, NULL },
	{ "Name,IsGuard,IsExit,ConsensusWeight\na,True,True,5\nb,True,True,5\na,True,True,5\n", "relay 'a' is given twice", 4, 1, NULL },
	{ "{\"a\": [0,0,0,0,1,true,5]}", "'1' is not True or False", 0, 0, "/a/4" },
	{ "{\"a\": [0,0,0,0,true,\"maybe\",5]}", "'maybe' is not True or False", 0, 0, "/a/5" },
	{ "{\"a\": [0,0,0,0,true,true,1.5]}", "'1.5' is not a weight", 0, 0, "/a/6" },
	{ "{\"a\": [0,0,0,0,true,true,\"5\"]}", "'5' is not a weight", 0, 0, "/a/6" },
	{ "{\"a\": [0,0,0,0,true,true,4294967296]}", "'4294967296' is out of range", 0, 0, "/a/6" },
	{ "{\"a\": [0,0,0,0,true,true]}", "relay has 6 values, 7 expected", 0, 0, "/a" },
	{ "{\"a\": {}}", "relay has 0 values, 7 expected", 0, 0, "/a" },
	{ "{\"a/b\": []}", "'a/b' is not a name", 0, 0, "/a~1b" },
	{ "[]", "relays in JSON are an object: {\"name\": [\xe2\x80\xa6], \xe2\x80\xa6}", 0, 0, NULL },
	{ "{\"a\": [}", "unexpected token near '}'", 1, 8, NULL },
	{ "nothing\n", "not a version 3 consensus", 1, 1, NULL },
};

START_TEST(each_wrong_relay_has_its_message)
{
	ck_assert_ptr_null(read_relays(wrong_relays[_i].in, false));
	ck_assert_uint_eq(diags.n, 1);
	const struct diag *g = diags.list[0];
	ck_assert_str_eq(g->text, wrong_relays[_i].text);
	ck_assert_uint_eq(g->place.line, wrong_relays[_i].line);
	ck_assert_uint_eq(g->place.column, wrong_relays[_i].column);
	ck_assert_str_eq(g->place.pointer ? g->place.pointer : "", wrong_relays[_i].pointer ? wrong_relays[_i].pointer : "");
}
END_TEST

START_TEST(reading_ends_where_enough_relays_are_wrong)
{
	auto_text struct text t = { 0 };

	for (unsigned i = 0; i < 1000; i++)
		text_printf(&t, "%s\"r%u\": []", i ? ", " : "{", i);
	text_putc(&t, '}');
	ck_assert_ptr_null(read_relays(text_get(&t), false));
	ck_assert_uint_eq(diags.n_errors, DIAGS_SHOWN);
}
END_TEST

static const char *const lenient_relays[] = {
	"Name,IsGuard,IsExit,ConsensusWeight\na,True,True,5\nb,maybe,no,x\nc\na,True,True,7\nd,True,True,6\n",
	"{\"b\": [], \"a\": [0,0,0,0,true,true,5], \"c\": [0,0,0,0,1,2,3], \"d\": [0,0,0,0,true,true,6], \"e\": [0,0,0,0,true,true,1.5]}",
};

START_TEST(lenient_reading_leaves_wrong_relays_out)
{
	const struct relays *r = read_relays(lenient_relays[_i], true);

	ck_assert_ptr_nonnull(r);
	ck_assert_uint_eq(r->n, 2);
	ck_assert_str_eq(r->list[0].name, "a");
	ck_assert_uint_eq(r->list[0].weight, 5);
	ck_assert_str_eq(r->list[1].name, "d");
	ck_assert_uint_eq(diags.n, 1);
	ck_assert_str_eq(diags.list[0]->text, "3 malformed lines left out");
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, all_that_matters_is_read, 0, 2);
	tcase_add_test(tc, the_microdesc_flavour_has_no_digests);
	tcase_add_test(tc, what_is_not_given_has_its_default);
	tcase_add_loop_test(tc, each_wrong_line_has_its_message, 0, ARRAY_LEN(wrong));
	tcase_add_test(tc, each_of_the_19_weights_is_there_once);
	tcase_add_test(tc, a_consensus_cut_anywhere_is_told);
	tcase_add_test(tc, an_empty_file_is_no_consensus);
	tcase_add_test(tc, there_is_a_limit_of_relays);
	tcase_add_test(tc, a_consensus_is_a_file_of_relays);
	tcase_add_test(tc, lenient_reading_does_not_forgive_a_consensus);
	tcase_add_test(tc, relay_choices_are_read);
	tcase_add_test(tc, relays_in_json_are_read);
	tcase_add_loop_test(tc, each_wrong_relay_has_its_message, 0, ARRAY_LEN(wrong_relays));
	tcase_add_test(tc, reading_ends_where_enough_relays_are_wrong);
	tcase_add_loop_test(tc, lenient_reading_leaves_wrong_relays_out, 0, ARRAY_LEN(lenient_relays));
}
