/* SPDX-License-Identifier: MIT */
/* One value as it was written and what it means (profile.md section 3): every type with its units, its range and the
 * exact message for a wrong one. */
#ifndef NLBC_PROFILE_VALUE_H
#define NLBC_PROFILE_VALUE_H

#include "base/addr.h"
#include "base/base.h"
#include "base/diag.h"

struct arg;
struct policy;

enum value_type {
	VALUE_WRONG,            /* none of the types: it has been told, the value counts as present */
	VALUE_NAME,             /* only its text */
	VALUE_LABEL,
	VALUE_TEXT,
	VALUE_FILE,
	VALUE_URL,
	VALUE_DEVICE,
	VALUE_INT,              /* number */
	VALUE_NUMBER,           /* number: millionths */
	VALUE_RATE,             /* number: bit/s */
	VALUE_SIZE,             /* number: bytes */
	VALUE_BYTES,            /* number: bytes; written as an integer or a size */
	VALUE_PACKETS,          /* number */
	VALUE_TIME,             /* number: microseconds */
	VALUE_PERCENT,          /* number: millionths of the whole, 1% = 10000 */
	VALUE_ADDRESS,          /* address */
	VALUE_PREFIX,           /* prefix */
	VALUE_ENDPOINT,         /* endpoint */
	VALUE_CODES,            /* codes */
	VALUE_CHOICE,           /* number: index into the argument's choices */
	VALUE_SWITCH,           /* number: 1 for on, 0 for off */
	VALUE_METHOD,           /* method; whether it fits is a check of meaning */
	VALUE_TYPES
};

/* What is known of a type without a value: for the manual, the schema and the messages. */
struct value_kind {
	const char *name;       /* as in `<rate>` */
	const char *wrong;      /* "is not a rate" */
	const char *hint;       /* NULL: none */
	const char *unit;       /* of a bare number in JSON: "bit", "b", "s", "%", "p", "" for plain numbers; NULL: a string */
};
extern const struct value_kind value_kinds[VALUE_TYPES];

struct value {
	const char *text;       /* as written, unit kept; a number of the JSON twin gets its unit (131072 as a size: 131072b) */
	enum value_type type;   /* the one that matched */
	bool out_of_range;      /* right type, wrong range: told already */
	struct place place;
	union {
		uint64_t number;
		struct addr address;
		struct {
			struct prefix prefix, raw;      /* host bits cleared, as written */
			bool has_length;
		} prefix;
		struct endpoint endpoint;
		struct {
			uint32_t min, max;
		} codes;
		const struct policy *method;
	};
};

/* Text to value as this type alone; fills type and meaning, not text and place. 0, -EINVAL (not of this type), -ERANGE
 * (of this type, but larger than can be counted). Not for choices and methods. Also reads the bounds in the table. */
int value_parse(enum value_type type, struct str text, struct value *v) MUST_USE;

/* How a word came: in the twin a number is no string. */
enum word_kind { WORD_BARE, WORD_QUOTED, WORD_JSON_STRING, WORD_JSON_NUMBER, WORD_JSON_BOOL };

struct word {
	struct str text;        /* of a string: what it holds */
	enum word_kind kind;
	struct place place;
};

/* The word as a value of this argument, any of its types, with range; what is wrong goes into d, once, and gives
 * VALUE_WRONG (or out_of_range). `owner` is the word that messages name: the option, else the keyword. Text is kept in
 * d's arena. */
void value_read(const struct arg *arg, const char *owner, const struct word *w, struct diags *d, struct value *v);

/* Same type and same text. */
bool value_equal(const struct value *a, const struct value *b);

bool name_is_valid(struct str s);       /* grammar `name` */

#endif
