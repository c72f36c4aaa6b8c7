/* SPDX-License-Identifier: MIT */
/* Values of every type: what is read, to what number, and the exact words for what is not. */
#include "base/base.h"

#include <errno.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/text.h"
#include "core/policy.h"
#include "profile/keywords.h"
#include "profile/value.h"
#include "unit.h"

static const struct {
	enum value_type type;
	const char *text;
	int result;
	uint64_t number;
} numbers[] = {
	{ VALUE_INT, "0", 0, 0 },
	{ VALUE_INT, "4294967295", 0, 4294967295 },
	{ VALUE_INT, "0x7f000000", 0, 0x7f000000 },
	{ VALUE_INT, "0X7f", -EINVAL, 0 },
	{ VALUE_INT, "007", -EINVAL, 0 },
	{ VALUE_INT, "-1", -EINVAL, 0 },
	{ VALUE_INT, "1.0", -EINVAL, 0 },
	{ VALUE_INT, "", -EINVAL, 0 },
	{ VALUE_INT, "99999999999999999999", -ERANGE, 0 },
	{ VALUE_NUMBER, "0.2", 0, 200000 },
	{ VALUE_NUMBER, "1", 0, 1000000 },
	{ VALUE_NUMBER, "1e3", -EINVAL, 0 },
	{ VALUE_NUMBER, "0.0000001", -EINVAL, 0 },
	{ VALUE_RATE, "50mbit", 0, 50000000 },
	{ VALUE_RATE, "130Mbit", 0, 130000000 },
	{ VALUE_RATE, "2.5gbit", 0, 2500000000 },
	{ VALUE_RATE, "0.000001tbit", 0, 1000000 },
	{ VALUE_RATE, "1.9bit", 0, 1 },
	{ VALUE_RATE, "18446745tbit", -ERANGE, 0 },
	{ VALUE_RATE, "50", -EINVAL, 0 },
	{ VALUE_RATE, "mbit", -EINVAL, 0 },
	{ VALUE_RATE, "6mbps", -EINVAL, 0 },
	{ VALUE_RATE, "5 mbit", -EINVAL, 0 },
	{ VALUE_SIZE, "1mbit", 0, 131072 },
	{ VALUE_SIZE, "2.6mbit", 0, 340787 },
	{ VALUE_SIZE, "10mbit", 0, 1310720 },
	{ VALUE_SIZE, "26mbit", 0, 3407872 },
	{ VALUE_SIZE, "64kb", 0, 65536 },
	{ VALUE_SIZE, "1gb", 0, 1073741824 },
	{ VALUE_SIZE, "1600b", 0, 1600 },
	{ VALUE_SIZE, "64", -EINVAL, 0 },
	{ VALUE_SIZE, "64bit", -EINVAL, 0 },
	{ VALUE_BYTES, "1514", 0, 1514 },
	{ VALUE_BYTES, "2kb", 0, 2048 },
	{ VALUE_BYTES, "x", -EINVAL, 0 },
	{ VALUE_PACKETS, "100p", 0, 100 },
	{ VALUE_PACKETS, "100", -EINVAL, 0 },
	{ VALUE_PACKETS, "1.5p", -EINVAL, 0 },
	{ VALUE_TIME, "500ms", 0, 500000 },
	{ VALUE_TIME, "1us", 0, 1 },
	{ VALUE_TIME, "0.0015ms", 0, 1 },
	{ VALUE_TIME, "5min", 0, 300000000 },
	{ VALUE_TIME, "24h", 0, 86400000000 },
	{ VALUE_TIME, "500", -EINVAL, 0 },
	{ VALUE_TIME, "5m", -EINVAL, 0 },
	{ VALUE_TIME, "6000000000h", -ERANGE, 0 },
	{ VALUE_PERCENT, "1%", 0, 10000 },
	{ VALUE_PERCENT, "0.1%", 0, 1000 },
	{ VALUE_PERCENT, "100%", 0, 1000000 },
	{ VALUE_PERCENT, "1", -EINVAL, 0 },
	{ VALUE_SWITCH, "on", 0, 1 },
	{ VALUE_SWITCH, "off", 0, 0 },
	{ VALUE_SWITCH, "On", -EINVAL, 0 },
};

