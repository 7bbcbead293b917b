// SPDX-License-Identifier: GPL-2.0
/*
 * What the execution lock of a vCPU costs: alone, with others who want it, and for who
 * is turned away because the vCPU runs; beside it, a request to the vCPU that runs,
 * which does not need the lock.
 *
 * Prints nanoseconds for each operation, the median of some rounds, and the lowest and
 * the highest of them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fake_vcpu.h"

#define ROUNDS		9
#define OPERATIONS	200000
#define MAX_THREADS	16

static struct fake_vcpu vcpu;
static unsigned int share;	/* of each thread */

static void take_free(void)
{
	struct vcpu_locked locked;

	if (vcpu_lock__acquire(&vcpu.core, &locked))
		abort();
	vcpu.registers++;
	vcpu_lock__release(&locked);
}

static void be_turned_away(void)
{
	struct vcpu_locked locked;

	if (!vcpu_lock__acquire(&vcpu.core, &locked))
		abort();
}

static void post(void)
{
	action_post(&vcpu.core.inbox, FAKE_LAZY);
}

static void take_turns(void *data)
{
	struct vcpu_locked locked;
	unsigned int i;

	(void)data;
	for (i = 0; i < share; i++) {
		vcpu_lock__wait(&vcpu.core, &locked);
		vcpu.registers++;
		vcpu_lock__release(&locked);
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void tell(const char *what, unsigned int threads, double *ns)
{
	qsort(ns, ROUNDS, sizeof(*ns), compare);
	printf("%-42s %7u %9.1f %9.1f %9.1f\n", what, threads, ns[ROUNDS / 2], ns[0],
	       ns[ROUNDS - 1]);
}

static void measure(const char *what, void (*operation)(void))
{
	double ns[ROUNDS];
	unsigned int i, j;

	for (i = 0; i < ROUNDS; i++) {
		u64 start = platform_clock_ns();

		for (j = 0; j < OPERATIONS; j++)
			operation();
		ns[i] = (double)(platform_clock_ns() - start) / OPERATIONS;
	}
	tell(what, 1, ns);
}

static void measure_turns(unsigned int threads)
{
	double ns[ROUNDS];
	unsigned int i;

	share = OPERATIONS / threads;
	for (i = 0; i < ROUNDS; i++) {
		u64 start = platform_clock_ns();

		vcpu.registers = 0;
		support_run_threads(threads, take_turns, NULL);
		ns[i] = (double)(platform_clock_ns() - start) / OPERATIONS;
		if (vcpu.registers != (u64)share * threads)
			abort();
	}
	tell("taken by each thread as soon as it is free", threads, ns);
}

int main(void)
{
	unsigned int threads;

	support_start();
	fake_vcpu_init(&vcpu);
	printf("%-42s %7s %9s %9s %9s\n", "ns per operation", "threads", "median",
	       "lowest", "highest");
	measure("taken and released, free", take_free);
	for (threads = 1; threads <= MAX_THREADS; threads *= 2)
		measure_turns(threads);
	fake_vcpu_start(&vcpu);
	support_becomes(&vcpu.in_guest, 1);
	measure("turned away from one that runs", be_turned_away);
	measure("a request to one that runs, not urgent", post);
	fake_vcpu_quit(&vcpu);
	support_stop();
	return 0;
}
