// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that run a body until the time is up.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <time.h>
#include <unistd.h>

#include "../../kernel/ticket_core.h"
#include "../tsan_options.h"
#include "harness.h"

#define STRESS_DEFAULT_MS	100
#define STRESS_MAX_THREADS	256
#define NSEC_PER_MSEC		1000000ULL

/* Some instructions, so that another owner falls into the middle. */
#define STRESS_HOLD_LOOPS	20

static bool stopped;
static pthread_barrier_t start_line;

static noreturn void fail(const char *what)
{
	fprintf(stderr, "stress: %s\n", what);
	abort();
}

/**
 * stress_start() - prepare the lock core, and the calling thread for its use
 *
 * To be called first in each test.
 */
void stress_start(void)
{
	if (ticket_init())
		fail("no memory for the lock core");
	if (platform_user_register() < 0)
		fail("too many threads");
}

/**
 * stress_cpus() - the number of CPUs that threads can run on
 *
 * Return: at least 2, so that there is contention.
 */
unsigned int stress_cpus(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (cpus > STRESS_MAX_THREADS / STRESS_OVERCOMMIT)
		return STRESS_MAX_THREADS / STRESS_OVERCOMMIT;
	return cpus < 2 ? 2 : cpus;
}

/**
 * stress_stopped() - has the time come for threads to return?
 *
 * Return: whether it has.
 */
bool stress_stopped(void)
{
	return READ_ONCE(stopped);
}

/**
 * stress_random() - a random number
 * @thread: the calling thread
 *
 * Return: from 0 to RAND_MAX; the sequence is the same in every run.
 */
unsigned int stress_random(struct stress_thread *thread)
{
	return rand_r(&thread->seed);
}

struct stress_start_info {
	struct stress_thread thread;
	stress_body_t body;
};

static void *run_thread(void *data)
{
	struct stress_start_info *info = data;

	if (platform_user_register() < 0)
		fail("too many threads");
	pthread_barrier_wait(&start_line);
	info->body(&info->thread);
	platform_user_unregister();
	return NULL;
}

static u64 duration_ns(void)
{
	const char *ms = getenv("STRESS_MS");

	return (ms ? strtoul(ms, NULL, 10) : STRESS_DEFAULT_MS) *
	       NSEC_PER_MSEC;
}

static void sleep_ns(u64 duration)
{
	struct timespec time = {
		.tv_sec = duration / (1000 * NSEC_PER_MSEC),
		.tv_nsec = duration % (1000 * NSEC_PER_MSEC),
	};

	nanosleep(&time, NULL);
}

static void add_result(struct stress_result *result, u64 ops)
{
	result->ops += ops;
	if (ops < result->ops_min)
		result->ops_min = ops;
	if (ops > result->ops_max)
		result->ops_max = ops;
}

/**
 * stress_run() - run threads until the time is up
 * @threads: how many
 * @body: what each of them does; it returns soon after stress_stopped()
 * @shared: for the body, as thread->shared
 *
 * The duration is 100 ms, or that of the environment variable STRESS_MS.
 *
 * Return: what the threads counted in thread->ops.
 */
struct stress_result stress_run(unsigned int threads, stress_body_t body,
				void *shared)
{
	struct stress_result result = { .ops_min = UINT64_MAX };
	struct stress_start_info *info = calloc(threads, sizeof(*info));
	pthread_t *ids = calloc(threads, sizeof(*ids));
	unsigned int i;
	u64 start;

	if (!info || !ids)
		fail("no memory for threads");
	WRITE_ONCE(stopped, false);
	pthread_barrier_init(&start_line, NULL, threads + 1);
	for (i = 0; i < threads; i++) {
		info[i].thread.index = i;
		info[i].thread.seed = i + 1;
		info[i].thread.shared = shared;
		info[i].body = body;
		if (pthread_create(&ids[i], NULL, run_thread, &info[i]))
			fail("cannot create a thread");
	}

	pthread_barrier_wait(&start_line);
	start = platform_clock_ns();
	sleep_ns(duration_ns());
	WRITE_ONCE(stopped, true);
	for (i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		add_result(&result, info[i].thread.ops);
	}
	result.elapsed_ns = platform_clock_ns() - start;

	pthread_barrier_destroy(&start_line);
	free(ids);
	free(info);
	return result;
}

/**
 * stress_hold() - hold a lock for some time
 */
void stress_hold(void)
{
	unsigned int i;

	for (i = 0; i < STRESS_HOLD_LOOPS; i++)
		platform_relax();
}

/**
 * stress_critical_section() - what to do while holding the lock
 * @guarded: what the lock guards
 */
void stress_critical_section(struct stress_guarded *guarded)
{
	u64 value = guarded->first;

	if (guarded->second != value)
		guarded->violations++;
	stress_hold();
	guarded->first = value + 1;
	guarded->second = value + 1;
}

/**
 * stress_excluded() - did the lock exclude?
 * @guarded: what the lock guarded
 * @ops: how often threads were in the critical section
 *
 * Return: whether nobody ever saw another thread's doing.
 */
bool stress_excluded(const struct stress_guarded *guarded, u64 ops)
{
	if (guarded->first == ops && guarded->second == ops &&
	    !guarded->violations)
		return true;
	printf("# %llu operations, %llu and %llu counted, %llu violations seen\n",
	       (unsigned long long)ops,
	       (unsigned long long)guarded->first,
	       (unsigned long long)guarded->second,
	       (unsigned long long)guarded->violations);
	return false;
}
