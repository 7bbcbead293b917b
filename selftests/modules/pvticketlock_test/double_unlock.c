// SPDX-License-Identifier: GPL-2.0
/*
 * A spinlock of the kernel that is unlocked although nobody holds it. Below the
 * interface of spinlocks, so that lockdep does not see it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/spinlock.h>

#include "test.h"

#ifdef CONFIG_QUEUED_SPINLOCKS

/* Of the takeover: open for the first in line, whose ticket is 0. */
#define OPEN_WORD	(BIT(20) | 2)

static arch_spinlock_t lock = __ARCH_SPIN_LOCK_UNLOCKED;

static bool survives(u32 word)
{
	atomic_set(&lock.val, word);
	arch_spin_unlock(&lock);
	return test_check(atomic_read(&lock.val) == word);
}

/**
 * test_double_unlock() - unlock a lock that is free, and one that is open
 * @unused: no argument
 *
 * Return: 0; -EIO if that did anything to the lock; -EOPNOTSUPP in a kernel
 * that has nothing to take over.
 */
int test_double_unlock(unsigned int unused)
{
	unsigned long flags;
	bool good;

	raw_local_irq_save(flags);
	good = survives(0) & survives(OPEN_WORD);
	atomic_set(&lock.val, 0);
	good &= test_check(arch_spin_trylock(&lock));
	arch_spin_unlock(&lock);
	good &= test_check(!arch_spin_is_locked(&lock));
	raw_local_irq_restore(flags);
	return good ? 0 : -EIO;
}

#else

int test_double_unlock(unsigned int unused)
{
	return -EOPNOTSUPP;
}

#endif
