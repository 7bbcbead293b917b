/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One run of the benchmark of threads: what is asked for, what is shared while
 * it goes on, and what comes out.
 */
#ifndef PROCESS_RUN_H
#define PROCESS_RUN_H

#include <pthread.h>
#include <sched.h>

#include "../../guest/lockbench/histogram.h"
#include "../stress/counters.h"

#define RUN_MAX_THREADS		512
#define RUN_CACHE_LINE		64
#define RUN_MAX_DURATION_MS	600000
/* Holding times are drawn from a table of so many. */
#define RUN_HOLDS		4096

enum run_distribution {
	RUN_FIXED,
	RUN_EXPONENTIAL,
	RUN_RARE,
};

/**
 * struct run_config - a run as it was asked for, checked and complete
 * @threads: how many
 * @locks: how many locks they share
 * @random: take any of the locks, a new choice for every operation; otherwise
 *	thread N keeps to lock N modulo @locks
 * @hold_ns: work done with the lock held, on average but for RUN_RARE
 * @distribution: of the work done with the lock held; with RUN_RARE, one in a
 *	thousand takes RUN_RARE_FACTOR times as long as the others
 * @think_ns: work done between two operations, on average
 * @duration_ms: how long to measure
 * @warmup_ms: how long to run before measuring
 * @cooldown_ms: how long to run on afterwards, as a load for other processes
 * @cpus: where the threads run, all of them on any of these
 */
struct run_config {
	u32 threads;
	u32 locks;
	bool random;
	u32 hold_ns;
	enum run_distribution distribution;
	u32 think_ns;
	u32 duration_ms;
	u32 warmup_ms;
	u32 cooldown_ms;
	cpu_set_t cpus;
};

#define RUN_RARE_FACTOR		100
#define RUN_RARE_ONE_IN		1000

struct run_slot;
struct run;

/* Written by one thread only; read by others when it has ended. */
struct run_thread {
	struct run *run;
	pthread_t id;
	u32 number;
	u32 random;
	u64 violations;
	u32 window;
	u64 window_end;
	u64 *window_ops;
	struct histogram wait;
} __aligned(RUN_CACHE_LINE);

/* Each thread notices by its own clock when measuring begins and ends. */
struct run {
	struct run_config config;
	u32 think_iterations;
	u32 hold_iterations[RUN_HOLDS];
	u64 begin, end;			/* of measuring, in cycles */
	u64 window_cycles;
	u32 windows;
	bool stop;
	pthread_barrier_t start_line;
	struct run_thread *thread;
	void *slots;
};

/**
 * struct run_usage - what a process has used so far, or between two times
 * @clock_ns: when, or how long
 * @cpu_ns: CPU time
 * @all_ns: CPU time of all processes together, on the CPUs of the run
 * @yielded: times that a thread gave up its CPU, to sleep
 * @preempted: times that a thread lost it
 * @counters: what the lock says
 */
struct run_usage {
	u64 clock_ns;
	u64 cpu_ns;
	u64 all_ns;
	u64 yielded;
	u64 preempted;
	struct stress_counters counters;
};

/**
 * struct run_result - a complete run
 * @began_ns: when measuring began, in nanoseconds since the machine was booted
 * @ops: operations that ended while it was measured
 * @thread_ops: of each thread
 * @wait: how long operations waited for the lock, in cycles
 * @windows: windows of BENCH_WINDOW_MS, of all threads together
 * @starved: those in which a thread got less than a tenth of its fair share
 * @violations: times that exclusion was seen to fail, warm-up included
 * @used: meanwhile
 * @drift: how much faster this CPU works than before the run, as a factor
 */
struct run_result {
	u64 began_ns;
	u64 ops;
	u64 thread_ops[RUN_MAX_THREADS];
	struct histogram wait;
	u64 windows;
	u64 starved;
	u64 violations;
	struct run_usage used;
	double drift;
};

/* loop.c, compiled once per lock. */
struct run_lock {
	const char *name;
	const char *implementation;
	size_t slot_bytes;
	bool counts;
	void (*configure)(void);
	void (*init)(void *slot);
	void (*loop)(struct run_thread *thread);
	void (*count)(struct stress_counters *counters);
};

extern const struct run_lock run_lock;

/* run.c */
void run_measure(const struct run_config *config, struct run_result *result);

/* usage.c */
void usage_read(const struct run_config *config, struct run_usage *usage);
void usage_subtract(struct run_usage *usage, const struct run_usage *before);

/* result.c */
void result_print(const struct run_config *config, const struct run_result *result);

#endif /* PROCESS_RUN_H */
