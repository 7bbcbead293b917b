// SPDX-License-Identifier: GPL-2.0
/*
 * How many operations per second, and how long do threads wait?
 *
 * The figures are for information. What is tested is that each operation was
 * counted once, and that nobody starves.
 */
#include "fixture.h"

#define HISTOGRAM_BUCKETS	48

struct arena {
	stress_lock_t lock;
	struct stress_guarded guarded;
	/* Guarded by lock: waits of [2^i, 2^(i+1)) ns. */
	u64 waits[HISTOGRAM_BUCKETS];
	u64 wait_max_ns;
};

static void throughput_body(struct stress_thread *thread)
{
	struct arena *arena = thread->shared;

	stress_use(thread, &arena->lock, &arena->guarded);
}

TEST_F(stress, throughput)
{
	struct stress_result result;
	struct arena arena = { 0 };

	stress_init(&arena.lock);
	result = stress_run(self->threads, throughput_body, &arena);
	TH_LOG("%s, %u threads: %.0f operations/s, per thread %llu to %llu",
	       STRESS_LOCK_NAME, self->threads,
	       result.ops * 1e9 / result.elapsed_ns,
	       (unsigned long long)result.ops_min,
	       (unsigned long long)result.ops_max);
	ASSERT_LT(0, result.ops_min);
	ASSERT_TRUE(stress_excluded(&arena.guarded, result.ops));
}

static void count_wait(struct arena *arena, u64 wait_ns)
{
	unsigned int bucket = 63 - __builtin_clzll(wait_ns | 1);

	if (bucket >= HISTOGRAM_BUCKETS)
		bucket = HISTOGRAM_BUCKETS - 1;
	arena->waits[bucket]++;
	if (wait_ns > arena->wait_max_ns)
		arena->wait_max_ns = wait_ns;
}

static void latency_body(struct stress_thread *thread)
{
	struct arena *arena = thread->shared;

	do {
		u64 start = platform_clock_ns();

		stress_lock(&arena->lock);
		count_wait(arena, platform_clock_ns() - start);
		stress_critical_section(&arena->guarded);
		stress_unlock(&arena->lock);
		thread->ops++;
	} while (!stress_stopped());
}

static u64 waits_total(const struct arena *arena)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		sum += arena->waits[i];
	return sum;
}

/* The upper end of the bucket in which that many of 1000 waits have ended. */
static u64 percentile_ns(const struct arena *arena, unsigned int permille)
{
	u64 rest = waits_total(arena) * permille / 1000;
	unsigned int i;

	for (i = 0; i < HISTOGRAM_BUCKETS - 1 && arena->waits[i] <= rest; i++)
		rest -= arena->waits[i];
	return 2ULL << i;
}

TEST_F(stress, latency)
{
	struct stress_result result;
	struct arena arena = { 0 };

	stress_init(&arena.lock);
	result = stress_run(self->threads, latency_body, &arena);
	TH_LOG("%s, %u threads: waits p50 < %llu ns, p99 < %llu ns, max %llu ns",
	       STRESS_LOCK_NAME, self->threads,
	       (unsigned long long)percentile_ns(&arena, 500),
	       (unsigned long long)percentile_ns(&arena, 990),
	       (unsigned long long)arena.wait_max_ns);
	EXPECT_EQ(result.ops, waits_total(&arena));
	ASSERT_TRUE(stress_excluded(&arena.guarded, result.ops));
}

TEST_HARNESS_MAIN
