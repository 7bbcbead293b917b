// SPDX-License-Identifier: GPL-2.0
/*
 * Locks on ranges.
 */
#include "fixture.h"
#include "host/vmm/locks/range_lock.h"
#include "host/vmm/locks/ranked_mutex.h"

#define THREADS		8
#define ROUNDS		1500
#define NR_RANGES	16
#define RANGE		0x200000ULL

static const struct lock_class class = { "map", 10 };
static const struct lock_class above = { "above", 20 };

static struct range_lock locks;
static struct ranked_mutex above_mutex;
/* Plain: one for each range, guarded by it. */
static u64 guarded[NR_RANGES];
static u32 next_seed;
static u32 done;

FIXTURE(range) {
};

FIXTURE_VARIANT(range) {
	u32 shift;
};

FIXTURE_VARIANT_ADD(range, fine) {
	.shift = RANGE_LOCK_2M_SHIFT,
};

FIXTURE_VARIANT_ADD(range, global) {
	.shift = 63,
};

FIXTURE_SETUP(range)
{
	support_start();
	ASSERT_EQ(0, range_lock_init(&locks, &class, NR_RANGES * RANGE,
				     variant->shift));
	ranked_mutex_init(&above_mutex, &above);
}

FIXTURE_TEARDOWN(range)
{
	range_lock_destroy(&locks);
	support_stop();
}

static void touch(u64 first, u64 last)
{
	while (first <= last)
		guarded[first++]++;
}

/* What a thread does once, with random ranges; returns what it counted. */
static u64 use_ranges(u32 *seed)
{
	u64 first = support_random(seed) % NR_RANGES;
	u64 last = first + support_random(seed) % (NR_RANGES - first);
	u64 start = first * RANGE + support_random(seed) % RANGE;
	u64 length = last * RANGE + RANGE - start;

	switch (support_random(seed) % 4) {
	case 0:	/* one page */
		range_lock(&locks, start, 1);
		touch(first, first);
		range_unlock(&locks, start, 1);
		return 1;
	case 1:	/* several ranges */
		range_lock(&locks, start, length);
		touch(first, last);
		range_unlock(&locks, start, length);
		return last - first + 1;
	case 2:	/* one, then it again with those above */
		range_lock(&locks, start, 1);
		range_lock(&locks, start, length);
		touch(first, last);
		range_unlock(&locks, start, length);
		touch(first, first);
		range_unlock(&locks, start, 1);
		return last - first + 2;
	default: /* all, and some of them again */
		range_lock_all(&locks);
		range_lock(&locks, start, length);
		touch(0, NR_RANGES - 1);
		range_unlock(&locks, start, length);
		range_unlock_all(&locks);
		return NR_RANGES;
	}
}

static void storm(void *data)
{
	u64 *total = data;
	u32 seed = 2 * xadd(&next_seed, 1) + 1;
	u64 count = 0;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++)
		count += use_ranges(&seed);
	xadd(total, count);
}

TEST_F(range, excludes)
{
	u64 total = 0, sum = 0;
	unsigned int i;

	support_run_threads(THREADS, storm, &total);
	for (i = 0; i < NR_RANGES; i++)
		sum += guarded[i];
	EXPECT_EQ(total, sum);
}

static void take_second(void *data)
{
	(void)data;
	range_lock(&locks, RANGE, 1);
	support_publish(&done, 1);
	range_unlock(&locks, RANGE, 1);
}

TEST_F(range, others_are_not_affected)
{
	struct support_thread thread;

	range_lock(&locks, 0, 1);
	support_thread_start(&thread, "other", take_second, NULL);
	if (variant->shift == RANGE_LOCK_2M_SHIFT) {
		EXPECT_TRUE(support_becomes(&done, 1));
	} else {
		support_sleep_us(50000);
		EXPECT_EQ(0, READ_ONCE(done));
	}
	range_unlock(&locks, 0, 1);
	support_thread_join(&thread);
	EXPECT_EQ(1, done);
}

static void take_all(void *data)
{
	(void)data;
	range_lock_all(&locks);
	support_publish(&done, 1);
	range_unlock_all(&locks);
}

/* Somebody waits for everything; a holder goes on, again and upwards. */
TEST_F(range, holder_goes_on_while_all_are_wanted)
{
	struct support_thread thread;

	range_lock(&locks, 5 * RANGE, 1);
	support_thread_start(&thread, "all", take_all, NULL);
	support_sleep_us(20000);
	range_lock(&locks, 5 * RANGE, RANGE);
	range_lock(&locks, 9 * RANGE, 1);
	EXPECT_EQ(0, READ_ONCE(done));
	range_unlock(&locks, 9 * RANGE, 1);
	range_unlock(&locks, 5 * RANGE, RANGE);
	EXPECT_TRUE(range_is_mine(&locks, 5 * RANGE));
	range_unlock(&locks, 5 * RANGE, 1);
	support_thread_join(&thread);
	EXPECT_EQ(1, done);
	EXPECT_FALSE(range_is_mine(&locks, 5 * RANGE));
}

static void take_below(void)
{
	range_lock(&locks, 5 * RANGE, 1);
	range_lock(&locks, 3 * RANGE, 1);
}

static void take_above_rank(void)
{
	ranked_mutex_lock(&above_mutex);
	range_lock(&locks, 0, 1);
}

static void take_more_above_rank(void)
{
	range_lock(&locks, 0, 1);
	ranked_mutex_lock(&above_mutex);
	range_lock(&locks, 5 * RANGE, 1);
}

TEST_F(range, order_is_checked)
{
	EXPECT_VIOLATION(take_above_rank, "takes map, rank 10,");
	if (variant->shift != RANGE_LOCK_2M_SHIFT)
		return;
	EXPECT_VIOLATION(take_below, "takes a range of map");
	EXPECT_VIOLATION(take_below, "below one that it holds");
	EXPECT_VIOLATION(take_more_above_rank, "may hold nothing above map");
}

TEST_F(range, recursion_is_not_a_violation)
{
	range_lock(&locks, 0, 2 * RANGE);
	ranked_mutex_lock(&above_mutex);
	range_lock(&locks, 0, 1);
	range_unlock(&locks, 0, 1);
	ranked_mutex_unlock(&above_mutex);
	EXPECT_TRUE(range_is_mine(&locks, RANGE));
	range_unlock(&locks, 0, 2 * RANGE);
	EXPECT_FALSE(range_is_mine(&locks, 0));
}

TEST_HARNESS_MAIN