START_TEST(a_number_is_exact_in_its_unit)
{
	struct value v = { 0 };

	ck_assert_int_eq(value_parse(numbers[_i].type, str_of(numbers[_i].text), &v), numbers[_i].result);
	if (numbers[_i].result == 0)
		ck_assert_uint_eq(v.number, numbers[_i].number);
	ck_assert_int_eq(v.type, numbers[_i].result == -EINVAL ? VALUE_WRONG : numbers[_i].type);
}
END_TEST

static const struct {
	enum value_type type;
	const char *text;
	bool good;
} texts[] = {
	{ VALUE_NAME, "p1", true },
	{ VALUE_NAME, "a-very-long-name-of-31-characters", false },
	{ VALUE_NAME, "a-name-that-has-31-characters-x", true },
	{ VALUE_NAME, "P1", false },
	{ VALUE_NAME, "1p", false },
	{ VALUE_NAME, "", false },
	{ VALUE_LABEL, "Line_1.x-y", true },
	{ VALUE_LABEL, ".x", false },
	{ VALUE_LABEL, "-x", false },
	{ VALUE_LABEL, "a/b", false },
	{ VALUE_FILE, "/var/log/nlbc.csv", true },
	{ VALUE_FILE, "/a..b/..c", true },
	{ VALUE_FILE, "log.csv", false },
	{ VALUE_FILE, "/a/../b", false },
	{ VALUE_FILE, "/a/..", false },
	{ VALUE_URL, "/healthz?x=1", true },
	{ VALUE_URL, "healthz", false },
	{ VALUE_URL, "/a b", false },
	{ VALUE_DEVICE, "eth0", true },
	{ VALUE_DEVICE, "br-lan.100", true },
	{ VALUE_DEVICE, "..", false },
	{ VALUE_DEVICE, "x/y", false },
	{ VALUE_DEVICE, "sixteen-bytes-xx", false },
	{ VALUE_CODES, "200", true },
	{ VALUE_CODES, "200-399", true },
	{ VALUE_CODES, "2xx", false },
	{ VALUE_CODES, "399-200", false },
	{ VALUE_CODES, "099", false },
	{ VALUE_CODES, "600", false },
	{ VALUE_CODES, "200-", false },
	{ VALUE_METHOD, "peak-ewma", true },
	{ VALUE_METHOD, "fastest", false },
};

START_TEST(a_text_is_of_its_type_or_not)
{
	struct value v = { 0 };

	ck_assert_int_eq(value_parse(texts[_i].type, str_of(texts[_i].text), &v), texts[_i].good ? 0 : -EINVAL);
}
END_TEST

