/* SPDX-License-Identifier: MIT */
/* Long division as at school. */
#include "base/base.h"

#include "weights/decimal.h"

/* One more in the last of n digits; the first is a 0 and ends it. */
static void digits_carry(char *s, size_t n)
{
	while (s[n - 1] == '9')
		s[--n] = '0';
	s[n - 1]++;
}

/* Digits of number / divisor × 10^places, rounded half up; zeros in front only where there were less than `least`. */
static size_t digits_print(wide number, wide divisor, unsigned places, size_t least, char *s)
{
	char whole[WIDE_TEXT];
	const char *w = wide_print(number / divisor, whole);
	size_t n = strlen(w);
	const size_t zeros = n + places < least ? least - n - places : 0;

	s[0] = '0';                              /* room for a carry, given back where it is not needed */
	memset(s + 1, '0', zeros);
	memcpy(s + 1 + zeros, w, n);
	n += 1 + zeros;
	number %= divisor;
	for (unsigned i = 0; i < places; i++) {
		number *= 10;
		s[n++] = (char)('0' + (int)(number / divisor));
		number %= divisor;
	}
	s[n] = '\0';
	if (number * 2 >= divisor)
		digits_carry(s, n);
	const size_t idle = strspn(s, "0");
	const size_t shown = MAX(n - idle, least);

	memmove(s, s + n - shown, shown);
	return shown;
}

const char *decimal_print(wide number, wide divisor, int tens, unsigned digits, char buf[DECIMAL_TEXT])
{
	const bool is_negative = number < 0;
	int places = (int)digits - tens;
	char *s = buf;

	for (; places < 0; places++)
		divisor *= 10;
	if (is_negative)
		*s++ = '-';
	const size_t n = digits_print(is_negative ? -number : number, divisor, (unsigned)places, digits + 1, s);

	s[n] = '\0';
	if (digits > 0) {
		memmove(s + n - digits + 1, s + n - digits, digits + 1);
		s[n - digits] = '.';
	}
	return buf;
}
