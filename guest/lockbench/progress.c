// SPDX-License-Identifier: GPL-2.0
/*
 * Progress, in the windows of windows.h.
 *
 * Whoever directs the run says which window it is, and the threads count in it what
 * they complete. So no clocks of different CPUs are compared; where the director is
 * descheduled, a window is longer, for all of them.
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "progress.h"
#include "windows.h"

static u32 windows_of(const struct bench_config *config)
{
	return bench_windows(config->duration_ms);
}

/**
 * bench_progress_init() - make room for what a thread completes
 * @thread: a thread of a run; bench_progress_free() frees it
 *
 * Return: 0 or -ENOMEM.
 */
int bench_progress_init(struct bench_thread *thread)
{
	/* What is completed after the last window has a place, too. */
	thread->window_ops = kvcalloc(windows_of(&thread->run->config) + 1,
				      sizeof(*thread->window_ops), GFP_KERNEL);
	return thread->window_ops ? 0 : -ENOMEM;
}

/**
 * bench_progress_free() - undo bench_progress_init()
 * @thread: a thread, also one without
 */
void bench_progress_free(struct bench_thread *thread)
{
	kvfree(thread->window_ops);
}

static int sleep_until(u64 end_ns)
{
	u64 now = ktime_get_ns();

	if (now >= end_ns)
		return 0;
	return bench_sleep_ms(DIV_ROUND_UP_ULL(end_ns - now, NSEC_PER_MSEC));
}

/**
 * bench_progress_direct() - sleep for as long as is measured, from window to window
 * @run: its threads are measuring
 * @begin_ns: since when, by ktime_get_ns()
 *
 * Return: 0, or -EINTR if a signal came first.
 */
int bench_progress_direct(struct bench_run *run, u64 begin_ns)
{
	const u64 length_ns = (u64)run->config.duration_ms * NSEC_PER_MSEC;
	const u32 windows = windows_of(&run->config);
	u32 window;
	int error;

	for (window = 0; window < windows; window++) {
		WRITE_ONCE(run->window, window);
		error = sleep_until(begin_ns +
				    div_u64(length_ns * (window + 1), windows));
		if (error)
			return error;
	}
	WRITE_ONCE(run->window, windows);
	return 0;
}

/* How many threads starved in a window. */
static u32 starved_in(const struct bench_run *run, u32 window)
{
	const u32 threads = run->config.threads;
	u64 total = 0;
	u32 i, starved = 0;

	for (i = 0; i < threads; i++)
		total += run->thread[i]->window_ops[window];
	for (i = 0; i < threads; i++) {
		if (bench_starved(run->thread[i]->window_ops[window], total, threads))
			starved++;
	}
	return starved;
}

/**
 * bench_progress_sum_up() - count the windows, one for each thread
 * @run: its threads have ended
 * @result: its windows and starved_windows are set
 */
void bench_progress_sum_up(const struct bench_run *run,
			   struct bench_result *result)
{
	const u32 windows = windows_of(&run->config);
	u32 window;

	result->windows = (u64)windows * run->config.threads;
	for (window = 0; window < windows; window++)
		result->starved_windows += starved_in(run, window);
}
