// SPDX-License-Identifier: GPL-2.0
/*
 * Measure what things cost on two CPUs of this machine, once, and print them in
 * JSON. pvlab measure-costs repeats this, and makes a table of it.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <time.h>

#include "../work.h"
#include "costs.h"

#define SHORT_IDLE_NS	20000
#define LONG_IDLE_NS	1000000
#define FEW_THREADS	2
#define MANY_THREADS	8

static const char usage[] =
"usage: %s CPU CPU\n"
"Measure what memory, futexes and the scheduler cost on two CPUs, in ns.\n";

static int parse_cpu(const char *text)
{
	char *end;
	long cpu;

	errno = 0;
	cpu = strtol(text, &end, 10);
	if (errno || end == text || *end || cpu < 0 || cpu >= CPU_SETSIZE) {
		fprintf(stderr, "%s: not the number of a CPU; see --help\n", text);
		exit(2);
	}
	return cpu;
}

static void print(const char *name, double ns)
{
	printf("\"%s\":%.3f,\n", name, ns);
}

static void measure_cpu(int cpu, int other)
{
	costs_move_to(cpu);
	print("load", costs_load());
	print("locked", costs_locked());
	print("barrier", costs_barrier());
	print("pause", work_pause_ns());
	print("transfer", costs_transfer(cpu, other));
}

static void measure_wakeups(int cpu, int other)
{
	double call, latency;

	print("futex_call", costs_futex_call());
	costs_wakeups(cpu, other, SHORT_IDLE_NS, &call, &latency);
	print("wake_soon", call);
	print("woken_soon", latency);
	costs_wakeups(cpu, other, LONG_IDLE_NS, &call, &latency);
	print("wake_idle", call);
	print("woken_idle", latency);
	print("preemption", costs_preemption(cpu, other));
}

static void measure_scheduler(int cpu)
{
	struct costs_gaps gaps;
	struct timespec tick;

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	print("tick", tick.tv_sec * 1e9 + tick.tv_nsec);
	print("switch_by_futex", costs_switch_by_futex(cpu));
	print("switch_by_yield", costs_switch_by_yield(cpu));
	print("slice_of_few", costs_slice(cpu, FEW_THREADS));
	print("slice_of_many", costs_slice(cpu, MANY_THREADS));
	costs_find_gaps(cpu, &gaps);
	print("tick_cost", gaps.tick_cost);
	print("noise_period", gaps.noise_period);
	print("noise_cost", gaps.noise_cost);
}

int main(int argc, char **argv)
{
	int cpu, other;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		printf(usage, argv[0]);
		return 0;
	}
	if (argc != 3) {
		fprintf(stderr, usage, argv[0]);
		return 2;
	}
	cpu = parse_cpu(argv[1]);
	other = parse_cpu(argv[2]);
	if (cpu == other) {
		fprintf(stderr, "CPU %d twice: two are needed\n", cpu);
		return 2;
	}

	costs_move_to(cpu);
	work_calibrate();
	printf("{");
	measure_cpu(cpu, other);
	measure_wakeups(cpu, other);
	measure_scheduler(cpu);
	printf("\"cpus\":\"%d,%d\"}\n", cpu, other);
	return 0;
}
