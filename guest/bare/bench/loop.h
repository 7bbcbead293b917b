/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The benchmark loop. It is inlined into one function per lock, with the lock
 * inlined into it, so that all locks are measured by the same instructions.
 *
 * It is that of lockbench, but that each vCPU learns from the clock, which it
 * reads anyway, when measuring begins and ends.
 */
#ifndef BARE_LOOP_H
#define BARE_LOOP_H

#include "../machine/clock.h"
#include "ring.h"
#include "run.h"

/* Marsaglia's xorshift. */
static __always_inline u32 bench_random(struct bench_thread *thread)
{
	u64 state = thread->random;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	thread->random = state;
	return state >> 32;
}

/* The lock that the next operation takes. */
static __always_inline struct bench_slot *bench_pick(struct bench_thread *thread)
{
	struct bench_run *run = thread->run;

	if (!run->config.random)
		return thread->slot;
	return &run->slot[bench_random(thread) % run->config.lock_count];
}

/* 75 % to 125 % of the thinking time, so that vCPUs do not run in step. */
static __always_inline void bench_think(struct bench_thread *thread)
{
	u32 random = bench_random(thread);

	work(thread->run->think_iterations * (768 + (random & 511)) >> 10);
}

static __always_inline void bench_loop_ring(struct bench_thread *thread,
					    const struct bench_primitive *primitive,
					    enum ring_who ring)
{
	for (;;) {
		struct bench_slot *slot = bench_pick(thread);
		u32 hold = thread->run->hold_iterations[bench_random(thread) % HOLDS];
		u64 start = clock_cycles();
		u64 wait;

		if (unlikely(start >= thread->next_mark) && bench_mark(thread, start))
			return;
		if (ring == RING_WAITER && primitive->lock_ringing &&
		    ring_is_due(thread, start))
			primitive->lock_ringing(thread, slot);
		else
			primitive->lock(&slot->word);
		wait = clock_since(clock_cycles(), start);
		if (ring == RING_HOLDER && ring_is_due(thread, start + wait))
			ring_doorbell(thread, slot);
		if (unlikely(!bench_section(&slot->protected, thread->id, hold)))
			thread->violations++;
		primitive->unlock(&slot->word);

		thread->sections++;
		if (thread->phase == BENCH_MEASURE) {
			thread->ops++;
			histogram_add(&thread->wait, clock_to_ns(wait));
		}
		bench_think(thread);
	}
}

static __always_inline void bench_loop(struct bench_thread *thread,
				       const struct bench_primitive *primitive)
{
	switch (thread->run->config.ring) {
	case RING_HOLDER:
		bench_loop_ring(thread, primitive, RING_HOLDER);
		break;
	case RING_WAITER:
		bench_loop_ring(thread, primitive, RING_WAITER);
		break;
	default:
		bench_loop_ring(thread, primitive, RING_NOBODY);
	}
}

#endif /* BARE_LOOP_H */
