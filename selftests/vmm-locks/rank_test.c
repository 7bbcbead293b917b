// SPDX-License-Identifier: GPL-2.0
/*
 * Ranks: what is in order passes, what is not aborts and says why.
 */
#include "fixture.h"
#include "host/vmm/locks/lock_classes.h"
#include "host/vmm/locks/ranked_mutex.h"

static const struct lock_class low = { "low", 10 };
static const struct lock_class middle = { "middle", 20 };
static const struct lock_class high = { "high", 30 };

static struct ranked_mutex low_mutex, middle_mutex, high_mutex, other_middle;

FIXTURE(ranks) {
};

FIXTURE_SETUP(ranks)
{
	support_start();
	ranked_mutex_init(&low_mutex, &low);
	ranked_mutex_init(&middle_mutex, &middle);
	ranked_mutex_init(&other_middle, &middle);
	ranked_mutex_init(&high_mutex, &high);
}

FIXTURE_TEARDOWN(ranks)
{
	support_stop();
}

/* The table of the VMM's locks. */
static const struct lock_class *const table[] = {
#define LOCK_RANK(name, rank)	(&class_##name),
#include "host/vmm/locks/lock_ranks.h"
#undef LOCK_RANK
};

TEST_F(ranks, table_ascends)
{
	unsigned int i;

	for (i = 1; i < ARRAY_SIZE(table); i++) {
		EXPECT_LT(table[i - 1]->rank, table[i]->rank) {
			TH_LOG("%s comes after %s", table[i]->name,
			       table[i - 1]->name);
		}
	}
}

TEST_F(ranks, ascending_is_allowed)
{
	ranked_mutex_lock(&low_mutex);
	ranked_mutex_lock(&middle_mutex);
	ranked_mutex_lock(&high_mutex);
	/* In any order. */
	ranked_mutex_unlock(&middle_mutex);
	ranked_mutex_unlock(&high_mutex);
	ranked_mutex_lock(&middle_mutex);
	ranked_mutex_unlock(&middle_mutex);
	ranked_mutex_unlock(&low_mutex);
}

static void take_descending(void)
{
	ranked_mutex_lock(&low_mutex);
	ranked_mutex_lock(&high_mutex);
	ranked_mutex_lock(&middle_mutex);
}

TEST_F(ranks, descending_aborts)
{
	EXPECT_VIOLATION(take_descending, "takes middle, rank 20, at rank_test.c:");
	EXPECT_VIOLATION(take_descending, "but holds high, rank 30");
}

TEST_F(ranks, every_held_lock_is_printed)
{
	EXPECT_VIOLATION(take_descending, "it holds low, rank 10, taken at rank_test.c:");
	EXPECT_VIOLATION(take_descending, "it holds high, rank 30, taken at rank_test.c:");
	EXPECT_VIOLATION(take_descending, "thread main ");
}

static void take_equal(void)
{
	ranked_mutex_lock(&middle_mutex);
	ranked_mutex_lock(&other_middle);
}

static void take_twice(void)
{
	ranked_mutex_lock(&middle_mutex);
	ranked_mutex_lock(&middle_mutex);
}

TEST_F(ranks, equal_aborts)
{
	EXPECT_VIOLATION(take_equal, "takes middle, rank 20,");
	EXPECT_VIOLATION(take_twice, "takes middle, rank 20,");
}

TEST_F(ranks, trying_is_not_a_violation)
{
	ranked_mutex_lock(&high_mutex);
	ASSERT_TRUE(ranked_mutex_trylock(&middle_mutex));
	ranked_mutex_unlock(&middle_mutex);
	ranked_mutex_unlock(&high_mutex);
}

static void take_above_what_was_tried(void)
{
	ranked_mutex_lock(&high_mutex);
	if (ranked_mutex_trylock(&low_mutex))
		ranked_mutex_lock(&middle_mutex);
}

TEST_F(ranks, what_was_tried_does_not_hide_the_highest)
{
	EXPECT_VIOLATION(take_above_what_was_tried, "but holds high, rank 30");
}

static void release_unheld(void)
{
	ranked_mutex_lock(&low_mutex);
	ranked_mutex_unlock(&middle_mutex);
}

TEST_F(ranks, releasing_what_is_not_held_aborts)
{
	EXPECT_VIOLATION(release_unheld, "releases middle, which it does not hold");
}

static void exit_holding(void)
{
	ranked_mutex_lock(&low_mutex);
	lock_thread_exit();
}

TEST_F(ranks, ending_with_a_lock_aborts)
{
	EXPECT_VIOLATION(exit_holding, "may hold no lock");
}

static void take_unentered(void)
{
	lock_thread_exit();
	ranked_mutex_lock(&low_mutex);
}

TEST_F(ranks, unknown_thread_aborts)
{
	EXPECT_VIOLATION(take_unentered, "thread unknown at ");
	EXPECT_VIOLATION(take_unentered, "call lock_thread_enter() first");
}

static void hold_too_many(void)
{
	struct ranked_mutex mutex[LOCK_THREAD_MAX_HELD + 1];
	unsigned int i;

	for (i = 0; i <= LOCK_THREAD_MAX_HELD; i++) {
		ranked_mutex_init(&mutex[i], &low);
		if (!ranked_mutex_trylock(&mutex[i]))
			return;
	}
}

TEST_F(ranks, too_many_locks_abort)
{
	EXPECT_VIOLATION(hold_too_many, "holds too many locks");
}

#define ATTEMPTS	1000

/* A bit for each attempt that failed; returns how many. */
static u32 try_often(u64 failed[ATTEMPTS / 64 + 1])
{
	u32 count = 0;
	u32 i;

	memset(failed, 0, (ATTEMPTS / 64 + 1) * sizeof(*failed));
	for (i = 0; i < ATTEMPTS; i++) {
		if (ranked_mutex_trylock(&low_mutex)) {
			ranked_mutex_unlock(&low_mutex);
			continue;
		}
		failed[i / 64] |= 1ULL << i % 64;
		count++;
	}
	return count;
}

TEST_F(ranks, trylock_fails_as_often_as_told)
{
	u64 failed[ATTEMPTS / 64 + 1];
	u32 count;

	EXPECT_EQ(0, try_often(failed));
	lock_faults_set(200, 1);
	count = try_often(failed);
	EXPECT_LT(100, count);
	EXPECT_GT(300, count);
	lock_faults_set(1000, 1);
	EXPECT_EQ(ATTEMPTS, try_often(failed));
	lock_faults_set(0, 1);
	EXPECT_EQ(0, try_often(failed));
}

TEST_F(ranks, same_seed_same_failures)
{
	u64 first[ATTEMPTS / 64 + 1], again[ATTEMPTS / 64 + 1];
	u64 other[ATTEMPTS / 64 + 1];

	lock_faults_set(200, 7);
	try_often(first);
	lock_faults_set(200, 7);
	try_often(again);
	lock_faults_set(200, 8);
	try_often(other);
	EXPECT_EQ(0, memcmp(first, again, sizeof(first)));
	EXPECT_NE(0, memcmp(first, other, sizeof(first)));
}

TEST_HARNESS_MAIN
