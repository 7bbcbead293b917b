// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting with interrupts off. Nothing but the kick ends such a halt: if it is
 * lost, so is the CPU.
 *
 * There are several locks, so that a CPU of the host that waits for one of
 * them to be handed over has something to do for another, and several CPUs
 * for each, so that they wait for each other.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "../../../guest/pvticketlock.h"
#include "test.h"

#define TIMEOUT_MS	1200000
#define CPUS_PER_LOCK	4

struct lane {
	struct pvticketlock lock;
	struct test_guarded guarded;
	atomic64_t ops;
	/* Guarded by the lock: how many of them found it taken. */
	u64 waits;
	/* Guarded by the lock: nanoseconds. */
	u64 longest_wait;
};

struct arena {
	/* How many operations have to wait in each lane. */
	u64 budget;
	unsigned int lanes;
	struct lane lane[];
};

static void wait(struct lane *lane)
	__acquires(&lane->lock)
{
	u64 start = ktime_get_ns();

	pvticket_lock(&lane->lock);
	WRITE_ONCE(lane->waits, lane->waits + 1);
	lane->longest_wait = max(lane->longest_wait, ktime_get_ns() - start);
}

static void operate(struct lane *lane)
{
	if (!pvticket_trylock(&lane->lock))
		wait(lane);
	test_critical_section(&lane->guarded);
	pvticket_unlock(&lane->lock);
}

static void operate_without_lock(struct lane *lane)
{
	WRITE_ONCE(lane->waits, lane->waits + 1);
	test_critical_section(&lane->guarded);
}

static void wait_with_irqs_off(struct test_thread *thread)
{
	struct arena *arena = thread->shared;
	struct lane *lane = &arena->lane[thread->index % arena->lanes];
	unsigned long flags;

	while (READ_ONCE(lane->waits) < arena->budget &&
	       test_threads_continue()) {
		local_irq_save(flags);
		if (test_busted)
			operate_without_lock(lane);
		else
			operate(lane);
		local_irq_restore(flags);
		atomic64_inc(&lane->ops);
		thread->ops++;
	}
}

static struct arena *arena_make(unsigned int lanes, u64 budget)
{
	struct arena *arena = kzalloc(struct_size(arena, lane, lanes),
				      GFP_KERNEL);
	unsigned int i;

	if (!arena)
		return NULL;
	arena->lanes = lanes;
	arena->budget = DIV_ROUND_UP_ULL(budget, lanes);
	for (i = 0; i < lanes; i++)
		pvticketlock_init(&arena->lane[i].lock);
	return arena;
}

static bool arena_is_good(struct arena *arena)
{
	bool good = true;
	unsigned int i;
	u64 waits = 0, longest_wait = 0;

	for (i = 0; i < arena->lanes; i++) {
		struct lane *lane = &arena->lane[i];

		waits += lane->waits;
		longest_wait = max(longest_wait, lane->longest_wait);
		good &= test_check(lane->waits >= arena->budget);
		good &= test_check(!pvticket_is_locked(&lane->lock));
		good &= test_excluded(&lane->guarded,
				      atomic64_read(&lane->ops));
	}
	pr_info("%llu operations waited with interrupts off, for %llu us at most\n",
		waits, longest_wait / NSEC_PER_USEC);
	return good;
}

/**
 * test_irqs_off() - wait with interrupts off, where a lost kick is forever
 * @thousands: of acquisitions that found the lock taken
 *
 * Return: 0; -EIO if they do not end in time or do not exclude; -ENOMEM.
 */
int test_irqs_off(unsigned int thousands)
{
	unsigned int lanes = max(num_online_cpus() / CPUS_PER_LOCK, 1U);
	struct arena *arena = arena_make(lanes, thousands * 1000ULL);
	int error;

	if (!arena)
		return -ENOMEM;
	test_threads_run(TIMEOUT_MS, wait_with_irqs_off, arena, &error);
	if (!error && !arena_is_good(arena))
		error = -EIO;
	kfree(arena);
	return error;
}
