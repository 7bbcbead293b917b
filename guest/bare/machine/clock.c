// SPDX-License-Identifier: GPL-2.0
/*
 * The clock, and whether it is the same on all vCPUs.
 */
#include "clock.h"

#define CHECKS	2000

u64 clock_khz;
u64 clock_multiplier;

/* When the guest began. */
u64 clock_start;

/* The latest time that any vCPU has seen, and by how much others were behind. */
static u64 latest;
static u64 worst_warp;

/**
 * clock_init() - tell how fast the TSC is
 * @khz: its frequency
 */
void clock_init(u64 khz)
{
	clock_start = clock_cycles();
	clock_khz = khz;
	clock_multiplier = ((u128)1000000 << CLOCK_SHIFT) / khz;
}

static void raise(u64 *most, u64 value)
{
	u64 old = READ_ONCE(*most);

	while (value > old &&
	       !__atomic_compare_exchange_n(most, &old, value, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
}

/**
 * clock_check() - compare this vCPU's clock with those that others have seen
 *
 * What another one has seen before this one reads its clock is not later than
 * that: if it is, the clocks differ.
 *
 * Context: All vCPUs at about the same time.
 */
void clock_check(void)
{
	unsigned int i;

	for (i = 0; i < CHECKS; i++) {
		u64 seen = __atomic_load_n(&latest, __ATOMIC_ACQUIRE);
		u64 now;

		/* The TSC is not read before the load. */
		asm volatile("lfence" ::: "memory");
		now = clock_cycles();
		if (now < seen)
			raise(&worst_warp, seen - now);
		else
			raise(&latest, now);
	}
}

/**
 * clock_worst_warp_ns() - by how much clocks were seen to differ
 *
 * Return: nanoseconds; 0 if no difference was seen.
 */
u64 clock_worst_warp_ns(void)
{
	return clock_to_ns(READ_ONCE(worst_warp));
}
