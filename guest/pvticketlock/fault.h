/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fault injection in the slow paths.
 */
#ifndef PVTICKETLOCK_FAULT_H
#define PVTICKETLOCK_FAULT_H

#include <linux/kconfig.h>
#include <linux/types.h>

struct dentry;

#if IS_ENABLED(CONFIG_PVTICKETLOCK_FAULT_INJECTION)
bool ticket_fault_ends_halt(void);
void ticket_fault_debugfs_init(struct dentry *directory);
#else
static inline bool ticket_fault_ends_halt(void)
{
	return false;
}

static inline void ticket_fault_debugfs_init(struct dentry *directory)
{
}
#endif

#endif /* PVTICKETLOCK_FAULT_H */
