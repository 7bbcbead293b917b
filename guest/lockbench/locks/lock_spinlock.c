// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever raw_spinlock_t is in the running kernel.
 */
#include <linux/string.h>

#include "lock.h"
#include "../loop.h"
#include "spinlock_probe.h"

static __always_inline unsigned long spinlock_lock(union bench_lock_word *word,
						   bool irqs_off)
	__acquires(word)
{
	unsigned long flags = 0;

	if (irqs_off)
		raw_spin_lock_irqsave(&word->spinlock, flags);
	else
		raw_spin_lock(&word->spinlock);
	return flags;
}

static __always_inline void spinlock_unlock(union bench_lock_word *word,
					    unsigned long flags, bool irqs_off)
	__releases(word)
{
	if (irqs_off)
		raw_spin_unlock_irqrestore(&word->spinlock, flags);
	else
		raw_spin_unlock(&word->spinlock);
}

static void spinlock_init(union bench_lock_word *word)
{
	raw_spin_lock_init(&word->spinlock);
}

static void spinlock_loop(struct bench_thread *thread)
{
	static const struct bench_primitive spinlock = {
		spinlock_lock, spinlock_unlock
	};

	bench_loop(thread, &spinlock);
}

static void spinlock_implementation(char *name, size_t size)
{
	strscpy(name, spinlock_probe_name(), size);
}

/* A PV qspinlock halts and kicks, but counts only in debugging kernels. */
static bool spinlock_read_counters(struct bench_counters *counters)
{
	return !spinlock_probe_is_paravirt();
}

const struct bench_lock bench_lock_spinlock = {
	.name = "spinlock",
	.description = "raw_spinlock_t of the running kernel",
	.implementation = spinlock_implementation,
	.init = spinlock_init,
	.loop = spinlock_loop,
	.has_holder = true,
	.read_counters = spinlock_read_counters,
};
