/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The work of every benchmark here, in a kernel, without one, and in a process: the
 * same loop, calibrated the same way, so that holding times mean the same.
 *
 * The number of iterations is doubled until the fastest of some trials lasts long
 * enough. Whatever disturbs makes a trial longer, so one undisturbed trial suffices.
 *
 * Included by sources that have u64 from elsewhere.
 */
#ifndef LOCKBENCH_WORK_LOOP_H
#define LOCKBENCH_WORK_LOOP_H

#define CALIBRATION_TRIALS	64
#define CALIBRATION_NS		20000
#define CALIBRATION_FIRST	64

/**
 * struct work_rate - so many iterations of a loop take so many cycles
 * @iterations: how many
 * @cycles: of the CPU's counter
 */
struct work_rate {
	u64 iterations;
	u64 cycles;
};

/**
 * work_loop() - compute for a while
 * @iterations: how long
 *
 * Each step needs the result of the one before. Who inlines it, and calls the
 * result, calibrates and uses the same loop.
 */
static __always_inline void work_loop(u64 iterations)
{
	u64 value = iterations;

	while (iterations--) {
		value = value * 6364136223846793005ULL + 1442695040888963407ULL;
		asm volatile("" : "+r" (value));
	}
}

/*
 * Find out how fast @loop runs on this CPU: @fastest returns the least cycles that
 * a number of its iterations take; a trial of @enough cycles is long enough.
 */
static inline void
work_rate_find(struct work_rate *rate,
	       u64 (*fastest)(void (*loop)(u64), u64 iterations),
	       void (*loop)(u64), u64 enough)
{
	const u64 empty = fastest(loop, 0);
	u64 taken;

	rate->iterations = CALIBRATION_FIRST / 2;
	do {
		rate->iterations *= 2;
		taken = fastest(loop, rate->iterations);
	} while (taken < enough);
	rate->cycles = taken > empty ? taken - empty : 1;
}

#endif /* LOCKBENCH_WORK_LOOP_H */
