/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ringing the doorbell of the VMM, which may preempt the vCPU there and then; as
 * lockbench does it.
 */
#ifndef BARE_RING_H
#define BARE_RING_H

#include "run.h"

/**
 * struct ring_counts - what the VMM has counted
 * @rings: rings of the doorbell
 * @planned: those that were to be answered with a preemption
 * @done: preemptions that are over
 * @held_us: their time, together
 * @modes: bit 0: vCPUs are parked; bit 1: real-time threads take their CPUs
 */
struct ring_counts {
	u32 rings;
	u32 planned;
	u32 done;
	u32 held_us;
	u32 modes;
};

static __always_inline bool ring_is_due(const struct bench_thread *thread, u64 now)
{
	return unlikely((int64_t)(now - thread->ring_due) >= 0);
}

void ring_init(struct bench_thread *thread);
void ring_doorbell(struct bench_thread *thread, const struct bench_slot *slot);
void ring_when_next(struct bench_thread *thread, const struct bench_slot *slot,
		    ticket_t want);
struct ring_counts ring_read(void);

#endif /* BARE_RING_H */
