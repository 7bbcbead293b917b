// SPDX-License-Identifier: GPL-2.0
/*
 * Calibrated work.
 *
 * How fast the loop runs is found once, when the module is loaded; see
 * work_loop.h. Each trial runs with interrupts off. The host may preempt the
 * virtual CPU in most of them.
 */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/processor.h>
#include <linux/sched.h>

#include "clock.h"
#include "work.h"
#include "work_loop.h"

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

static u64 trial(void (*loop)(u64), u64 iterations)
{
	unsigned long flags;
	u64 start, end;

	local_irq_save(flags);
	start = clock_cycles();
	loop(iterations);
	end = clock_cycles();
	local_irq_restore(flags);
	return end - start;
}

static u64 fastest_trial(void (*loop)(u64), u64 iterations)
{
	u64 fastest = U64_MAX;
	int i;

	for (i = 0; i < CALIBRATION_TRIALS; i++) {
		fastest = min(fastest, trial(loop, iterations));
		cond_resched();
	}
	return fastest;
}

static void calibrate(struct work_rate *rate, void (*loop)(u64))
{
	work_rate_find(rate, fastest_trial, loop,
		       div_u64((u64)CALIBRATION_NS * tsc_khz, USEC_PER_SEC));
}

static u64 picoseconds_per_iteration(const struct work_rate *rate)
{
	u64 ps = div_u64(rate->cycles * NSEC_PER_SEC, tsc_khz);

	return div64_u64(ps, rate->iterations);
}

/**
 * work_calibrate() - find out how fast this CPU works and pauses
 *
 * Context: may sleep; takes some milliseconds. tsc_khz must not be 0.
 */
void work_calibrate(void)
{
	calibrate(&work_rate, work);
	calibrate(&pause_rate, pause_often);
}

/**
 * work_iterations() - how much work() takes a given time
 * @ns: the time, at most a second
 */
u64 work_iterations(u64 ns)
{
	u64 cycles = div_u64(ns * tsc_khz, USEC_PER_SEC);

	return div64_u64(cycles * work_rate.iterations, work_rate.cycles);
}

/**
 * work_loop_ps() - picoseconds that one iteration of work() takes
 */
u64 work_loop_ps(void)
{
	return picoseconds_per_iteration(&work_rate);
}

/**
 * work_pause_ps() - picoseconds that one cpu_relax() takes
 */
u64 work_pause_ps(void)
{
	return picoseconds_per_iteration(&pause_rate);
}
