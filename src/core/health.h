/* SPDX-License-Identifier: MIT */
/* When a server is up, on probation, or down (proxy.md 7.4): checks, failures of real exchanges, and orders by hand.
 * Pure: the proxy's master holds one for each proxy and tells it what happens; it says what changed. */
#ifndef NLBC_CORE_HEALTH_H
#define NLBC_CORE_HEALTH_H

#include "base/base.h"
#include "core/member.h"

struct arena;

struct health_conf {
	bool checked;                           /* `health` is written */
	uint32_t rise, fall;
	uint32_t eject_errors;                  /* 0: no ejection */
	uint64_t eject_us;
};

enum health_result { HEALTH_BAD, HEALTH_GOOD, HEALTH_CERTIFICATE };     /* the last: bad, because of its certificate */
enum health_hand { HAND_UP, HAND_DRAIN, HAND_DOWN };

struct health_member {
	enum member_state state;                /* what holds now, everything counted together */
	enum member_reason reason;              /* hand, health, certificate, ejected, none */
	enum health_hand hand;
	bool held;                              /* hand is not HAND_UP */
	bool idle;                              /* weight 0: the others cannot lean on it */
	bool known;                             /* a check has been answered */
	bool good;                              /* what checks say; before the first: it was up before a reload */
	bool refused;                           /* the last bad check met a certificate that does not fit */
	uint32_t run;                           /* results in a row against `good` */
	bool ejected;                           /* until a good exchange on probation */
	bool out;                               /* ejected, and its time still runs */
	bool proven;                            /* a good check was answered since it was ejected */
	uint32_t ejections;                     /* in a row: without 10 x eject_us of peace between */
	uint64_t eject_until_us, peace_since_us;
	uint64_t since_us;                      /* of state */
};

struct health {
	struct health_conf conf;
	size_t n;
	struct health_member *members;
};

void health_init(struct health *h, const struct health_conf *c, size_t n, uint64_t now_us, struct arena *a);
/* A member of weight 0 gets nothing, so that it does not count as another usable one; members begin with weight. */
void health_weight(struct health *h, size_t i, uint32_t weight);
/* Each returns true if the state or reason of any member changed; look at members[]. */
bool health_checked(struct health *h, size_t i, enum health_result r, uint64_t now_us);   /* an active check was answered */
/* eject_errors failures in a row, all workers together; a failure more after that may be told again: the last usable member
 * stays until another comes back. */
bool health_failures(struct health *h, size_t i, uint64_t now_us);
bool health_trial(struct health *h, size_t i, bool good, uint64_t now_us);        /* the exchange of a member on probation */
bool health_by_hand(struct health *h, size_t i, enum health_hand hand, uint64_t now_us);
bool health_tick(struct health *h, uint64_t now_us);                   /* an ejection's time may be over */
/* When health_tick has something to do next; UINT64_MAX: never. */
uint64_t health_next_us(const struct health *h);
/* Takes what was known of the same member from before a reload: hand, checks, ejections. */
void health_take_over(struct health *h, size_t i, const struct health_member *before);

#endif