static const struct {
	enum block_kind block;
	const char *keyword, *arg, *word;
	enum word_kind kind;
	const char *message;            /* NULL: good */
} messages[] = {
	{ BLOCK_TOP, "path", "name", "P1", WORD_BARE,
	  "'P1' is not a name; lower-case letters, digits and hyphens, at most 31, a letter first [bad-value]" },
	{ BLOCK_TOP, "profile", "value", "a/b", WORD_BARE, "'a/b' is not a label [bad-value]" },
	{ BLOCK_PROXY, "log", "file", "log.csv", WORD_BARE, "'log.csv' is not an absolute path [bad-value]" },
	{ BLOCK_PROXY, "health", "url", "healthz", WORD_BARE, "'healthz' is not a URL path; begin it with / [bad-value]" },
	{ BLOCK_INTERFACE, "device", "value", "x/y", WORD_BARE, "'x/y' is not a device name [bad-value]" },
	{ BLOCK_PATH, "weight", "value", "lots", WORD_BARE, "'lots' is not a whole number [bad-value]" },
	{ BLOCK_PATH, "weight", "value", "2000", WORD_BARE, "'2000' is out of range for 'weight'; 0 to 1000 [out-of-range]" },
	{ BLOCK_PATH, "weight", "value", "99999999999999999999", WORD_BARE,
	  "'99999999999999999999' is out of range for 'weight'; 0 to 1000 [out-of-range]" },
	{ BLOCK_PROXY, "method", "alpha", "1e3", WORD_BARE, "'1e3' is not a number [bad-value]" },
	{ BLOCK_PROXY, "method", "alpha", "0.0001", WORD_BARE,
	  "'0.0001' is out of range for 'alpha'; 0.001 to 1 [out-of-range]" },
	{ BLOCK_SHAPER, "rate", "value", "50", WORD_BARE,
	  "'50' is not a rate; write a unit, for example 50mbit [bad-value]" },
	{ BLOCK_SHAPER, "rate", "value", "6mbps", WORD_BARE,
	  "'6mbps' is not a rate; in tc this means bytes per second; write 48mbit [bad-value]" },
	{ BLOCK_SHAPER, "rate", "value", "0.25Kbps", WORD_BARE,
	  "'0.25Kbps' is not a rate; in tc this means bytes per second; write 2kbit [bad-value]" },
	{ BLOCK_SHAPER, "rate", "value", "10bps", WORD_BARE,
	  "'10bps' is not a rate; in tc this means bytes per second; write 80bit [bad-value]" },
	{ BLOCK_SHAPER, "rate", "value", "7kbit", WORD_BARE,
	  "'7kbit' is out of range for 'rate'; 8kbit to 1tbit [out-of-range]" },
	{ BLOCK_SHAPER, "ceil", "value", "1kbit", WORD_BARE, NULL },
	{ BLOCK_SHAPER, "ceil", "value", "2tbit", WORD_BARE,
	  "'2tbit' is out of range for 'ceil'; rate to 1tbit [out-of-range]" },
	{ BLOCK_SHAPER, "burst", "value", "64", WORD_BARE,
	  "'64' is not a size; write a unit, for example 64kb or 1mbit [bad-value]" },
	{ BLOCK_SHAPER, "quantum", "value", "x", WORD_BARE, "'x' is not a number of bytes [bad-value]" },
	{ BLOCK_SHAPER, "limit", "value", "100", WORD_BARE,
	  "'100' is not a number of packets; write it as 100p [bad-value]" },
	{ BLOCK_SHAPER, "delay", "time", "500", WORD_BARE,
	  "'500' is not a time; write a unit, for example 500ms [bad-value]" },
	{ BLOCK_SHAPER, "loss", "part", "1", WORD_BARE, "'1' is not a percentage; write it as 1% [bad-value]" },
	{ BLOCK_SHAPER, "loss", "part", "101%", WORD_BARE,
	  "'101%' is out of range for 'loss'; 0% to 100% [out-of-range]" },
	{ BLOCK_SHAPER, "queue", "what", "fq_codle", WORD_BARE,
	  "'fq_codle' is not a size; did you mean 'fq_codel'? [bad-value]" },
	{ BLOCK_SHAPER, "queue", "what", "2000000p", WORD_BARE,
	  "'2000000p' is out of range for 'queue'; 1p to 1000000p [out-of-range]" },
	{ BLOCK_SHAPER, "queue", "what", "20ms", WORD_BARE, NULL },
	{ BLOCK_SHAPER, "queue", "ecn", "yes", WORD_BARE, "unknown value 'yes' for 'ecn'; one of: on, off [bad-value]" },
	{ BLOCK_PATH, "via", "value", "10.10.2.300", WORD_BARE, "'10.10.2.300' is not an address [bad-value]" },
	{ BLOCK_PATH, "table", "value", "254", WORD_BARE,
	  "'254' is out of range for 'table'; 1 to 4294967295, not 253 to 255 [out-of-range]" },
	{ BLOCK_PATH, "mark", "value", "0", WORD_BARE,
	  "'0' is out of range for 'mark'; in the mask, not 0, not all ones [out-of-range]" },
	{ BLOCK_BALANCE, "from", "value", "10.0.0.0/33", WORD_BARE,
	  "'10.0.0.0/33' is not a prefix; write for example 10.10.3.0/24 [bad-value]" },
	{ BLOCK_SERVER, "address", "value", "localhost:80", WORD_BARE,
	  "'localhost:80' is not an address and port; names are not looked up; write for example 127.0.0.1:80 [bad-value]" },
	{ BLOCK_PATH, "probe", "status", "2xx", WORD_BARE,
	  "'2xx' is not a status; write for example 200 or 200-299 [bad-value]" },
	{ BLOCK_BALANCE, "scope", "value", "locale", WORD_BARE,
	  "unknown value 'locale' for 'scope'; did you mean 'local'? [bad-value]" },
	{ BLOCK_BALANCE, "scope", "value", "x", WORD_BARE,
	  "unknown value 'x' for 'scope'; one of: forwarded, local, all [bad-value]" },
	{ BLOCK_BALANCE, "protocol", "value", "x", WORD_BARE,
	  "unknown value 'x' for 'protocol'; one of: tcp, udp, sctp, icmp, <int> [bad-value]" },
	{ BLOCK_BALANCE, "protocol", "value", "256", WORD_BARE,
	  "'256' is out of range for 'protocol'; 0 to 255 [out-of-range]" },
	{ BLOCK_BALANCE, "method", "value", "x", WORD_BARE,
	  "unknown method 'x'; one of: per-packet, per-flow, hash, random [bad-value]" },
	{ BLOCK_BALANCE, "method", "value", "per-flwo", WORD_BARE,
	  "unknown method 'per-flwo'; did you mean 'per-flow'? [bad-value]" },
	{ BLOCK_BALANCE, "slots", "value", "100", WORD_BARE,
	  "'100' is out of range for 'slots'; 16, 32, … 4096 [out-of-range]" },
	{ BLOCK_KERNEL, "mark-mask", "value", "0x05", WORD_BARE,
	  "'0x05' is out of range for 'mark-mask'; 2 to 32 adjacent bits [out-of-range]" },
	{ BLOCK_KERNEL, "mark-mask", "value", "0x80000000", WORD_BARE,
	  "'0x80000000' is out of range for 'mark-mask'; 2 to 32 adjacent bits [out-of-range]" },
	{ BLOCK_KERNEL, "mark-mask", "value", "0xffffffff", WORD_BARE, NULL },
	{ BLOCK_KERNEL, "mark-mask", "value", "0x3", WORD_BARE, NULL },
	{ BLOCK_TOP, "nlbc", "value", "2", WORD_BARE,
	  "language version 2 is not known; this nlbc reads version 1 [out-of-range]" },
	/* The twin. */
	{ BLOCK_PATH, "weight", "value", "5", WORD_JSON_STRING,
	  "'5' is not a whole number; write it without quotes [bad-value]" },
	{ BLOCK_PATH, "via", "value", "5", WORD_JSON_NUMBER, "'5' is not an address [bad-value]" },
	{ BLOCK_WEB, "metrics", "value", "on", WORD_JSON_STRING,
	  "unknown value 'on' for 'metrics'; one of: true, false [bad-value]" },
	{ BLOCK_WEB, "metrics", "value", "true", WORD_JSON_BOOL, NULL },
	{ BLOCK_SHAPER, "rate", "value", "true", WORD_JSON_BOOL,
	  "'true' is not a rate; write a unit, for example 50mbit [bad-value]" },
};

