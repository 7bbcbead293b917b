/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One run of the benchmark: what is asked for, what is shared while it goes on,
 * and what comes out. What is measured, and how, is what lockbench measures.
 */
#ifndef BARE_RUN_H
#define BARE_RUN_H

#include "../../lockbench/histogram.h"
#include "../machine/cpu.h"
#include "lock.h"
#include "work.h"
#include "../../lockbench/section.h"
#include "../../lockbench/windows.h"

#define MAX_LOCKS	1024

/* Of each, one is chosen at random for an operation. */
#define HOLDS		4096

#define MAX_WINDOWS	600

/* Who rings the doorbell; its own numbers. */
enum ring_who {
	RING_NOBODY,
	RING_HOLDER,
	RING_WAITER,
};

/* Of the times for which the lock is held. */
enum hold_distribution {
	HOLD_FIXED,
	HOLD_EXPONENTIAL,
	HOLD_RARE,		/* one in a thousand is a hundred times longer */
};

/**
 * struct bench_config - a run as it was asked for
 * @lock: the lock to measure
 * @threads: number of vCPUs that use it
 * @hold_ns: work done with the lock held; with HOLD_EXPONENTIAL, on average
 * @hold_is: enum hold_distribution
 * @think_ns: work done between two operations, on average
 * @duration_ms: how long to measure
 * @warmup_ms: how long to run before measuring
 * @cooldown_ms: how long to run on afterwards
 * @lock_count: number of locks that they share
 * @random: 1: take any of them; 0: vCPU N keeps to lock N modulo @lock_count
 * @irqs_off: always 0
 * @ring: enum ring_who
 * @ring_us: time between two rings of any vCPUs
 * @ring_lock: number of the first lock; the others follow
 * @spin_ns: how long waiters spin before they halt
 * @overtake: how often a halted waiter may be overtaken
 * @costs: 1: measure what halts and kicks cost, and no lock
 * @cpl: 0 or 3; CPL_AUTO: the one that is native
 * @kick: enum kick_kind; KICK_AUTO: the hypercall where it works
 */
struct bench_config {
	const struct bench_lock *lock;
	u32 threads;
	u32 hold_ns;
	u32 hold_is;
	u32 think_ns;
	u32 duration_ms;
	u32 warmup_ms;
	u32 cooldown_ms;
	u32 lock_count;
	u32 random;
	u32 irqs_off;
	u32 ring;
	u32 ring_us;
	u32 ring_lock;
	u32 spin_ns;
	u32 overtake;
	u32 costs;
	u32 cpl;
	u32 kick;
};

#define CPL_AUTO	1
#define KICK_AUTO	2

/**
 * struct bench_reading - what a vCPU has counted up to some time
 * @cpu: see struct cpu_counters
 * @steal_ns: time that the host has withheld
 * @overtakes: locks taken ahead of a halted waiter
 */
struct bench_reading {
	struct cpu_counters cpu;
	u64 steal_ns;
	u64 overtakes;
};

enum bench_phase {
	BENCH_WARMUP,
	BENCH_MEASURE,
	BENCH_COOLDOWN,
};

/**
 * struct bench_thread - a vCPU that takes part; written by itself only
 * @run: the run
 * @id: from 1 on
 * @stopped: it is at its end
 * @phase: enum bench_phase
 * @next_mark: when bench_mark() has something to do next
 * @random: state of the generator
 * @slot: its lock, without @random locks
 * @sections: critical sections done
 * @ops: those that began while it was measured
 * @window: of what is measured, the present piece
 * @window_ops: @ops up to the end of each piece
 * @violations: times that exclusion was seen to fail
 * @ring_interval: between two rings, in cycles
 * @ring_due: when it may ring
 * @wait: waiting times
 * @rings: how long rings took
 * @to_run: how long it took from kicks until halts had ended
 * @begin: counters when measuring began
 * @end: counters when it ended
 */
struct bench_thread {
	struct bench_run *run;
	u32 id;
	bool stopped;
	int phase;
	u64 next_mark;
	u64 random;
	struct bench_slot *slot;
	u64 sections;
	u64 ops;
	u32 window;
	u64 window_ops[MAX_WINDOWS];
	u64 violations;
	u64 ring_interval;
	u64 ring_due;
	struct histogram wait;
	struct histogram rings;
	struct histogram to_run;
	struct bench_reading begin;
	struct bench_reading end;
} ____cacheline_aligned;

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
 * @hold_iterations: see work()
 * @think_iterations: see work()
 * @begin: TSC at which measuring begins; 0 until all have arrived
 * @end: TSC at which it ends
 * @stop: TSC at which all stop
 * @windows: pieces that the time between @begin and @end is divided into
 * @arrived: vCPUs that have begun
 * @done: those that have stopped
 * @slot: the locks
 * @thread: the vCPUs
 */
struct bench_run {
	struct bench_config config;
	u32 hold_iterations[HOLDS];
	u64 think_iterations;
	u64 begin ____cacheline_aligned;
	u64 end;
	u64 stop;
	u32 windows;
	u32 arrived ____cacheline_aligned;
	u32 done;
	struct bench_slot slot[MAX_LOCKS];
	struct bench_thread thread[MAX_CPUS];
};

extern struct bench_run bench_run;

void bench_begin(struct bench_run *run);
void bench_thread(struct bench_run *run, unsigned int number);
void bench_wait_for_all(struct bench_run *run);
bool bench_mark(struct bench_thread *thread, u64 now);

/* result.c */
void result_print(const struct bench_run *run);

#endif /* BARE_RUN_H */
