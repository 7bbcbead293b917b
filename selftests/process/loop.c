// SPDX-License-Identifier: GPL-2.0
/*
 * The benchmark loop, compiled once per lock with the lock inlined into it, so
 * that all locks are measured by the same instructions.
 *
 * STRESS_LOCK_HEADER has the lock (see ../stress/harness.h), PROCESS_LOCK_NAME is
 * what it is called here, and PROCESS_RELEASE, whence it is if it is the kernel's.
 */
#include "../../kernel/platform/platform.h"
#include STRESS_LOCK_HEADER
#include "run.h"
#include "work.h"
#include "../../guest/lockbench/section.h"

/* What the program really measures, for the record. */
#ifdef PROCESS_RELEASE
#define IMPLEMENTATION	"kernel/locking/qspinlock.c of linux-source-" PROCESS_RELEASE \
			", SPIN_THRESHOLD " __stringify(SPIN_THRESHOLD)
#else
#define IMPLEMENTATION	STRESS_LOCK_NAME
#endif

struct run_slot {
	stress_lock_t lock __aligned(RUN_CACHE_LINE);
	struct bench_protected protected __aligned(RUN_CACHE_LINE);
};

static inline u32 next_random(struct run_thread *thread)
{
	/* Marsaglia's xorshift32. */
	thread->random ^= thread->random << 13;
	thread->random ^= thread->random >> 17;
	thread->random ^= thread->random << 5;
	return thread->random;
}

static inline struct run_slot *pick(struct run_thread *thread)
{
	const struct run *run = thread->run;
	u32 number = run->config.random ? next_random(thread) : thread->number;

	return (struct run_slot *)run->slots + number % run->config.locks;
}

/* 75 % to 125 % of the thinking time, so that threads do not run in step. */
static inline void think(struct run_thread *thread)
{
	u64 iterations = thread->run->think_iterations;

	work(iterations * (768 + (next_random(thread) & 511)) / 1024);
}

/* A wait that outlasts the run counts for as long as it lasts, an operation not. */
static inline void count(struct run_thread *thread, u64 start, u64 now)
{
	const struct run *run = thread->run;

	if (now < run->begin || start >= run->end)
		return;
	histogram_add(&thread->wait, now - start);
	if (now >= run->end)
		return;
	while (unlikely(now >= thread->window_end)) {
		thread->window++;
		thread->window_end += run->window_cycles;
	}
	thread->window_ops[thread->window]++;
}

static void lock_loop(struct run_thread *thread)
{
	const struct run *run = thread->run;

	while (!READ_ONCE(run->stop)) {
		struct run_slot *slot = pick(thread);
		u32 hold = run->hold_iterations[next_random(thread) % RUN_HOLDS];
		u64 start = clock_cycles();
		u64 now;

		stress_lock(&slot->lock);
		now = clock_cycles();
		if (unlikely(!bench_section(&slot->protected, thread->number, hold)))
			thread->violations++;
		stress_unlock(&slot->lock);

		count(thread, start, now);
		think(thread);
	}
}

static void init(void *slot)
{
	stress_init(&((struct run_slot *)slot)->lock);
}

static void configure(void)
{
#ifdef stress_configure
	stress_configure();
#endif
}

static void read_counters(struct stress_counters *counters)
{
#ifdef stress_count
	stress_count(counters);
#else
	(void)counters;
#endif
}

const struct run_lock run_lock = {
	.name = PROCESS_LOCK_NAME,
	.implementation = IMPLEMENTATION,
	.slot_bytes = sizeof(struct run_slot),
#ifdef stress_count
	.counts = true,
#endif
	.configure = configure,
	.init = init,
	.loop = lock_loop,
	.count = read_counters,
};