static const struct arg *find_arg(enum block_kind block, const char *keyword, const char *arg)
{
	const struct keyword *k = keyword_find(block, str_of(keyword));

	ck_assert_ptr_nonnull(k);
	for (size_t i = 0; i < k->n_args; i++)
		if (strcmp(arg_name(&k->args[i]), arg) == 0)
			return &k->args[i];
	ck_abort_msg("%s has no %s", keyword, arg);
}

START_TEST(a_wrong_value_has_its_words)
{
	struct arena *a = arena_new();
	const struct source source = { .name = "x" };
	const struct arg *arg = find_arg(messages[_i].block, messages[_i].keyword, messages[_i].arg);
	const struct word w = { .text = str_of(messages[_i].word), .kind = messages[_i].kind,
				.place = { .source = &source, .line = 1, .column = 1, .length = 1 } };
	const char *owner = arg->kind == ARG_OPTION ? arg->name : messages[_i].keyword;
	struct diags d;
	struct value v;
	auto_text struct text out = { 0 };

	diags_init(&d, a);
	value_read(arg, owner, &w, &d, &v);
	diags_print(&d, DIAG_GCC, NULL, false, &out);
	if (messages[_i].message)
		ck_assert_str_eq(text_get(&out), arena_printf(a, "x:1:1: error: %s\n", messages[_i].message));
	else
		ck_assert_str_eq(text_get(&out), "");
	ck_assert_int_eq(messages[_i].message != NULL, v.type == VALUE_WRONG || v.out_of_range);
	arena_free(a);
}
END_TEST

static const struct {
	enum block_kind block;
	const char *keyword, *word, *text;
	uint64_t number;
} units[] = {
	{ BLOCK_SHAPER, "rate", "50000000", "50000000bit", 50000000 },
	{ BLOCK_SHAPER, "burst", "131072", "131072b", 131072 },
	{ BLOCK_SHAPER, "quantum", "1514", "1514", 1514 },
	{ BLOCK_SHAPER, "limit", "100", "100p", 100 },
	{ BLOCK_SHAPER, "delay", "0.005", "0.005s", 5000 },
	{ BLOCK_SHAPER, "loss", "1.5", "1.5%", 15000 },
	{ BLOCK_SHAPER, "queue", "4096", "4096b", 4096 },
};

