/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Statistics in debugfs.
 */
#ifndef PVTICKETLOCK_DEBUGFS_H
#define PVTICKETLOCK_DEBUGFS_H

#include <linux/kconfig.h>

#if IS_ENABLED(CONFIG_PVTICKETLOCK_STATISTICS)
int ticket_debugfs_init(void);
void ticket_debugfs_exit(void);
#else
static inline int ticket_debugfs_init(void)
{
	return 0;
}

static inline void ticket_debugfs_exit(void)
{
}
#endif

#endif /* PVTICKETLOCK_DEBUGFS_H */
