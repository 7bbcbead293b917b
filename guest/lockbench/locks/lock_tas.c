// SPDX-License-Identifier: GPL-2.0
/*
 * Test-and-set: whoever sees the lock free first takes it. Waiters read until
 * then, so that they do not fight for the cache line while it is held.
 */
#include "lock.h"
#include "../loop.h"

static __always_inline unsigned long tas_lock(union bench_lock_word *word,
					      bool irqs_off)
{
	unsigned long flags = bench_lock_enter(irqs_off);

	while (unlikely(atomic_xchg_acquire(&word->tas, 1))) {
		while (atomic_read(&word->tas))
			cpu_relax();
	}
	return flags;
}

static __always_inline void tas_unlock(union bench_lock_word *word,
				       unsigned long flags, bool irqs_off)
{
	atomic_set_release(&word->tas, 0);
	bench_lock_leave(flags, irqs_off);
}

static void tas_init(union bench_lock_word *word)
{
	atomic_set(&word->tas, 0);
}

static void tas_loop(struct bench_thread *thread)
{
	static const struct bench_primitive tas = { tas_lock, tas_unlock };

	bench_loop(thread, &tas);
}

const struct bench_lock bench_lock_tas = {
	.name = "tas",
	.description = "test-and-set, no order among waiters",
	.init = tas_init,
	.loop = tas_loop,
	.has_holder = true,
};
