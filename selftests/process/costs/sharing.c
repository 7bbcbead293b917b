// SPDX-License-Identifier: GPL-2.0
/*
 * How the scheduler shares a CPU among threads that all want it, and what else
 * takes it: a thread that reads the clock all the time sees when it was away.
 */
#include <pthread.h>
#include <stdlib.h>

#include "../work.h"
#include "costs.h"

#define SLICES_NS	300000000.0
#define GAPS_NS		400000000.0
/* Away for longer: another thread ran for a slice. */
#define AWAY_NS		200000
/* Shorter ones are the timer interrupt, or not seen; longer ones other work. */
#define INTERRUPT_NS	400
#define OTHER_WORK_NS	50000
#define MAX_GAPS	4096

struct gaps {
	int cpu;
	double least;
	double duration;
	unsigned int count;
	double ran[MAX_GAPS];		/* before the gap */
	double away[MAX_GAPS];
};

static void watch(struct gaps *gaps)
{
	u64 least = gaps->least * clock_cycles_per_ns();
	u64 last = clock_cycles();
	u64 end = last + (u64)(gaps->duration * clock_cycles_per_ns());
	u64 since = last;

	while (last < end && gaps->count < MAX_GAPS) {
		u64 now = clock_cycles();

		if (unlikely(now - last > least)) {
			gaps->ran[gaps->count] = costs_ns(last - since);
			gaps->away[gaps->count++] = costs_ns(now - last);
			since = now;
		}
		last = now;
	}
}

static void *watch_main(void *data)
{
	struct gaps *gaps = data;

	costs_move_to(gaps->cpu);
	watch(gaps);
	return NULL;
}

static struct gaps *alloc_gaps(unsigned int count, int cpu, double least, double duration)
{
	struct gaps *gaps = calloc(count, sizeof(*gaps));
	unsigned int i;

	if (!gaps)
		costs_fail("calloc");
	for (i = 0; i < count; i++) {
		gaps[i].cpu = cpu;
		gaps[i].least = least;
		gaps[i].duration = duration;
	}
	return gaps;
}

/* Leaves out the first run of each, which began anywhere. */
static double median_run(struct gaps *gaps, unsigned int threads)
{
	static double runs[64 * MAX_GAPS];
	unsigned int count = 0;
	unsigned int i, j;

	for (i = 0; i < threads; i++) {
		for (j = 1; j < gaps[i].count; j++)
			runs[count++] = gaps[i].ran[j];
	}
	return count ? costs_median(runs, count) : 0;
}

/**
 * costs_slice() - how long threads run that share a CPU
 * @cpu: the CPU
 * @threads: how many, at most 64
 *
 * Return: the median, 0 if nobody was ever away.
 */
double costs_slice(int cpu, unsigned int threads)
{
	struct gaps *gaps = alloc_gaps(threads, cpu, AWAY_NS, SLICES_NS);
	pthread_t ids[64];
	unsigned int i;
	double slice;

	for (i = 0; i < threads; i++) {
		if (pthread_create(&ids[i], NULL, watch_main, &gaps[i]))
			costs_fail("pthread_create");
	}
	for (i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	slice = median_run(gaps, threads);
	free(gaps);
	return slice;
}

static void sort_out(const struct gaps *found, struct costs_gaps *gaps)
{
	static double interrupts[MAX_GAPS];
	unsigned int short_ones = 0, long_ones = 0;
	double sum = 0;
	unsigned int i;

	for (i = 0; i < found->count; i++) {
		if (found->away[i] < OTHER_WORK_NS) {
			interrupts[short_ones++] = found->away[i];
		} else {
			sum += found->away[i];
			long_ones++;
		}
	}
	gaps->tick_cost = short_ones ? costs_median(interrupts, short_ones) : 0;
	gaps->noise_period = long_ones ? found->duration / long_ones : 0;
	gaps->noise_cost = long_ones ? sum / long_ones : 0;
}

/**
 * costs_find_gaps() - what takes a CPU from its only thread
 * @cpu: the CPU
 * @gaps: set
 */
void costs_find_gaps(int cpu, struct costs_gaps *gaps)
{
	struct gaps *found = alloc_gaps(1, cpu, INTERRUPT_NS, GAPS_NS);

	costs_move_to(cpu);
	watch(found);
	sort_out(found, gaps);
	free(found);
}
