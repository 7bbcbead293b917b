/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's fast paths around the slow paths of struct ticket_qspinlock:
 * queued_spin_lock(), queued_spin_trylock(), __pv_queued_spin_unlock(). An NMI
 * handler only ever tries, see guest/pvticketlock/takeover.c.
 */
#ifndef CHECKER_QSPINLOCK_H
#define CHECKER_QSPINLOCK_H

#include "engine/machine.h"
#include "ticket_qspinlock.h"

/* The machine's locks are one or the other. */
static inline struct ticket_qspinlock *qspinlock_of(struct ticket_lock *lock)
{
	return (struct ticket_qspinlock *)lock;
}

static inline bool qspinlock_trylock(struct ticket_qspinlock *lock)
{
	return !READ_ONCE(lock->word) && !cmpxchg(&lock->word, 0, 1);
}

static inline void qspinlock_lock(struct ticket_qspinlock *lock)
{
	if (!cmpxchg(&lock->word, 0, 1))
		return;
	if (platform_may_halt()) {
		ticket_qspinlock_lock_slowpath(lock);
		return;
	}
	while (!qspinlock_trylock(lock))
		platform_relax();
}

static inline void qspinlock_unlock(struct ticket_qspinlock *lock)
{
	u8 byte = cmpxchg(&lock->byte, 1, 0);

	if (byte != 1)
		ticket_qspinlock_unlock_slowpath(lock, byte);
}

#endif /* CHECKER_QSPINLOCK_H */
