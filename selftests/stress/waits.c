// SPDX-License-Identifier: GPL-2.0
/*
 * Is it the paravirtualized lock that is measured?
 *
 * With more threads than CPUs its waiters halt, whoever unlocks kicks them, and
 * others take the lock out of turn meanwhile. A lock that never halts fails.
 */
#include "fixture.h"

#ifndef stress_count
#define stress_count(counters)	((void)(counters))
#endif

struct arena {
	stress_lock_t lock;
	struct stress_guarded guarded;
};

static void lock_body(struct stress_thread *thread)
{
	struct arena *arena = thread->shared;

	while (!stress_stopped()) {
		stress_lock(&arena->lock);
		stress_critical_section(&arena->guarded);
		stress_unlock(&arena->lock);
		thread->ops++;
	}
}

TEST(waiters_halt_and_are_kicked_and_overtaken)
{
	struct stress_counters counters = { 0 };
	struct stress_result result;
	struct arena arena = { 0 };

	stress_start();
	stress_configure();
	stress_init(&arena.lock);
	result = stress_run(STRESS_OVERCOMMIT * stress_cpus(), lock_body, &arena);
	stress_count(&counters);
	TH_LOG("%s: %llu halts, %llu kicks, %llu spurious, %llu steals", STRESS_LOCK_NAME,
	       (unsigned long long)counters.halts, (unsigned long long)counters.kicks,
	       (unsigned long long)counters.spurious, (unsigned long long)counters.steals);
	EXPECT_LT(0, counters.halts);
	EXPECT_LT(0, counters.kicks);
	EXPECT_LT(0, counters.steals);
	ASSERT_TRUE(stress_excluded(&arena.guarded, result.ops));
}

TEST_HARNESS_MAIN
