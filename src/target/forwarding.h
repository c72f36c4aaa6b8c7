/* SPDX-License-Identifier: MIT */
/* Settings that set others too: switching forwarding writes that of every device, and IPv4's accept_redirects. Putting
 * only the switch back would leave those otherwise than they were. */
#ifndef NLBC_TARGET_FORWARDING_H
#define NLBC_TARGET_FORWARDING_H

#include "base/base.h"
#include "base/text.h"

/* net.ipv4.ip_forward, net.ipv4.conf.all.forwarding, net.ipv6.conf.all.forwarding. */
bool is_forwarding(const char *name);
/* Appends to a displaced value what writing it back will not put right by itself: ` | NAME=VALUE NAME=VALUE`. */
void forwarding_remember(const char *name, struct text *value);
/* The value alone of what forwarding_remember made. */
struct str forwarding_value(const char *value);
/* Writes the values behind it; a device that is gone is passed over. 0, -errno of the first that failed. */
int forwarding_restore(const char *value) MUST_USE;

#endif
