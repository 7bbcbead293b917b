// SPDX-License-Identifier: GPL-2.0
/*
 * Ringing the doorbell from the benchmark loop.
 */
#include <linux/processor.h>

#include "doorbell.h"
#include "ring.h"

static u64 cycles_of_us(u64 us)
{
	return div_u64(us * tsc_khz, USEC_PER_MSEC);
}

/**
 * bench_ring_init() - say when a thread rings for the first time
 * @thread: the calling one
 */
void bench_ring_init(struct bench_thread *thread)
{
	const struct bench_config *config = &thread->run->config;
	u64 interval = cycles_of_us(config->ring_us);

	thread->ring_interval = interval * config->threads;
	thread->ring_due = clock_cycles() + interval * thread->id;
}

/**
 * bench_ring() - ring for one of the locks, and measure how long that takes
 * @thread: the calling one
 * @slot: the lock
 *
 * Context: any.
 */
void bench_ring(struct bench_thread *thread, const struct bench_slot *slot)
{
	struct bench_run *run = thread->run;
	u32 lock = run->config.ring_lock + (slot - run->slot);
	u64 start = clock_cycles();
	u64 end;

	doorbell_ring(run->config.ring, lock);
	end = clock_cycles();
	thread->ring_due = end + thread->ring_interval;
	histogram_add(&thread->rings,
		      clock_cycles_to_ns(end - start, thread->clock_multiplier));
}

/**
 * bench_ring_when_next() - ring as soon as the caller is the next in line
 * @thread: the calling one
 * @slot: the lock
 * @lock: its word
 * @want: the caller's ticket, not served yet
 *
 * A ticket that is next in line stays so until it is served. The caller waits
 * for that afterwards, in any case.
 *
 * Context: any, preemption disabled.
 */
void bench_ring_when_next(struct bench_thread *thread,
			  const struct bench_slot *slot,
			  const struct ticket_lock *lock, ticket_t want)
{
	u32 pauses;

	for (pauses = BENCH_RING_PAUSES; pauses; pauses--) {
		u32 word = ticket_word_read(lock);
		ticket_t ahead = want - ticket_word_head(word);

		if (!ahead)
			return;
		if (ahead == TICKET_LOCK_INC && !ticket_word_is_open(word)) {
			bench_ring(thread, slot);
			return;
		}
		cpu_relax();
	}
}
