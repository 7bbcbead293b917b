/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Progress in every benchmark here, in a kernel, without one, and in a process: what is
 * measured is divided into windows, and a thread starved in one of them if it got less
 * than a tenth of its fair share there.
 */
#ifndef LOCKBENCH_WINDOWS_H
#define LOCKBENCH_WINDOWS_H

#include "../../kernel/platform/platform.h"

#define BENCH_WINDOW_MS		100
/* A thread starved with less than its share divided by this. */
#define BENCH_STARVED_SHARE	10

/* How many windows there are. */
static inline u32 bench_windows(u32 duration_ms)
{
	return (duration_ms + BENCH_WINDOW_MS - 1) / BENCH_WINDOW_MS;
}

/* Has a thread starved that completed @ops of the @total of all @threads? */
static inline bool bench_starved(u64 ops, u64 total, u32 threads)
{
	return !ops || ops * threads * BENCH_STARVED_SHARE < total;
}

#endif /* LOCKBENCH_WINDOWS_H */
