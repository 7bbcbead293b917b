/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Taking over the kernel's own spinlocks.
 */
#ifndef PVTICKETLOCK_TAKEOVER_H
#define PVTICKETLOCK_TAKEOVER_H

#include <linux/kconfig.h>

struct dentry;

#if IS_ENABLED(CONFIG_PVTICKETLOCK_TAKEOVER)
int takeover_init(void);
void takeover_exit(void);
void takeover_debugfs_init(struct dentry *directory);
#else
static inline int takeover_init(void)
{
	return 0;
}

static inline void takeover_exit(void)
{
}

static inline void takeover_debugfs_init(struct dentry *directory)
{
}
#endif

#endif /* PVTICKETLOCK_TAKEOVER_H */
