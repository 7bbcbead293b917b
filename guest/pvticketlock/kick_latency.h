/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the kick until the kicked CPU runs.
 */
#ifndef PVTICKETLOCK_KICK_LATENCY_H
#define PVTICKETLOCK_KICK_LATENCY_H

#include <linux/kconfig.h>
#include <linux/types.h>

struct dentry;

#if IS_ENABLED(CONFIG_PVTICKETLOCK_STATISTICS) && \
	!IS_ENABLED(CONFIG_PARAVIRT_TICKETLOCKS)
void kick_latency_kicked(unsigned int cpu);
void kick_latency_running(void);
void kick_latency_reset(void);
void kick_latency_debugfs_init(struct dentry *directory);
#else
static inline void kick_latency_kicked(unsigned int cpu)
{
}

static inline void kick_latency_running(void)
{
}

static inline void kick_latency_reset(void)
{
}

static inline void kick_latency_debugfs_init(struct dentry *directory)
{
}
#endif

#endif /* PVTICKETLOCK_KICK_LATENCY_H */
