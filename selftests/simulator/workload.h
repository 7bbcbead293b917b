/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The benchmark: one thread on each vCPU locks, holds, unlocks and thinks.
 */
#ifndef SIMULATOR_WORKLOAD_H
#define SIMULATOR_WORKLOAD_H

#include "locks/lock.h"
#include "types.h"

/**
 * struct workload - what is run
 * @lock: the lock under test
 * @hold: mean time in the critical section, varied by a tenth
 * @think: mean time outside, varied by a half
 * @warmup: what ends before is not counted
 * @end: when it ends
 * @seed: of all random numbers
 * @irqs_off: wait and hold with interrupts disabled
 */
struct workload {
	const struct lock_type *lock;
	simtime hold;
	simtime think;
	simtime warmup;
	simtime end;
	u64 seed;
	bool irqs_off;
};

void workload_init(const struct workload *workload);

#endif /* SIMULATOR_WORKLOAD_H */
