// SPDX-License-Identifier: GPL-2.0
/*
 * A loop is timed at both levels. Where one of them is emulated, it takes some
 * hundred times as long there.
 */
#include "clock.h"
#include "probe.h"

#define TRIALS		4
/* Where it is emulated, the loop is short enough to try it. */
#define ITERATIONS	256
/* What differs by less is native at both levels. */
#define MUCH_SLOWER	4

struct probe_speeds probe_speeds;

static u64 speed(void)
{
	u64 fastest = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < TRIALS; i++) {
		u64 iterations = ITERATIONS;
		u64 value = 1;
		u64 start = clock_cycles();
		u64 taken;

		asm volatile("1: lea 1(%0, %0, 2), %0; dec %1; jnz 1b" :
			     "+r" (value), "+r" (iterations) :: "cc");
		taken = clock_cycles() - start;
		if (taken < fastest)
			fastest = taken;
	}
	return ITERATIONS * clock_khz / fastest;
}

/**
 * probe_cpl0() - measure at CPL 0
 *
 * Context: at CPL 0; one vCPU.
 */
void probe_cpl0(void)
{
	probe_speeds.cpl0 = speed();
}

/**
 * probe_cpl3() - measure at CPL 3
 *
 * Context: at CPL 3; the same vCPU.
 */
void probe_cpl3(void)
{
	probe_speeds.cpl3 = speed();
}

/**
 * probe_cpl0_is_native() - is CPL 0 as fast as CPL 3?
 *
 * Return: true if so. It is the better level then: what guests use.
 */
bool probe_cpl0_is_native(void)
{
	return probe_speeds.cpl0 * MUCH_SLOWER > probe_speeds.cpl3;
}
