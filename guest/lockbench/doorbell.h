/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The doorbell of a VMM that preempts on command: a thread says that it holds
 * the lock, or that it is the next one in line, and the VMM may take its CPU
 * away before it executes its next instruction. See Documentation/pvmm.rst.
 */
#ifndef LOCKBENCH_DOORBELL_H
#define LOCKBENCH_DOORBELL_H

#include <linux/types.h>

#define DOORBELL_MAX_LOCK	0xffff

/* Who rings; the doorbell's own numbers. */
enum doorbell_who {
	DOORBELL_NOBODY,
	DOORBELL_HOLDER,
	DOORBELL_WAITER,
};

/**
 * struct doorbell_counts - what the VMM has counted since it started
 * @rings: rings of the doorbell
 * @planned: those that were to be answered with a preemption
 * @done: preemptions that are over
 * @held_us: their time, together
 * @modes: bit 0: vCPUs are parked; bit 1: real-time threads take their CPUs
 */
struct doorbell_counts {
	u32 rings;
	u32 planned;
	u32 done;
	u32 held_us;
	u32 modes;
};

bool doorbell_find(void);
void doorbell_ring(enum doorbell_who who, u32 lock);
void doorbell_read(struct doorbell_counts *counts);

#endif /* LOCKBENCH_DOORBELL_H */
