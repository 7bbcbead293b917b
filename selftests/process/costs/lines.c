// SPDX-License-Identifier: GPL-2.0
/*
 * Two CPUs that take turns at writing a line.
 *
 * Whose turn it is reads the line until it sees the other's store, and stores:
 * it gets the line twice, for reading and for writing.
 */
#include <pthread.h>

#include "../work.h"
#include "costs.h"

#define TRIALS		100
#define TURNS		500

struct turns {
	int cpu;
	u64 taken[TRIALS];
};

static u32 turn __aligned(COSTS_LINE);

static void take_turns(u32 parity, u64 *taken)
{
	unsigned int trial, i;
	u32 next = parity;

	for (trial = 0; trial < TRIALS; trial++) {
		u64 start = clock_cycles();

		for (i = 0; i < TURNS; i++) {
			while (costs_told(&turn) != next)
				;
			costs_tell(&turn, next + 1);
			next += 2;
		}
		taken[trial] = clock_cycles() - start;
	}
}

static void *other_side(void *data)
{
	struct turns *turns = data;

	costs_move_to(turns->cpu);
	take_turns(1, turns->taken);
	return NULL;
}

/**
 * costs_transfer() - a line's way from one CPU to another
 * @cpu: the one
 * @other: the other
 */
double costs_transfer(int cpu, int other)
{
	struct turns turns = { .cpu = other };
	double values[TRIALS];
	u64 taken[TRIALS];
	pthread_t thread;
	unsigned int i;

	turn = 0;
	costs_move_to(cpu);
	if (pthread_create(&thread, NULL, other_side, &turns))
		costs_fail("pthread_create");
	take_turns(0, taken);
	pthread_join(thread, NULL);
	/* A turn of each is four transfers. */
	for (i = 0; i < TRIALS; i++)
		values[i] = costs_ns(taken[i]) / (4 * TURNS);
	return costs_median(values, TRIALS);
}
