/* SPDX-License-Identifier: MIT */
/* The words for a member's states and for why it is in one. */
#include "base/base.h"

#include "core/member.h"

const char *member_state_name(enum member_state s)
{
	switch (s) {
	case MEMBER_UP:
		return "up";
	case MEMBER_PROBING:
		return "probing";
	case MEMBER_DRAINING:
		return "draining";
	case MEMBER_DOWN:
		return "down";
	}
	BUG("member state %d", (int)s);
}

const char *member_reason_name(enum member_reason r)
{
	switch (r) {
	case REASON_NONE:
		return NULL;
	case REASON_HAND:
		return "hand";
	case REASON_PROBE:
		return "probe";
	case REASON_LINK:
		return "link";
	case REASON_ROUTE:
		return "route";
	case REASON_HEALTH:
		return "health";
	case REASON_EJECTED:
		return "ejected";
	case REASON_CERTIFICATE:
		return "certificate";
	}
	BUG("member reason %d", (int)r);
}
