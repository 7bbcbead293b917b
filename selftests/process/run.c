// SPDX-License-Identifier: GPL-2.0
/*
 * A run: threads on some CPUs that take locks until the time is up.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <time.h>

#include "../../guest/lockbench/windows.h"
#include "run.h"
#include "work.h"

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL
/* Before the warm-up, for all threads to arrive. */
#define START_DELAY_MS	10

static noreturn void fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", run_lock.name, what);
	exit(EXIT_FAILURE);
}

static void *zalloc(size_t size)
{
	void *memory = platform_zalloc((size + RUN_CACHE_LINE - 1) & -(size_t)RUN_CACHE_LINE);

	if (!memory)
		fail("no memory for the threads");
	return memory;
}

static double hold_factor(const struct run_config *config, u32 index)
{
	switch (config->distribution) {
	case RUN_EXPONENTIAL:
		return -log((index + 0.5) / RUN_HOLDS);
	case RUN_RARE:
		return index < RUN_HOLDS / RUN_RARE_ONE_IN ? RUN_RARE_FACTOR : 1;
	default:
		return 1;
	}
}

static void plan_work(struct run *run)
{
	const struct run_config *config = &run->config;
	u32 i;

	run->think_iterations = lround(config->think_ns * work_iterations_per_ns());
	for (i = 0; i < RUN_HOLDS; i++)
		run->hold_iterations[i] = lround(config->hold_ns *
						 hold_factor(config, i) *
						 work_iterations_per_ns());
}

/* When measuring begins and ends; all threads have arrived. */
static void plan_time(struct run *run)
{
	const struct run_config *config = &run->config;
	double cycles_per_ms = clock_cycles_per_ns() * NSEC_PER_MSEC;
	u32 i;

	run->begin = clock_cycles() +
		     (config->warmup_ms + START_DELAY_MS) * cycles_per_ms;
	run->end = run->begin + config->duration_ms * cycles_per_ms;
	run->window_cycles = (run->end - run->begin) / run->windows + 1;
	for (i = 0; i < config->threads; i++)
		run->thread[i].window_end = run->begin + run->window_cycles;
}

static void *thread_main(void *data)
{
	struct run_thread *thread = data;

	if (platform_user_register() < 0)
		fail("too many threads");
	pthread_barrier_wait(&thread->run->start_line);
	/* Until the times are planned. */
	pthread_barrier_wait(&thread->run->start_line);
	run_lock.loop(thread);
	platform_user_unregister();
	return NULL;
}

static void create_threads(struct run *run)
{
	u32 i;

	for (i = 0; i < run->config.threads; i++) {
		struct run_thread *thread = &run->thread[i];

		thread->run = run;
		thread->number = i;
		thread->random = (i + 1) * 2654435761U;
		thread->window_ops = zalloc(run->windows * sizeof(u64));
		if (pthread_create(&thread->id, NULL, thread_main, thread))
			fail("a thread cannot be created; see ulimit -u");
	}
}

static void sleep_until(u64 cycles)
{
	u64 now = clock_cycles();
	struct timespec rest;
	u64 ns;

	if (now >= cycles)
		return;
	ns = (cycles - now) / clock_cycles_per_ns();
	rest = (struct timespec){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };
	nanosleep(&rest, NULL);
}

static u64 since_boot_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static void count_progress(const struct run *run, struct run_result *result)
{
	const u32 threads = run->config.threads;
	u32 window, i;

	for (window = 0; window < run->windows; window++) {
		u64 total = 0;

		for (i = 0; i < threads; i++)
			total += run->thread[i].window_ops[window];
		for (i = 0; i < threads; i++) {
			u64 ops = run->thread[i].window_ops[window];

			result->ops += ops;
			result->thread_ops[i] += ops;
			if (bench_starved(ops, total, threads))
				result->starved++;
		}
	}
	result->windows = (u64)run->windows * threads;
}

static void collect(const struct run *run, struct run_result *result)
{
	u32 i;

	count_progress(run, result);
	for (i = 0; i < run->config.threads; i++) {
		histogram_merge(&result->wait, &run->thread[i].wait);
		result->violations += run->thread[i].violations;
	}
}

static struct run *create_run(const struct run_config *config)
{
	struct run *run = zalloc(sizeof(*run));
	u32 i;

	run->config = *config;
	run->windows = bench_windows(config->duration_ms);
	run->thread = zalloc(config->threads * sizeof(*run->thread));
	run->slots = zalloc(config->locks * run_lock.slot_bytes);
	for (i = 0; i < config->locks; i++)
		run_lock.init((char *)run->slots + i * run_lock.slot_bytes);
	pthread_barrier_init(&run->start_line, NULL, config->threads + 1);
	plan_work(run);
	return run;
}

static void destroy_run(struct run *run)
{
	u32 i;

	for (i = 0; i < run->config.threads; i++)
		platform_free(run->thread[i].window_ops);
	pthread_barrier_destroy(&run->start_line);
	platform_free(run->slots);
	platform_free(run->thread);
	platform_free(run);
}

/**
 * run_measure() - do one run
 * @config: what
 * @result: zero; what came out
 *
 * Work has been calibrated. The process is confined to @config->cpus. It ends
 * with a message if it cannot have the memory or the threads.
 */
void run_measure(const struct run_config *config, struct run_result *result)
{
	double speed = work_iterations_per_ns();
	struct run_usage before = { 0 };
	struct run *run = create_run(config);
	u32 i;

	create_threads(run);
	pthread_barrier_wait(&run->start_line);
	plan_time(run);
	pthread_barrier_wait(&run->start_line);
	sleep_until(run->begin);
	result->began_ns = since_boot_ns();
	usage_read(config, &before);
	sleep_until(run->end);
	usage_read(config, &result->used);
	sleep_until(run->end + config->cooldown_ms * clock_cycles_per_ns() *
			       NSEC_PER_MSEC);
	WRITE_ONCE(run->stop, true);
	for (i = 0; i < config->threads; i++)
		pthread_join(run->thread[i].id, NULL);

	usage_subtract(&result->used, &before);
	collect(run, result);
	destroy_run(run);
	work_calibrate();
	result->drift = work_iterations_per_ns() / speed;
}
