/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ringing the doorbell from the benchmark loop, now and then.
 *
 * Each ring costs an exit to the VMM. So there is one per interval, for all
 * threads together: each of N threads rings when N intervals have passed since
 * it did so last, by its own clock.
 */
#ifndef LOCKBENCH_RING_H
#define LOCKBENCH_RING_H

#include "../../kernel/ticket_word.h"
#include "clock.h"
#include "run.h"

/*
 * How long a waiter that is due to ring only spins until it is next in line.
 * After that many pauses, it waits as always and tries again the next time.
 */
#define BENCH_RING_PAUSES	10000

static __always_inline bool bench_ring_is_due(const struct bench_thread *thread,
					      u64 now)
{
	return unlikely((s64)(now - thread->ring_due) >= 0);
}

void bench_ring_init(struct bench_thread *thread);
void bench_ring(struct bench_thread *thread, const struct bench_slot *slot);
void bench_ring_when_next(struct bench_thread *thread,
			  const struct bench_slot *slot,
			  const struct ticket_lock *lock, ticket_t want);

#endif /* LOCKBENCH_RING_H */
