/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The spinning time, in nanoseconds and in loops.
 */
#ifndef PVTICKETLOCK_SPIN_TIME_H
#define PVTICKETLOCK_SPIN_TIME_H

#include <linux/types.h>

void spin_time_calibrate(void);
u32 spin_time_loops(void);
u32 spin_time_ns(void);
u32 spin_time_loop_ps(void);

#endif /* PVTICKETLOCK_SPIN_TIME_H */
