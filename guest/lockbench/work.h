/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work that takes a known time, to hold a lock with and to think between two
 * operations. It is done, not timed: a thread that is preempted has all of it
 * still to do.
 */
#ifndef LOCKBENCH_WORK_H
#define LOCKBENCH_WORK_H

#include <linux/types.h>

void work(u64 iterations);
u64 work_iterations(u64 ns);
u64 work_loop_ps(void);
u64 work_pause_ps(void);
void work_calibrate(void);

#endif /* LOCKBENCH_WORK_H */
