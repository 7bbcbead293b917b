/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One run of the benchmark: what is asked for, what is shared while it goes
 * on, and what comes out.
 */
#ifndef LOCKBENCH_RUN_H
#define LOCKBENCH_RUN_H

#include <linux/cache.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/prandom.h>
#include <linux/types.h>

#include "doorbell.h"
#include "histogram.h"
#include "locks/lock.h"
#include "work.h"
#include "section.h"

/**
 * struct bench_config - a run as it was asked for, checked and complete
 * @lock: the lock to measure
 * @threads: number of threads
 * @hold_ns: work done with the lock held
 * @think_ns: work done between two operations, on average
 * @duration_ms: how long to measure
 * @warmup_ms: how long to run before measuring
 * @cooldown_ms: how long to run on afterwards, as a load for other guests
 * @irqs_off: 1: disable interrupts while the lock is waited for and held
 * @lock_count: number of locks that the threads share
 * @random: 1: take any of them, a new choice for every operation; 0: thread
 *	number N keeps to lock number N modulo @lock_count
 * @ring: enum doorbell_who: ring the doorbell as the holder, or as the next in line
 * @ring_us: time between two rings of any threads
 * @ring_lock: number of the first lock; the others follow
 * @cpus: where they run, one on each
 */
struct bench_config {
	const struct bench_lock *lock;
	u32 threads;
	u32 hold_ns;
	u32 think_ns;
	u32 duration_ms;
	u32 warmup_ms;
	u32 cooldown_ms;
	u32 irqs_off;
	u32 lock_count;
	u32 random;
	u32 ring;
	u32 ring_us;
	u32 ring_lock;
	struct cpumask cpus;
};

enum bench_phase {
	BENCH_WARMUP,
	BENCH_MEASURE,
	BENCH_COOLDOWN,
	BENCH_STOP,
};

struct bench_run;

/* Written by one thread only; read by others when it has ended. */
struct bench_thread {
	struct bench_run *run;
	struct task_struct *task;
	unsigned int cpu;
	u32 id;
	u32 clock_multiplier;
	u64 hold_iterations;
	u64 think_iterations;
	struct rnd_state random;
	struct bench_slot *slot;
	u64 sections;
	u64 violations;
	u32 *window_ops;
	u64 ring_interval;
	u64 ring_due;
	struct histogram wait;
	struct histogram rings;
};

/**
 * struct bench_slot - one of the locks
 * @word: the lock, alone in its cache line
 * @protected: what it protects, alone in its cache line
 */
struct bench_slot {
	union bench_lock_word word ____cacheline_aligned;
	struct bench_protected protected ____cacheline_aligned;
};

/**
 * struct bench_run - a run that goes on
 * @config: what was asked for
 * @phase: enum bench_phase, polled by all threads
 * @window: which piece of what is measured it is; see progress.c
 * @waking: threads that have not yet arrived at the start
 * @arrived: all threads stand at the start
 * @go: start
 * @thread: @config.threads of them
 * @slot: @config.lock_count of them
 */
struct bench_run {
	struct bench_config config;
	int phase;
	u32 window;
	atomic_t waking;
	struct completion arrived;
	struct completion go;
	struct bench_thread **thread;
	struct bench_slot slot[];
};

/**
 * struct bench_result - a complete run
 * @config: what was asked for
 * @implementation: what the lock really was
 * @began_ns: when measuring began, in nanoseconds since boot
 * @duration_ns: how long was measured
 * @ops: lock operations that began while it was measured
 * @windows: pieces of what was measured, one for each thread
 * @starved_windows: those in which the thread starved
 * @wait: their waiting times
 * @counted: are @counters known?
 * @counters: what waiters did while it was measured
 * @steal_ns: time that the host withheld from the CPUs used, meanwhile
 * @violations: times that exclusion was seen to fail, warm-up included
 * @rings: how long rings of the doorbell took, warm-up and end included
 * @doorbell: what the VMM has counted meanwhile; @doorbell.modes as it is
 * @thread_ops: @ops of each thread
 */
struct bench_result {
	struct bench_config config;
	char implementation[BENCH_IMPLEMENTATION_SIZE];
	u64 began_ns;
	u64 duration_ns;
	u64 ops;
	u64 windows;
	u64 starved_windows;
	struct histogram wait;
	bool counted;
	struct bench_counters counters;
	u64 steal_ns;
	u64 violations;
	struct histogram rings;
	struct doorbell_counts doorbell;
	u64 thread_ops[];
};

/* threads.c */
int bench_threads_create(struct bench_run *run);
int bench_threads_start(struct bench_run *run);
void bench_threads_stop(struct bench_run *run);
void bench_thread_free(struct bench_thread *thread);

/* hotplug.c */
int bench_hotplug_init(void);
void bench_hotplug_exit(void);
int bench_hotplug_block(const struct cpumask *cpus);
void bench_hotplug_unblock(void);

/* run.c */
int bench_sleep_ms(unsigned int ms);
struct bench_result *bench_run(const struct bench_config *config);

#endif /* LOCKBENCH_RUN_H */
