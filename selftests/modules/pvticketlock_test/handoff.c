// SPDX-License-Identifier: GPL-2.0
/*
 * How long does it take until the next in line has the lock?
 *
 * Where the tick ends a halt, a kick that gets lost is only late, and nothing
 * hangs. So the time between release and acquisition is what tells.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/slab.h>

#include "../../../guest/pvticketlock.h"
#include "test.h"

/* Handing a lock to a halted vCPU takes some 100 us; the tick comes after ms. */
#define LATE_NS		1000000
/* The machine under the hypervisor may be busy: so many of 100 may be late. */
#define LATE_PER_CENT	20
#define HANDOFFS_MIN	20
#define MILLISECONDS	2000
#define BUCKETS		40

struct arena {
	struct pvticketlock lock;
	struct test_guarded guarded;
	bool irqs_off;
	/* Guarded by the lock. */
	unsigned int owner;
	u64 released;
	u64 handoffs;
	u64 late;
	u64 histogram[BUCKETS];
};

static void count_handoff(struct arena *arena, unsigned int index)
{
	u64 waited = ktime_get_ns() - arena->released;

	if (!arena->released || arena->owner == index)
		return;
	arena->handoffs++;
	arena->late += waited > LATE_NS;
	arena->histogram[min(ilog2(waited | 1), BUCKETS - 1)]++;
}

static void take(struct arena *arena, unsigned int index)
{
	pvticket_lock(&arena->lock);
	count_handoff(arena, index);
	test_critical_section(&arena->guarded);
	arena->owner = index;
	arena->released = ktime_get_ns();
	pvticket_unlock(&arena->lock);
}

static void hand_over(struct test_thread *thread)
{
	struct arena *arena = thread->shared;
	unsigned long flags = 0;

	do {
		if (arena->irqs_off)
			local_irq_save(flags);
		take(arena, thread->index);
		if (arena->irqs_off)
			local_irq_restore(flags);
		thread->ops++;
	} while (test_threads_continue());
}

/* Half of all took at most that long, in nanoseconds, rounded up. */
static u64 median(const struct arena *arena)
{
	u64 below = 0;
	unsigned int i;

	for (i = 0; i < BUCKETS && 2 * below < arena->handoffs; i++)
		below += arena->histogram[i];
	return 1ULL << i;
}

static bool handoffs_are_good(const struct arena *arena, u64 ops)
{
	pr_info("%llu handoffs, interrupts %s: half took less than %llu ns, %llu more than %u ns\n",
		arena->handoffs, arena->irqs_off ? "off" : "on",
		median(arena), arena->late, LATE_NS);
	return test_check(arena->handoffs >= HANDOFFS_MIN) &
	       test_check(100 * arena->late <= LATE_PER_CENT * arena->handoffs) &
	       test_excluded(&arena->guarded, ops);
}

/**
 * test_handoff() - how long does it take to hand over a lock?
 * @irqs_off: shall the waiters have their interrupts disabled?
 *
 * For locks in FIFO order (overtake=0), so that each is handed to a waiter.
 *
 * Return: 0; -EIO if too often it took as long as if no kick had been sent, or
 * if the lock does not exclude; -ENOMEM.
 */
int test_handoff(unsigned int irqs_off)
{
	struct arena *arena = kzalloc(sizeof(*arena), GFP_KERNEL);
	int error;
	u64 ops;

	if (!arena)
		return -ENOMEM;
	pvticketlock_init(&arena->lock);
	arena->irqs_off = irqs_off;
	ops = test_threads_run(MILLISECONDS, hand_over, arena, &error);
	if (!error && !handoffs_are_good(arena, ops))
		error = -EIO;
	kfree(arena);
	return error;
}
