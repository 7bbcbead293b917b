// SPDX-License-Identifier: GPL-2.0
/*
 * Test-and-set: waiters read the lock until it looks free, then try to take
 * it. It is unfair, and does not care who is preempted, except the holder.
 */
#include "lock.h"
#include "platform_simulator.h"

static u32 *the_lock;

static void init(const struct lock_options *options)
{
	(void)options;
	the_lock = memory_alloc(sizeof(*the_lock));
}

static void do_lock(void)
{
	while (READ_ONCE(*the_lock) || cmpxchg(the_lock, 0, 1))
		platform_relax();
}

static void do_unlock(void)
{
	/* Pairs with cmpxchg() in do_lock(). */
	smp_store_release(the_lock, 0);
}

const struct lock_type lock_tas = {
	.name = "tas",
	.description = "test-and-set",
	.init = init,
	.lock = do_lock,
	.unlock = do_unlock,
};
