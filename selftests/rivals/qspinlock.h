/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's queued spinlock: queued_spin_lock(), queued_spin_trylock() and
 * queued_spin_unlock() are those of the kernel's own headers. They are what a PV
 * guest's kernel uses once it has patched itself, or with RIVAL_NATIVE, what a
 * kernel uses on hardware.
 *
 * rival_init() is called once, before any lock is contended.
 */
#ifndef RIVALS_QSPINLOCK_H
#define RIVALS_QSPINLOCK_H

#include "rivals.h"

#ifdef RIVAL_NATIVE
#define pv_queued_spin_lock_slowpath	native_queued_spin_lock_slowpath
#define pv_queued_spin_unlock		native_queued_spin_unlock
#else
#define pv_queued_spin_lock_slowpath	__pv_queued_spin_lock_slowpath
#define pv_queued_spin_unlock		__raw_callee_save___pv_queued_spin_unlock
#endif

#include <asm/qspinlock.h>

/**
 * rival_init() - prepare the paravirtualized queued spinlock
 *
 * Context: before any lock is contended, once.
 */
static inline void rival_init(void)
{
	__pv_init_lock_hash();
}

#endif /* RIVALS_QSPINLOCK_H */
