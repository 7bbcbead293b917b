/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work that takes a known time. It is done, not timed: a vCPU that is preempted
 * has all of it still to do. It is the same as that of lockbench.
 */
#ifndef BARE_WORK_H
#define BARE_WORK_H

#include "../machine/types.h"

void work(u64 iterations);
u64 work_iterations(u64 ns);
u64 work_loop_ps(void);
u64 work_pause_ps(void);
void work_calibrate(void);

#endif /* BARE_WORK_H */
