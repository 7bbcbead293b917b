// SPDX-License-Identifier: GPL-2.0
/*
 * Calibrated work; see work_loop.h.
 */
#include "../machine/clock.h"
#include "../machine/cpu.h"
#include "../../lockbench/work_loop.h"
#include "work.h"

#define PSEC_PER_SEC		1000000000000ULL

static struct work_rate work_rate;
static struct work_rate pause_rate;

/**
 * work() - compute for a while
 * @iterations: how long, see work_iterations()
 *
 * Never inlined, so that the loop that was calibrated is the loop that is used.
 */
noinline void work(u64 iterations)
{
	work_loop(iterations);
}

static noinline void pause_often(u64 iterations)
{
	while (iterations--)
		cpu_relax();
}

static u64 fastest_trial(void (*loop)(u64), u64 iterations)
{
	u64 fastest = UINT64_MAX;
	int i;

	for (i = 0; i < CALIBRATION_TRIALS; i++) {
		u64 start = clock_cycles();
		u64 taken;

		loop(iterations);
		taken = clock_cycles() - start;
		if (taken < fastest)
			fastest = taken;
	}
	return fastest;
}

static void calibrate(struct work_rate *rate, void (*loop)(u64))
{
	work_rate_find(rate, fastest_trial, loop, clock_from_ns(CALIBRATION_NS));
}

static u64 picoseconds_per_iteration(const struct work_rate *rate)
{
	return (u128)rate->cycles * PSEC_PER_SEC /
		(clock_khz * 1000) / rate->iterations;
}

/**
 * work_calibrate() - find out how fast this vCPU works and pauses
 *
 * Context: takes some milliseconds.
 */
void work_calibrate(void)
{
	calibrate(&work_rate, work);
	calibrate(&pause_rate, pause_often);
}

/**
 * work_iterations() - how much work() takes a given time
 * @ns: the time, at most a second
 *
 * Return: iterations.
 */
u64 work_iterations(u64 ns)
{
	return clock_from_ns(ns) * work_rate.iterations / work_rate.cycles;
}

/**
 * work_loop_ps() - what one iteration of work() takes
 *
 * Return: picoseconds.
 */
u64 work_loop_ps(void)
{
	return picoseconds_per_iteration(&work_rate);
}

/**
 * work_pause_ps() - what one PAUSE takes
 *
 * Return: picoseconds.
 */
u64 work_pause_ps(void)
{
	return picoseconds_per_iteration(&pause_rate);
}
