// SPDX-License-Identifier: GPL-2.0
/*
 * Halts and kicks: futexes.
 */
#include <pthread.h>

#include "../work.h"
#include "costs.h"

#define CALLS		2000
#define WAKEUPS		40
/* For the sleeper to be asleep. */
#define SETTLE_NS	5000
#define SHORT_WORK_NS	62500
#define LONGEST_WORK_NS	8000000
/* Who runs so soon has preempted the other one. */
#define AT_ONCE_NS	100000

struct sleeper {
	int cpu;
	u32 token __aligned(COSTS_LINE);
	u32 asleep __aligned(COSTS_LINE);
	u64 woken_at __aligned(COSTS_LINE);
	bool stop;
};

/**
 * costs_futex_call() - a futex call that neither sleeps nor wakes anybody
 */
double costs_futex_call(void)
{
	double values[CALLS];
	u32 word = 1;
	unsigned int i;

	for (i = 0; i < CALLS; i++) {
		u64 start = clock_cycles();

		costs_futex_wait(&word, 0);
		values[i] = costs_ns(clock_cycles() - start);
	}
	return costs_median(values, CALLS);
}

static void *sleeper_main(void *data)
{
	struct sleeper *sleeper = data;

	costs_move_to(sleeper->cpu);
	while (!READ_ONCE(sleeper->stop)) {
		costs_tell(&sleeper->asleep, 1);
		while (!costs_told(&sleeper->token))
			costs_futex_wait(&sleeper->token, 0);
		costs_tell(&sleeper->woken_at, clock_cycles());
		WRITE_ONCE(sleeper->token, 0);
	}
	return NULL;
}

static void await_sleep(struct sleeper *sleeper)
{
	while (!costs_told(&sleeper->asleep))
		platform_relax();
	WRITE_ONCE(sleeper->asleep, 0);
	costs_wait_ns(SETTLE_NS);
}

/* Wake the sleeper; how long the call takes, and until the sleeper runs. */
static void wake(struct sleeper *sleeper, double *call, double *latency)
{
	u64 start = clock_cycles();

	costs_tell(&sleeper->woken_at, 0);
	costs_tell(&sleeper->token, 1);
	costs_futex_wake(&sleeper->token);
	*call = costs_ns(clock_cycles() - start);
	while (!costs_told(&sleeper->woken_at))
		platform_relax();
	*latency = costs_ns(READ_ONCE(sleeper->woken_at) - start);
}

static void wake_often(struct sleeper *sleeper, double idle_ns, double *calls,
		       double *latencies)
{
	pthread_t thread;
	unsigned int i;

	if (pthread_create(&thread, NULL, sleeper_main, sleeper))
		costs_fail("pthread_create");
	for (i = 0; i < WAKEUPS; i++) {
		await_sleep(sleeper);
		costs_wait_ns(idle_ns);
		wake(sleeper, &calls[i], &latencies[i]);
	}
	await_sleep(sleeper);
	WRITE_ONCE(sleeper->stop, true);
	wake(sleeper, &calls[0], &latencies[0]);
	pthread_join(thread, NULL);
}

/**
 * costs_wakeups() - wake a thread on another, idle CPU
 * @cpu: who wakes
 * @other: who sleeps
 * @idle_ns: how long the CPU has been idle
 * @call: set to what the call takes
 * @latency: set to the time from the call until the thread runs
 */
void costs_wakeups(int cpu, int other, double idle_ns, double *call, double *latency)
{
	struct sleeper sleeper = { .cpu = other };
	double calls[WAKEUPS], latencies[WAKEUPS];

	costs_move_to(cpu);
	wake_often(&sleeper, idle_ns, calls, latencies);
	*call = costs_median(calls, WAKEUPS);
	*latency = costs_median(latencies, WAKEUPS);
}

struct worker {
	int cpu;
	bool stop;
};

static void *work_main(void *data)
{
	struct worker *worker = data;

	costs_move_to(worker->cpu);
	while (!READ_ONCE(worker->stop))
		;
	return NULL;
}

static void wake_beside_work(int cpu, int other, double work_ns, double *call,
			     double *latency)
{
	struct worker worker = { .cpu = other };
	pthread_t thread;

	if (pthread_create(&thread, NULL, work_main, &worker))
		costs_fail("pthread_create");
	costs_wakeups(cpu, other, work_ns, call, latency);
	WRITE_ONCE(worker.stop, true);
	pthread_join(thread, NULL);
}

/**
 * costs_preemption() - how long a thread must have run to be preempted by one
 *	that is woken on its CPU
 * @cpu: who wakes
 * @other: who sleeps, and works
 *
 * Return: the shortest of some times, or the longest of them if it never is.
 */
double costs_preemption(int cpu, int other)
{
	double call, latency, work;

	for (work = SHORT_WORK_NS; work < LONGEST_WORK_NS; work *= 2) {
		wake_beside_work(cpu, other, work, &call, &latency);
		if (latency < AT_ONCE_NS)
			break;
	}
	return work;
}
