/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What things cost on the CPUs of this machine, in nanoseconds.
 */
#ifndef PROCESS_COSTS_H
#define PROCESS_COSTS_H

#include "../../../kernel/platform/platform.h"

#define COSTS_LINE	64

/**
 * struct costs_gaps - what takes a CPU from a thread that never gives it up
 * @tick_cost: the median of what is short: the timer interrupt
 * @noise_period: between two that are long: other work; 0 if there was none
 * @noise_cost: how long these take on average
 */
struct costs_gaps {
	double tick_cost;
	double noise_period;
	double noise_cost;
};

/* What the other thread has told; pairs with costs_tell(). */
#define costs_told(pointer)		__atomic_load_n(pointer, __ATOMIC_ACQUIRE)
#define costs_tell(pointer, value)	__atomic_store_n(pointer, value, __ATOMIC_RELEASE)

/* tools.c */
void costs_fail(const char *what);
void costs_move_to(int cpu);
void costs_wait_ns(double ns);
double costs_median(double *values, unsigned int count);
double costs_ns(u64 cycles);
long costs_futex_wait(u32 *word, u32 value);
long costs_futex_wake(u32 *word);

/* instructions.c */
double costs_load(void);
double costs_locked(void);
double costs_barrier(void);

/* lines.c */
double costs_transfer(int cpu, int other);

/* wakeups.c */
double costs_futex_call(void);
void costs_wakeups(int cpu, int other, double idle_ns, double *call, double *latency);
double costs_preemption(int cpu, int other);

/* switches.c */
double costs_switch_by_futex(int cpu);
double costs_switch_by_yield(int cpu);

/* sharing.c */
double costs_slice(int cpu, unsigned int threads);
void costs_find_gaps(int cpu, struct costs_gaps *gaps);

#endif /* PROCESS_COSTS_H */
