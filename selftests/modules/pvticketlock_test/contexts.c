// SPDX-License-Identifier: GPL-2.0
/*
 * Task, softirq and hardirq on the same CPU, each with a lock of its own, so
 * that one of them waits while it has interrupted another one that waits.
 *
 * The task also takes the locks of the other two, as code outside of an
 * interrupt handler does: with softirqs or interrupts disabled.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "../../../guest/compat.h"
#include "../../../guest/pvticketlock.h"
#include "test.h"

#define TIMER_PERIOD_NS	1000000
/* Every so often, a lock is held until the timers of all other CPUs fire. */
#define HOLD_LONG_EVERY	64
#define HOLD_LONG_US	(2 * TIMER_PERIOD_NS / NSEC_PER_USEC)
/* Where vCPUs share a CPU, seconds may pass until a waiter is interrupted. */
#define ROUNDS_MAX	20

struct level {
	struct pvticketlock lock;
	struct test_guarded guarded;
	atomic64_t ops;
};

static struct arena {
	struct level task;
	struct level softirq;
	struct level hardirq;
	/* How often somebody waited who had interrupted a waiter. */
	atomic64_t nested;
} arena;

struct context {
	struct hrtimer timer;
	struct tasklet_struct tasklet;
};

static DEFINE_PER_CPU(struct context, contexts);

static void take(struct level *level)
{
	if (test_operation(&level->lock, &level->guarded))
		atomic64_inc(&arena.nested);
	atomic64_inc(&level->ops);
}

static void in_softirq_context(struct tasklet_struct *tasklet)
{
	take(&arena.softirq);
}

static enum hrtimer_restart in_hardirq_context(struct hrtimer *timer)
{
	struct context *context = container_of(timer, struct context, timer);

	take(&arena.hardirq);
	tasklet_schedule(&context->tasklet);
	hrtimer_forward_now(timer, ns_to_ktime(TIMER_PERIOD_NS));
	return HRTIMER_RESTART;
}

static void start_interrupts(struct context *context)
{
	tasklet_setup(&context->tasklet, in_softirq_context);
	compat_hrtimer_setup(&context->timer, in_hardirq_context,
			     CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	hrtimer_start(&context->timer, ns_to_ktime(TIMER_PERIOD_NS),
		      HRTIMER_MODE_REL_PINNED);
}

static void stop_interrupts(struct context *context)
{
	hrtimer_cancel(&context->timer);
	tasklet_kill(&context->tasklet);
}

/* Whoever holds another lock waits in its timer, and others wait for it. */
static void hold_long(void)
{
	unsigned long flags;

	if (test_busted)
		return;
	pvticket_lock_irqsave(&arena.hardirq.lock, flags);
	udelay(HOLD_LONG_US);
	pvticket_unlock_irqrestore(&arena.hardirq.lock, flags);
}

static void in_task_context(struct test_thread *thread)
{
	/* The thread is bound to its CPU. */
	struct context *context = raw_cpu_ptr(&contexts);
	unsigned long flags;

	start_interrupts(context);
	do {
		take(&arena.task);
		local_bh_disable();
		take(&arena.softirq);
		local_bh_enable();
		local_irq_save(flags);
		take(&arena.hardirq);
		local_irq_restore(flags);
		if (thread->ops++ % HOLD_LONG_EVERY == 0)
			hold_long();
	} while (test_threads_continue());
	stop_interrupts(context);
}

/* To lockdep, locks of different contexts are different: no common place. */
static void arena_init(void)
{
	memset(&arena, 0, sizeof(arena));
	pvticketlock_init(&arena.task.lock);
	pvticketlock_init(&arena.softirq.lock);
	pvticketlock_init(&arena.hardirq.lock);
}

static bool level_is_good(struct level *level, u64 minimum)
{
	u64 ops = atomic64_read(&level->ops);

	return test_check(ops > minimum) &
	       test_check(!pvticket_is_locked(&level->lock)) &
	       test_excluded(&level->guarded, ops);
}

/* Rounds, until a waiter has been interrupted by one who waits. */
static u64 run_rounds(unsigned int milliseconds, int *error)
{
	unsigned int round = 0;
	u64 ops = 0;

	do {
		ops += test_threads_run(milliseconds, in_task_context, NULL,
					error);
	} while (!*error && !test_busted && num_online_cpus() > 1 &&
		 !atomic64_read(&arena.nested) && ++round < ROUNDS_MAX);
	return ops;
}

/**
 * test_contexts() - nested waiters on every CPU
 * @milliseconds: for how long, at least
 *
 * Return: 0; -EIO if a lock does not exclude, or nobody waited nested; -ENOMEM.
 */
int test_contexts(unsigned int milliseconds)
{
	int error;
	u64 ops;

	arena_init();
	ops = run_rounds(milliseconds, &error);
	pr_info("%lld nested waits\n",
		(long long)atomic64_read(&arena.nested));
	if (!error && !(test_check(ops) &
			test_check(num_online_cpus() == 1 ||
				   atomic64_read(&arena.nested)) &
			level_is_good(&arena.task, 0) &
			level_is_good(&arena.softirq, ops) &
			level_is_good(&arena.hardirq, ops)))
		error = -EIO;
	return error;
}
