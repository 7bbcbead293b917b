/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clock: the TSC, which all vCPUs share; see clock_check().
 */
#ifndef BARE_CLOCK_H
#define BARE_CLOCK_H

#include "types.h"

#define NSEC_PER_USEC	1000ULL
#define NSEC_PER_MSEC	1000000ULL
#define NSEC_PER_SEC	1000000000ULL
#define CLOCK_SHIFT	32

extern u64 clock_khz;
extern u64 clock_multiplier;
extern u64 clock_start;

static __always_inline u64 clock_cycles(void)
{
	return __builtin_ia32_rdtsc();
}

static __always_inline u64 clock_to_ns(u64 cycles)
{
	return (u128)cycles * clock_multiplier >> CLOCK_SHIFT;
}

static inline u64 clock_from_ns(u64 ns)
{
	return (u128)ns * clock_khz / 1000000;
}

/* Of two readings, perhaps on two vCPUs: never less than nothing. */
static __always_inline u64 clock_since(u64 now, u64 then)
{
	return (int64_t)(now - then) > 0 ? now - then : 0;
}

void clock_init(u64 khz);
void clock_check(void);
u64 clock_worst_warp_ns(void);

#endif /* BARE_CLOCK_H */
