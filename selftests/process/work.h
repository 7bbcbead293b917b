/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work that takes a known time, to hold a lock with and to think between two
 * operations. It is done, not timed: a thread that is preempted has all of it
 * still to do. The clock is the CPU's time-stamp counter.
 */
#ifndef PROCESS_WORK_H
#define PROCESS_WORK_H

#include <x86intrin.h>

#include "../../kernel/platform/platform.h"

void work(u64 iterations);
void work_calibrate(void);
double work_iterations_per_ns(void);
double work_pause_ns(void);

double clock_cycles_per_ns(void);

static inline u64 clock_cycles(void)
{
	return __rdtsc();
}

#endif /* PROCESS_WORK_H */
