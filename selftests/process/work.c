// SPDX-License-Identifier: GPL-2.0
/*
 * Calibrated work.
 *
 * How fast the loop runs is the fastest of many short trials, on the CPUs that
 * will run it: everything that disturbs makes a trial longer, so one that nobody
 * disturbed is enough.
 */
#include <time.h>

#include "work.h"
#include "../../guest/lockbench/work_loop.h"

#define TRIALS			200
#define TRIAL_ITERATIONS	20000
#define CLOCK_NS		20000000

static double cycles_per_ns;
static double iterations_per_ns;
static double pause_ns;

/**
 * work() - compute for a while
 * @iterations: how long, see work_iterations_per_ns()
 *
 * Never inlined, so that the loop that was calibrated is the loop that is used.
 */
__attribute__((__noinline__)) void work(u64 iterations)
{
	work_loop(iterations);
}

static __attribute__((__noinline__)) void pause_often(u64 iterations)
{
	while (iterations--)
		platform_relax();
}

static double fastest_ns(void (*loop)(u64 iterations), u64 iterations)
{
	u64 fastest = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < TRIALS; i++) {
		u64 start = clock_cycles();
		u64 taken;

		loop(iterations);
		taken = clock_cycles() - start;
		if (taken < fastest)
			fastest = taken;
	}
	return fastest / cycles_per_ns;
}

/* The shorter of the readings around it says how exact one is. */
static void calibrate_clock(void)
{
	const struct timespec pause = { .tv_nsec = CLOCK_NS };
	u64 start_ns = platform_clock_ns();
	u64 start = clock_cycles();

	nanosleep(&pause, NULL);
	cycles_per_ns = (double)(clock_cycles() - start) /
			(double)(platform_clock_ns() - start_ns);
}

/**
 * work_calibrate() - find out how fast this CPU works, now
 *
 * Takes some 50 ms.
 */
void work_calibrate(void)
{
	if (cycles_per_ns == 0)
		calibrate_clock();
	iterations_per_ns = TRIAL_ITERATIONS / fastest_ns(work, TRIAL_ITERATIONS);
	pause_ns = fastest_ns(pause_often, TRIAL_ITERATIONS / 10) /
		   (TRIAL_ITERATIONS / 10);
}

/**
 * work_iterations_per_ns() - how much work() does in a nanosecond
 */
double work_iterations_per_ns(void)
{
	return iterations_per_ns;
}

/**
 * work_pause_ns() - how long one iteration of a spin loop takes
 */
double work_pause_ns(void)
{
	return pause_ns;
}

/**
 * clock_cycles_per_ns() - how fast the clock runs
 */
double clock_cycles_per_ns(void)
{
	return cycles_per_ns;
}
