// SPDX-License-Identifier: GPL-2.0
/*
 * What all measurements need.
 */
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../work.h"
#include "costs.h"

/**
 * costs_fail() - give up
 * @what: could not be done; errno says why
 */
void costs_fail(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

/**
 * costs_move_to() - confine the calling thread to a CPU
 * @cpu: its number
 */
void costs_move_to(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		costs_fail("sched_setaffinity");
}

/**
 * costs_wait_ns() - keep the CPU for a while
 * @ns: how long
 */
void costs_wait_ns(double ns)
{
	u64 end = clock_cycles() + (u64)(ns * clock_cycles_per_ns());

	while (clock_cycles() < end)
		;
}

static int compare(const void *first, const void *second)
{
	double a = *(const double *)first;
	double b = *(const double *)second;

	return (a > b) - (a < b);
}

/**
 * costs_median() - the median of some values
 * @values: which are sorted
 * @count: how many, at least one
 */
double costs_median(double *values, unsigned int count)
{
	qsort(values, count, sizeof(*values), compare);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/**
 * costs_ns() - cycles of the clock in nanoseconds
 * @cycles: how many
 */
double costs_ns(u64 cycles)
{
	return cycles / clock_cycles_per_ns();
}

/**
 * costs_futex_wait() - sleep while a word has a value
 * @word: the word
 * @value: the value
 */
long costs_futex_wait(u32 *word, u32 value)
{
	return syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

/**
 * costs_futex_wake() - wake one thread that sleeps on a word
 * @word: the word
 *
 * Return: how many were woken.
 */
long costs_futex_wake(u32 *word)
{
	return syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
