/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The locks whose waiters halt most.
 */
#ifndef PVTICKETLOCK_HOT_LOCKS_H
#define PVTICKETLOCK_HOT_LOCKS_H

struct dentry;

#ifndef CONFIG_PARAVIRT_TICKETLOCKS
void hot_locks_reset(void);
void hot_locks_debugfs_init(struct dentry *directory);
#else
static inline void hot_locks_reset(void)
{
}

static inline void hot_locks_debugfs_init(struct dentry *directory)
{
}
#endif

#endif /* PVTICKETLOCK_HOT_LOCKS_H */
