// SPDX-License-Identifier: GPL-2.0
/*
 * All CPUs, one lock, taken in every way that there is.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "../../../guest/pvticketlock.h"
#include "test.h"

struct arena {
	struct pvticketlock lock;
	struct test_guarded guarded;
};

static void take_plain(struct arena *arena)
{
	pvticket_lock(&arena->lock);
	test_critical_section(&arena->guarded);
	pvticket_unlock(&arena->lock);
}

static void take_irqsave(struct arena *arena)
{
	unsigned long flags;

	pvticket_lock_irqsave(&arena->lock, flags);
	test_critical_section(&arena->guarded);
	pvticket_unlock_irqrestore(&arena->lock, flags);
}

static void take_irq(struct arena *arena)
{
	pvticket_lock_irq(&arena->lock);
	test_critical_section(&arena->guarded);
	pvticket_unlock_irq(&arena->lock);
}

static void take_bh(struct arena *arena)
{
	pvticket_lock_bh(&arena->lock);
	test_critical_section(&arena->guarded);
	pvticket_unlock_bh(&arena->lock);
}

static void take_by_trying(struct arena *arena)
{
	while (!pvticket_trylock(&arena->lock))
		cond_resched();
	test_critical_section(&arena->guarded);
	pvticket_unlock(&arena->lock);
}

static void every_variant(struct test_thread *thread)
{
	static void (*const variants[])(struct arena *arena) = {
		take_plain, take_irqsave, take_irq, take_bh, take_by_trying,
	};

	do {
		unsigned int variant = (thread->index + thread->ops) %
				       ARRAY_SIZE(variants);

		variants[variant](thread->shared);
		thread->ops++;
	} while (test_threads_continue());
}

static void no_lock_at_all(struct test_thread *thread)
{
	struct arena *arena = thread->shared;

	do {
		test_critical_section(&arena->guarded);
		thread->ops++;
	} while (test_threads_continue());
}

/**
 * test_contention() - every way to take a lock, on all CPUs
 * @milliseconds: for how long
 *
 * Return: 0; -EIO if the lock does not exclude; -ENOMEM.
 */
int test_contention(unsigned int milliseconds)
{
	struct arena *arena = kzalloc(sizeof(*arena), GFP_KERNEL);
	int error;
	u64 ops;

	if (!arena)
		return -ENOMEM;
	pvticketlock_init(&arena->lock);
	ops = test_threads_run(milliseconds,
			       test_busted ? no_lock_at_all : every_variant,
			       arena, &error);
	if (!error && !(test_check(ops) &
			test_check(!pvticket_is_locked(&arena->lock)) &
			test_excluded(&arena->guarded, ops)))
		error = -EIO;
	kfree(arena);
	return error;
}
