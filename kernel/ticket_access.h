/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two ways in which the slow paths touch a lock's word, of whatever kind.
 */
#ifndef TICKET_ACCESS_H
#define TICKET_ACCESS_H

#include "platform/fast.h"

static __always_inline u32 ticket_read(const u32 *lock)
{
	/* Pairs with [C], the release by the lock's last owner. */
	return smp_load_acquire(lock);
}

/* Fully ordered if it succeeds. */
static __always_inline bool ticket_replace(u32 *lock, u32 old, u32 new)
{
	return try_cmpxchg(lock, &old, new);
}

#endif /* TICKET_ACCESS_H */
