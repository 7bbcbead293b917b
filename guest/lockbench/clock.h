/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clock that waits are measured with: the time stamp counter of the CPU
 * that waits. Readings of different CPUs are never compared.
 */
#ifndef LOCKBENCH_CLOCK_H
#define LOCKBENCH_CLOCK_H

#include <linux/math64.h>
#include <linux/time64.h>
#include <linux/types.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#define CLOCK_SHIFT	24

static __always_inline u64 clock_cycles(void)
{
	return rdtsc_ordered();
}

/* What clock_cycles_to_ns() multiplies with; tsc_khz is not 0. */
static inline u32 clock_multiplier(void)
{
	return div_u64((u64)USEC_PER_SEC << CLOCK_SHIFT, tsc_khz);
}

/* A counter that was set back in between makes an interval of 0. */
static __always_inline u64 clock_cycles_to_ns(u64 cycles, u32 multiplier)
{
	if ((s64)cycles < 0)
		return 0;
	return mul_u64_u32_shr(cycles, multiplier, CLOCK_SHIFT);
}

#endif /* LOCKBENCH_CLOCK_H */