START_TEST(a_number_of_the_twin_gets_its_unit)
{
	struct arena *a = arena_new();
	const struct word w = { .text = str_of(units[_i].word), .kind = WORD_JSON_NUMBER };
	struct diags d;
	struct value v;

	diags_init(&d, a);
	value_read(keyword_find(units[_i].block, str_of(units[_i].keyword))->args, "x", &w, &d, &v);
	ck_assert_uint_eq(d.n_errors, 0);
	ck_assert_str_eq(v.text, units[_i].text);
	ck_assert_uint_eq(v.number, units[_i].number);
	arena_free(a);
}
END_TEST

START_TEST(a_text_has_at_most_1024_bytes)
{
	struct arena *a = arena_new();
	char long_text[1025];
	struct word w = { .text = { long_text, 1024 } };
	struct diags d;
	struct value v;

	memset(long_text, 'x', sizeof(long_text));
	diags_init(&d, a);
	value_read(keyword_find(BLOCK_TOP, STR("description"))->args, "description", &w, &d, &v);
	ck_assert_uint_eq(d.n_errors, 0);
	w.text.n++;
	value_read(keyword_find(BLOCK_TOP, STR("description"))->args, "description", &w, &d, &v);
	ck_assert_uint_eq(d.n_errors, 1);
	ck_assert_str_eq(d.list[0]->text, "text is longer than 1024 bytes");
	arena_free(a);
}
END_TEST

/* A bound is in its type's own writing, or names another keyword. */
static void check_bound(const struct value_spec *spec, const char *text)
{
	static const char *const others[] = { "rate", "probes", "replicas", "minimum" };
	struct value v;

	if (!text || value_parse(spec->type, str_of(text), &v) == 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(text, others[i]) == 0)
			return;
	ck_abort_msg("bound '%s'", text);
}

START_TEST(the_table_holds_together)
{
	for (size_t i = 0; i < n_keywords; i++) {
		const struct keyword *k = &keywords[i];
		ck_assert_ptr_nonnull(k->help);
		ck_assert_int_eq(k->named, k->n_args > 0 && k->inner != BLOCK_NONE && !k->inner_or_value);
		for (size_t j = 0; j < k->n_args; j++) {
			const struct arg *arg = &k->args[j];
			ck_assert_int_eq(arg->choices != NULL, arg_spec(arg, VALUE_CHOICE) || arg_spec(arg, VALUE_METHOD));
			for (size_t t = 0; t < ARRAY_LEN(arg->types); t++) {
				check_bound(&arg->types[t], arg->types[t].min);
				check_bound(&arg->types[t], arg->types[t].max);
			}
		}
	}
}
END_TEST

START_TEST(methods_of_the_table_are_the_policies_that_fit)
{
	static const struct {
		enum block_kind block;
		unsigned where;
	} rows[] = { { BLOCK_BALANCE, POLICY_BALANCE }, { BLOCK_PROXY, POLICY_CONNECTION | POLICY_REQUEST } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct arg *arg = keyword_find(rows[i].block, STR("method"))->args;
		size_t n = 0;
		for (size_t j = 0; j < POLICY_KINDS; j++)
			if (policies[j]->where & rows[i].where)
				ck_assert_str_eq(arg->choices[n++], policies[j]->name);
		ck_assert_ptr_null(arg->choices[n]);
	}
	for (size_t j = 0; j < POLICY_KINDS; j++)
		ck_assert_int_eq(policies[j]->kind, j);
}
END_TEST

void unit_tests(TCase *tc)
{
	tcase_add_loop_test(tc, a_number_is_exact_in_its_unit, 0, ARRAY_LEN(numbers));
	tcase_add_loop_test(tc, a_text_is_of_its_type_or_not, 0, ARRAY_LEN(texts));
	tcase_add_loop_test(tc, a_wrong_value_has_its_words, 0, ARRAY_LEN(messages));
	tcase_add_loop_test(tc, a_number_of_the_twin_gets_its_unit, 0, ARRAY_LEN(units));
	tcase_add_test(tc, a_text_has_at_most_1024_bytes);
	tcase_add_test(tc, the_table_holds_together);
	tcase_add_test(tc, methods_of_the_table_are_the_policies_that_fit);
}
