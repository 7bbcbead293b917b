// SPDX-License-Identifier: GPL-2.0
/*
 * Cost of an uncontended lock and unlock, side by side.
 *
 * The locks take turns in short rounds, so whatever disturbs the machine
 * disturbs all of them. Each lock's figure is the median of its rounds. The
 * reference is measured twice in every round, as two locks: how far the two
 * are apart is the noise floor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <x86intrin.h>

#include "platform/platform.h"
#include "bench.h"

#define ROUNDS		501
#define WARM_UP_ROUNDS	20
#define PAIRS		20000

static const struct bench_lock *const locks[] = {
	&bench_pv_qspinlock,	/* the reference */
	&bench_pv_qspinlock,	/* the reference again: the noise floor */
	&bench_pvticket,
	&bench_ticket,
	&bench_qspinlock,
};

#define NR_LOCKS	(sizeof(locks) / sizeof(locks[0]))

static double cycles[NR_LOCKS][ROUNDS];

static double measure(const struct bench_lock *lock)
{
	u64 start = __rdtsc();

	lock->run(PAIRS);
	return (double)(__rdtsc() - start) / PAIRS;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;

	return (a > b) - (a < b);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

/* How far apart two figures are, as a factor of at least 1. */
static double apart(double a, double b)
{
	return a > b ? a / b : b / a;
}

static void judge(const double *medians)
{
	double ratio = medians[2] / medians[0];
	double floor = apart(medians[0], medians[1]);

	printf("%s is %s than %s: ratio %.3f, noise floor %.3f\n",
	       locks[2]->name, ratio <= floor ? "no slower" : "SLOWER",
	       locks[0]->name, ratio, floor);
}

int main(void)
{
	double medians[NR_LOCKS];
	unsigned int i;
	int round;

	for (round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
		for (i = 0; i < NR_LOCKS; i++) {
			/* Another one begins in each round. */
			unsigned int turn = (i + round + WARM_UP_ROUNDS) %
					    NR_LOCKS;
			double result = measure(locks[turn]);

			if (round >= 0)
				cycles[turn][round] = result;
		}
	}

	printf("lock+unlock, uncontended, median of %d rounds\n", ROUNDS);
	printf("%-24s %12s %10s\n", "lock", "TSC cycles", "ratio");
	for (i = 0; i < NR_LOCKS; i++) {
		medians[i] = median(cycles[i]);
		printf("%-24s %12.2f %10.3f%s\n", locks[i]->name, medians[i],
		       medians[i] / medians[0],
		       i == 0 ? "  (reference)" :
		       i == 1 ? "  (A/A: noise floor)" : "");
	}
	judge(medians);
	return 0;
}
