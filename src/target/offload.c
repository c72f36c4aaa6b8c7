/* SPDX-License-Identifier: MIT */
/* Receive offload: packets joined on arrival are handed on, and counted, as one. */
#include "base/base.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "target/uses.h"

static int ask(int fd, const char *device, uint32_t command, uint32_t *value)
{
	struct ethtool_value question = { .cmd = command };
	struct ifreq r = { .ifr_data = (void *)&question };
	memcpy(r.ifr_name, device, MIN(strlen(device), sizeof(r.ifr_name) - 1));
	if (ioctl(fd, SIOCETHTOOL, &r) < 0)
		return errno == EOPNOTSUPP ? 0 : -errno;   /* a device that does not know it has it not */
	*value = question.data;
	return 0;
}

int receive_offload(const char *device, bool *gro, bool *lro)
{
	auto_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint32_t joins = 0, flags = 0;
	if (fd < 0)
		return -errno;
	int err = ask(fd, device, ETHTOOL_GGRO, &joins);
	if (!err)
		err = ask(fd, device, ETHTOOL_GFLAGS, &flags);
	*gro = joins;
	*lro = flags & ETH_FLAG_LRO;
	return err;
}
