/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The benchmark loop.
 *
 * It is inlined into one function per lock, with the lock inlined into it, so
 * that all locks are measured by the same instructions and no indirect call
 * distorts any of them.
 */
#ifndef LOCKBENCH_LOOP_H
#define LOCKBENCH_LOOP_H

#include <linux/compiler.h>
#include <linux/prandom.h>
#include <linux/sched.h>

#include "clock.h"
#include "doorbell.h"
#include "progress.h"
#include "ring.h"
#include "run.h"

/* Longest time without cond_resched(), but for a single operation. */
#define BENCH_RESCHED_NS	1000000

/* The lock that the next operation takes. */
static __always_inline struct bench_slot *
bench_pick(struct bench_thread *thread)
{
	struct bench_run *run = thread->run;

	if (!run->config.random)
		return thread->slot;
	return &run->slot[prandom_u32_state(&thread->random) % run->config.lock_count];
}

/* 75 % to 125 % of the thinking time, so that threads do not run in step. */
static __always_inline void bench_think(struct bench_thread *thread)
{
	u32 random = prandom_u32_state(&thread->random);

	work(thread->think_iterations * (768 + (random & 511)) >> 10);
}

/* Voluntarily, but not after every operation, which would be one more lock. */
static __always_inline void bench_resched(const struct bench_thread *thread,
					  u64 *last, u64 now)
{
	if (clock_cycles_to_ns(now - *last, thread->clock_multiplier) <
	    BENCH_RESCHED_NS)
		return;
	cond_resched();
	*last = clock_cycles();
}

static __always_inline void
bench_loop_irqs(struct bench_thread *thread,
		const struct bench_primitive *primitive, bool irqs_off,
		enum doorbell_who ring)
{
	struct bench_run *run = thread->run;
	u64 resched = clock_cycles();
	u64 start, wait;
	struct bench_slot *slot;
	unsigned long flags;
	int phase;

	while ((phase = READ_ONCE(run->phase)) != BENCH_STOP) {
		slot = bench_pick(thread);
		start = clock_cycles();
		if (ring == DOORBELL_WAITER && primitive->lock_ringing &&
		    bench_ring_is_due(thread, start))
			flags = primitive->lock_ringing(thread, slot, irqs_off);
		else
			flags = primitive->lock(&slot->word, irqs_off);
		wait = clock_cycles() - start;
		if (ring == DOORBELL_HOLDER &&
		    bench_ring_is_due(thread, start + wait))
			bench_ring(thread, slot);
		if (unlikely(!bench_section(&slot->protected, thread->id,
					    thread->hold_iterations)))
			thread->violations++;
		primitive->unlock(&slot->word, flags, irqs_off);

		thread->sections++;
		if (phase == BENCH_MEASURE) {
			histogram_add(&thread->wait,
				      clock_cycles_to_ns(wait, thread->clock_multiplier));
			bench_progress(thread);
		}
		bench_think(thread);
		bench_resched(thread, &resched, start + wait);
	}
}

static __always_inline void
bench_loop_ring(struct bench_thread *thread,
		const struct bench_primitive *primitive, enum doorbell_who ring)
{
	if (thread->run->config.irqs_off)
		bench_loop_irqs(thread, primitive, true, ring);
	else
		bench_loop_irqs(thread, primitive, false, ring);
}

static __always_inline void bench_loop(struct bench_thread *thread,
				       const struct bench_primitive *primitive)
{
	switch (thread->run->config.ring) {
	case DOORBELL_HOLDER:
		bench_loop_ring(thread, primitive, DOORBELL_HOLDER);
		break;
	case DOORBELL_WAITER:
		bench_loop_ring(thread, primitive, DOORBELL_WAITER);
		break;
	default:
		bench_loop_ring(thread, primitive, DOORBELL_NOBODY);
	}
}

#endif /* LOCKBENCH_LOOP_H */
