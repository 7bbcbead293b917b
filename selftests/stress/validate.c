// SPDX-License-Identifier: GPL-2.0
/*
 * Does the lock exclude, by lock() and by trylock()?
 */
#include "fixture.h"

struct arena {
	stress_lock_t lock;
	struct stress_guarded guarded;
};

static void lock_body(struct stress_thread *thread)
{
	struct arena *arena = thread->shared;

	stress_use(thread, &arena->lock, &arena->guarded);
}

TEST_F(stress, lock_excludes)
{
	struct stress_result result;
	struct arena arena = { 0 };

	stress_init(&arena.lock);
	result = stress_run(self->threads, lock_body, &arena);
	ASSERT_LT(0, result.ops);
	ASSERT_TRUE(stress_excluded(&arena.guarded, result.ops));
}

/* Half of the attempts by trylock; those that fail do not count. */
static void mixed_body(struct stress_thread *thread)
{
	struct arena *arena = thread->shared;

	do {
		if (stress_random(thread) % 2)
			stress_lock(&arena->lock);
		else if (!stress_trylock(&arena->lock))
			continue;
		stress_critical_section(&arena->guarded);
		stress_unlock(&arena->lock);
		thread->ops++;
	} while (!stress_stopped());
}

TEST_F(stress, lock_and_trylock_exclude)
{
	struct stress_result result;
	struct arena arena = { 0 };

	stress_init(&arena.lock);
	result = stress_run(self->threads, mixed_body, &arena);
	ASSERT_LT(0, result.ops);
	ASSERT_TRUE(stress_excluded(&arena.guarded, result.ops));
}

/* One attempt each, with the lock held by the main thread. */
static void trylock_body(struct stress_thread *thread)
{
	struct arena *arena = thread->shared;

	if (stress_trylock(&arena->lock)) {
		thread->ops++;
		stress_unlock(&arena->lock);
	}
}

TEST_F(stress, trylock_succeeds_when_free_only)
{
	struct arena arena = { 0 };

	stress_init(&arena.lock);
	ASSERT_TRUE(stress_trylock(&arena.lock));
	EXPECT_EQ(0, stress_run(1, trylock_body, &arena).ops);
	stress_unlock(&arena.lock);
	EXPECT_EQ(1, stress_run(1, trylock_body, &arena).ops);
	EXPECT_TRUE(stress_trylock(&arena.lock));
	stress_unlock(&arena.lock);
}

TEST_HARNESS_MAIN
