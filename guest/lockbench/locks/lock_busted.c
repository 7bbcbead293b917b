// SPDX-License-Identifier: GPL-2.0
/*
 * No lock at all. The benchmark must notice; with one thread it is what the
 * benchmark itself costs.
 */
#include "lock.h"
#include "../loop.h"

static __always_inline unsigned long busted_lock(union bench_lock_word *word,
						 bool irqs_off)
{
	return bench_lock_enter(irqs_off);
}

static __always_inline void busted_unlock(union bench_lock_word *word,
					  unsigned long flags, bool irqs_off)
{
	bench_lock_leave(flags, irqs_off);
}

static void busted_init(union bench_lock_word *word)
{
}

static void busted_loop(struct bench_thread *thread)
{
	static const struct bench_primitive busted = {
		busted_lock, busted_unlock
	};

	bench_loop(thread, &busted);
}

const struct bench_lock bench_lock_busted = {
	.name = "busted",
	.description = "no exclusion, to prove that the check finds it",
	.init = busted_init,
	.loop = busted_loop,
};
