// SPDX-License-Identifier: GPL-2.0
/*
 * Accesses to a line that the CPU has: the fastest of many trials.
 */
#include "../work.h"
#include "costs.h"

#define TRIALS		200
#define ITERATIONS	2000
#define UNROLLED	8

#define REPEAT(statement)						\
do {									\
	statement; statement; statement; statement;			\
	statement; statement; statement; statement;			\
} while (0)

static u64 word __aligned(COSTS_LINE);
static void *self __aligned(COSTS_LINE) = &self;

/* Each load needs what the one before it has loaded. */
static void load(void)
{
	void **at = self;
	unsigned int i;

	for (i = 0; i < ITERATIONS; i++)
		REPEAT(at = __atomic_load_n((void ***)at, __ATOMIC_RELAXED));
	__asm__ volatile("" : : "r"(at));
}

static void locked(void)
{
	u64 sum = 1;
	unsigned int i;

	for (i = 0; i < ITERATIONS; i++)
		REPEAT(sum += xadd(&word, sum));
	__asm__ volatile("" : : "r"(sum));
}

static void barrier(void)
{
	unsigned int i;

	for (i = 0; i < ITERATIONS; i++) {
		/* Orders nothing: it is what is measured. */
		REPEAT(WRITE_ONCE(word, i); smp_mb());
	}
}

static double fastest(void (*loop)(void))
{
	u64 best = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < TRIALS; i++) {
		u64 start = clock_cycles();
		u64 taken;

		loop();
		taken = clock_cycles() - start;
		if (taken < best)
			best = taken;
	}
	return costs_ns(best) / (ITERATIONS * UNROLLED);
}

/**
 * costs_load() - a load
 */
double costs_load(void)
{
	return fastest(load);
}

/**
 * costs_locked() - a locked instruction that needs the result of the one before
 */
double costs_locked(void)
{
	return fastest(locked);
}

/**
 * costs_barrier() - a full barrier after a store
 */
double costs_barrier(void)
{
	return fastest(barrier);
}
