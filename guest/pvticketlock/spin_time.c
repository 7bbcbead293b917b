// SPDX-License-Identifier: GPL-2.0
/*
 * How long a waiter spins before it halts.
 *
 * PAUSE takes from 10 to 140 cycles, depending on the CPU, and longer under
 * emulation. A number of loops means nothing, so the parameter spin_ns is a
 * time, and the duration of a loop is measured once when the module is loaded.
 */
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/ktime.h>
#include <linux/types.h>

#include "../../kernel/ticket_core.h"
#include "../compat.h"
#include "spin_time.h"

#define SPIN_NS_MIN		100U
#define SPIN_NS_MAX		10000000U

#define CALIBRATION_LOOPS	500U
#define CALIBRATION_TRIALS	8

static u32 spin_ns = TICKET_DEFAULT_SPIN_NS;
/* 0 until calibrated. */
static u32 loop_ps;

/**
 * spin_time_loops() - the present spinning time
 *
 * Return: in spin loops.
 */
u32 spin_time_loops(void)
{
	u64 loops = div_u64((u64)spin_ns * PSEC_PER_NSEC, loop_ps);

	return clamp_t(u64, loops, 1, U32_MAX);
}

/**
 * spin_time_ns() - the present spinning time
 *
 * Return: in nanoseconds.
 */
u32 spin_time_ns(void)
{
	return spin_ns;
}

/**
 * spin_time_loop_ps() - what one spin loop costs on this machine
 *
 * Return: in picoseconds.
 */
u32 spin_time_loop_ps(void)
{
	return loop_ps;
}

static int spin_ns_set(const char *value, const struct kernel_param *param)
{
	int error = param_set_uint_minmax(value, param, SPIN_NS_MIN,
					  SPIN_NS_MAX);

	if (error) {
		pr_err("pvticketlock: spin_ns must be from %u to %u\n",
		       SPIN_NS_MIN, SPIN_NS_MAX);
		return error;
	}
	if (loop_ps)
		ticket_set_spin_loops(spin_time_loops());
	return 0;
}

static const struct kernel_param_ops spin_ns_ops = {
	.set = spin_ns_set,
	.get = param_get_uint,
};

module_param_cb(spin_ns, &spin_ns_ops, &spin_ns, 0644);
MODULE_PARM_DESC(spin_ns, "Nanoseconds without progress that a waiter spins before it halts");

/* U64_MAX if the host ran something else meanwhile. */
static u64 measure_loops_ns(void)
{
	unsigned long flags;
	u64 start, elapsed;
	bool descheduled;

	local_irq_save(flags);
	start = ktime_get_ns();
	descheduled = ticket_pause(CALIBRATION_LOOPS);
	elapsed = ktime_get_ns() - start;
	local_irq_restore(flags);
	return descheduled ? U64_MAX : elapsed;
}

/**
 * spin_time_calibrate() - measure a spin loop and apply the parameter
 *
 * The shortest of several trials counts. If there is none, then every few
 * loops take longer than one may take.
 *
 * Context: process context.
 */
void spin_time_calibrate(void)
{
	u64 best = (u64)TICKET_DESCHEDULED_US * NSEC_PER_USEC *
		   CALIBRATION_LOOPS;
	int trial;

	for (trial = 0; trial < CALIBRATION_TRIALS; trial++)
		best = min(best, measure_loops_ns());

	best = div_u64(best * PSEC_PER_NSEC, CALIBRATION_LOOPS);
	loop_ps = clamp_t(u64, best, 1, U32_MAX);
	ticket_set_spin_loops(spin_time_loops());
}
