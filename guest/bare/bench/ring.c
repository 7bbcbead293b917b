// SPDX-License-Identifier: GPL-2.0
/*
 * Ringing the doorbell of the VMM.
 */
#include "../machine/clock.h"
#include "ring.h"

/* pvmm's doorbell; see Documentation/pvmm.rst. */
#define PORT_RING	0x620
#define PORT_RINGS	0x628
#define PORT_PLANNED	0x62c
#define PORT_DONE	0x630
#define PORT_HELD_US	0x634
#define PORT_MODES	0x638

/*
 * How long a waiter that is due to ring only spins until it is next in line.
 * After that many pauses, it waits as always and tries again the next time.
 */
#define RING_PAUSES	10000

/**
 * ring_init() - say when a vCPU rings for the first time
 * @thread: the calling one
 */
void ring_init(struct bench_thread *thread)
{
	const struct bench_config *config = &thread->run->config;
	u64 interval = clock_from_ns(config->ring_us * NSEC_PER_USEC);

	thread->ring_interval = interval * config->threads;
	thread->ring_due = clock_cycles() + interval * thread->id;
}

/**
 * ring_doorbell() - ring for one of the locks, and measure how long that takes
 * @thread: the calling one
 * @slot: the lock
 */
void ring_doorbell(struct bench_thread *thread, const struct bench_slot *slot)
{
	struct bench_run *run = thread->run;
	u32 lock = run->config.ring_lock + (slot - run->slot);
	u64 start = clock_cycles();
	u64 end;

	cpu_out(PORT_RING, run->config.ring << 24 | lock);
	end = clock_cycles();
	thread->ring_due = end + thread->ring_interval;
	histogram_add(&thread->rings, clock_to_ns(end - start));
}

/**
 * ring_when_next() - ring as soon as the caller is the next in line
 * @thread: the calling one
 * @slot: a ticket lock
 * @want: the caller's ticket, not served yet
 *
 * A ticket that is next in line stays so until it is served. The caller waits
 * for that afterwards, in any case.
 */
void ring_when_next(struct bench_thread *thread, const struct bench_slot *slot,
		    ticket_t want)
{
	u32 pauses;

	for (pauses = RING_PAUSES; pauses; pauses--) {
		u32 word = ticket_word_read(&slot->word.ticket);
		ticket_t ahead = want - ticket_word_head(word);

		if (!ahead)
			return;
		if (ahead == TICKET_LOCK_INC && !ticket_word_is_open(word)) {
			ring_doorbell(thread, slot);
			return;
		}
		cpu_relax();
	}
}

/**
 * ring_read() - learn what has come of it
 *
 * Return: since the guest began.
 */
struct ring_counts ring_read(void)
{
	return (struct ring_counts){
		.rings = cpu_in(PORT_RINGS),
		.planned = cpu_in(PORT_PLANNED),
		.done = cpu_in(PORT_DONE),
		.held_us = cpu_in(PORT_HELD_US),
		.modes = cpu_in(PORT_MODES),
	};
}
