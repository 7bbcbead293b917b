// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's own queued spinlock as it is on hardware: nobody ever halts.
 */
#define RIVAL_NATIVE
#include "../../../selftests/rivals/qspinlock.h"
#include "lock.h"
#include "loop.h"

static __always_inline struct qspinlock *lock_of(union bench_lock_word *word)
{
	return (struct qspinlock *)&word->word;
}

static __always_inline void native_qspinlock_lock(union bench_lock_word *word)
{
	queued_spin_lock(lock_of(word));
}

static __always_inline void native_qspinlock_unlock(union bench_lock_word *word)
{
	queued_spin_unlock(lock_of(word));
}

static void native_qspinlock_loop(struct bench_thread *thread)
{
	static const struct bench_primitive native_qspinlock = {
		native_qspinlock_lock, native_qspinlock_unlock, NULL
	};

	bench_loop(thread, &native_qspinlock);
}

const struct bench_lock bench_lock_qspinlock = {
	.name = "qspinlock",
	.implementation = "native qspinlock of Linux " BENCH_RELEASE,
	.loop = native_qspinlock_loop,
	.has_holder = true,
};
