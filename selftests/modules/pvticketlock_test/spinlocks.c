// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's own spinlocks, for the takeover: all CPUs, one lock, taken in
 * every way that there is, and a lockref, which looks at the lock's word.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/lockref.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "test.h"

/* Static, so that the lock has a name. */
static struct spinlock_arena {
	/* Guards guarded. */
	spinlock_t lock;
	struct test_guarded guarded;
	struct lockref lockref;
} spinlock_arena;

static void take_plain(struct spinlock_arena *arena)
{
	spin_lock(&arena->lock);
	test_critical_section(&arena->guarded);
	spin_unlock(&arena->lock);
}

static void take_irqsave(struct spinlock_arena *arena)
{
	unsigned long flags;

	spin_lock_irqsave(&arena->lock, flags);
	test_critical_section(&arena->guarded);
	spin_unlock_irqrestore(&arena->lock, flags);
}

static void take_bh(struct spinlock_arena *arena)
{
	spin_lock_bh(&arena->lock);
	test_critical_section(&arena->guarded);
	spin_unlock_bh(&arena->lock);
}

static void take_by_trying(struct spinlock_arena *arena)
{
	while (!spin_trylock(&arena->lock))
		cond_resched();
	test_critical_section(&arena->guarded);
	spin_unlock(&arena->lock);
}

/* Whoever waits, the word says that the lock is held. */
static void take_and_ask(struct spinlock_arena *arena)
{
	spin_lock(&arena->lock);
	test_critical_section(&arena->guarded);
	if (!spin_is_locked(&arena->lock))
		arena->guarded.violations++;
	spin_unlock(&arena->lock);
}

/* Up without the lock if nobody has it, and down with or without it. */
static void count(struct spinlock_arena *arena, bool with_lock)
{
	lockref_get(&arena->lockref);
	if (!with_lock && lockref_put_return(&arena->lockref) >= 0)
		return;
	spin_lock(&arena->lockref.lock);
	arena->lockref.count--;
	spin_unlock(&arena->lockref.lock);
}

static void every_variant(struct test_thread *thread)
{
	static void (*const variants[])(struct spinlock_arena *arena) = {
		take_plain, take_irqsave, take_bh, take_by_trying,
		take_and_ask,
	};

	do {
		unsigned int variant = (thread->index + thread->ops) %
				       ARRAY_SIZE(variants);

		variants[variant](thread->shared);
		count(thread->shared, variant % 2);
		thread->ops++;
	} while (test_threads_continue());
}

/**
 * test_spinlocks() - every way to take a spinlock of the kernel, on all CPUs
 * @milliseconds: for how long
 *
 * Return: 0; -EIO if the lock does not exclude; or why it could not be run.
 */
int test_spinlocks(unsigned int milliseconds)
{
	struct spinlock_arena *arena = &spinlock_arena;
	int error;
	u64 ops;

	memset(&arena->guarded, 0, sizeof(arena->guarded));
	spin_lock_init(&arena->lock);
	spin_lock_init(&arena->lockref.lock);
	arena->lockref.count = 1;
	ops = test_threads_run(milliseconds, every_variant, arena, &error);
	if (!error && !(test_check(ops) &
			test_check(!spin_is_locked(&arena->lock)) &
			test_check(arena->lockref.count == 1) &
			test_excluded(&arena->guarded, ops)))
		error = -EIO;
	return error;
}
