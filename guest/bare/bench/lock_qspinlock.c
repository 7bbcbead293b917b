// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's own queued spinlock, paravirtualized, out of its source package; see
 * selftests/rivals. Its waiters halt and are kicked as all others here.
 */
#include "../../../selftests/rivals/qspinlock.h"
#include "lock.h"
#include "loop.h"

#define TUNED_THRESHOLD	4096

static __always_inline struct qspinlock *lock_of(union bench_lock_word *word)
{
	return (struct qspinlock *)&word->word;
}

static __always_inline void pv_qspinlock_lock(union bench_lock_word *word)
{
	queued_spin_lock(lock_of(word));
}

static __always_inline void pv_qspinlock_unlock(union bench_lock_word *word)
{
	queued_spin_unlock(lock_of(word));
}

static void pv_qspinlock_loop(struct bench_thread *thread)
{
	static const struct bench_primitive pv_qspinlock = {
		pv_qspinlock_lock, pv_qspinlock_unlock, NULL
	};

	bench_loop(thread, &pv_qspinlock);
}

static void prepare_tuned(void)
{
	rival_init();
	platform_spin_threshold = TUNED_THRESHOLD;
}

/**
 * bench_lock_stealing() - how often a vCPU has taken such a lock out of turn
 * @number: of the vCPU
 *
 * Return: since the start.
 */
u64 bench_lock_stealing(unsigned int number)
{
	return rival_events[number].count[LOCKEVENT_pv_lock_stealing];
}

const struct bench_lock bench_lock_pv_qspinlock = {
	.name = "pv-qspinlock",
	.implementation = "PV qspinlock of Linux " BENCH_RELEASE ", 2^15 loops",
	.prepare = rival_init,
	.loop = pv_qspinlock_loop,
	.has_holder = true,
};

const struct bench_lock bench_lock_pv_qspinlock_tuned = {
	.name = "pv-qspinlock-tuned",
	.implementation = "PV qspinlock of Linux " BENCH_RELEASE ", 2^12 loops",
	.prepare = prepare_tuned,
	.loop = pv_qspinlock_loop,
	.has_holder = true,
};
