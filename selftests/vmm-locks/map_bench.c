// SPDX-License-Identifier: GPL-2.0
/*
 * The guest-physical map with locks on ranges of 2 MiB, and with one lock.
 *
 * map_bench [--ms MILLISECONDS] [--rounds ROUNDS]
 *
 * Threads translate random pages, copy a block of 512 bytes out of them, and
 * drop the translation, as fast as they can. Both kinds run alternately, and
 * the same kind twice in each round: how much these two differ is the noise.
 * Prints, for each number of threads, millions of translations per second, the
 * ratio of the medians, and the noise; and at the end which of both is better: for
 * more numbers of threads than the other, by more than the noise. Without a winner
 * it says so. GUEST_MAP_DEFAULT_SHIFT is to be what it says.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/vmm/memory/guest_map.h"
#include "support.h"

#define MEMORY_SIZE	0x10000000ULL
#define BLOCK		512
#define MAX_THREADS	16
#define MAX_ROUNDS	99
#define US_PER_MS	1000
#define NS_PER_MS	1000000.0

enum kind {
	FINE,
	FINE_AGAIN,
	GLOBAL,
	NR_KINDS,
};

struct run {
	struct guest_map map;
	u32 next_seed;
	u32 stop;
	u64 done;
};

static unsigned int run_ms = 100;
static unsigned int rounds = 5;
static char *memory;

static void translate(void *data)
{
	struct run *run = data;
	u32 seed = 2 * xadd(&run->next_seed, 1) + 1;
	char block[BLOCK];
	u64 count = 0;

	while (!READ_ONCE(run->stop)) {
		u64 address = support_random(&seed) % (MEMORY_SIZE / BLOCK) *
			      BLOCK;
		struct guest_mapping mapping;

		if (guest_map__get(&run->map, address, BLOCK, false, &mapping))
			abort();
		memcpy(block, mapping.memory, BLOCK);
		/* The copy is needed. */
		__asm__ volatile("" : : "r" (block) : "memory");
		guest_map__put(&mapping);
		count++;
	}
	xadd(&run->done, count);
}

/* Millions of translations per second. */
static double measure(enum kind kind, unsigned int threads)
{
	u32 shift = kind == GLOBAL ? GUEST_MAP_GLOBAL_SHIFT :
				     RANGE_LOCK_2M_SHIFT;
	struct support_thread thread[MAX_THREADS];
	struct run run = { 0 };
	unsigned int i;
	u64 start;

	if (guest_map__init(&run.map, 0, MEMORY_SIZE, memory, shift)) {
		fprintf(stderr, "map_bench: no memory\n");
		exit(1);
	}
	start = platform_clock_ns();
	for (i = 0; i < threads; i++)
		support_thread_start(&thread[i], "bench", translate, &run);
	support_sleep_us(run_ms * US_PER_MS);
	WRITE_ONCE(run.stop, 1);
	for (i = 0; i < threads; i++)
		support_thread_join(&thread[i]);
	start = platform_clock_ns() - start;
	guest_map__destroy(&run.map);
	return run.done / (start / NS_PER_MS) / 1000;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, rounds, sizeof(*values), compare);
	return values[rounds / 2];
}

/* Which is better by more than the noise: 1 for ranges, -1 for one lock, or 0. */
static int judge(double ratio, double noise)
{
	double least = noise > 1 ? noise : 1 / noise;

	return (ratio > least) - (ratio < 1 / least);
}

static int compare_kinds(unsigned int threads)
{
	double rate[NR_KINDS][MAX_ROUNDS];
	double fine, again, global;
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		enum kind kind;

		for (kind = FINE; kind < NR_KINDS; kind++)
			rate[kind][i] = measure(kind, threads);
	}
	fine = median(rate[FINE]);
	again = median(rate[FINE_AGAIN]);
	global = median(rate[GLOBAL]);
	printf("%7u %10.2f %10.2f %8.2f %8.2f\n", threads, fine, global,
	       fine / global, fine / again);
	return judge(fine / global, fine / again);
}

static void tell(int wins)
{
	static const char * const verdicts[] = {
		"one lock (GUEST_MAP_GLOBAL_SHIFT)",
		"neither by more than the noise",
		"ranges of 2 MiB (RANGE_LOCK_2M_SHIFT)",
	};

	printf("better: %s\n", verdicts[(wins > 0) - (wins < 0) + 1]);
}

static unsigned int parse(const char *text, unsigned int most)
{
	unsigned long value = strtoul(text, NULL, 10);

	if (!value || value > most) {
		fprintf(stderr, "map_bench: %s: give a number from 1 to %u\n",
			text, most);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "ms", required_argument, NULL, 'm' },
		{ "rounds", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned int threads;
	int option, wins = 0;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'm')
			run_ms = parse(optarg, 999);
		else if (option == 'r')
			rounds = parse(optarg, MAX_ROUNDS);
		else
			return 2;
	}
	support_start();
	memory = calloc(1, MEMORY_SIZE);
	if (!memory)
		return 1;
	printf("threads  2 MiB M/s global M/s    ratio    noise\n");
	for (threads = 1; threads <= MAX_THREADS; threads *= 2)
		wins += compare_kinds(threads);
	tell(wins);
	free(memory);
	support_stop();
	return 0;
}
