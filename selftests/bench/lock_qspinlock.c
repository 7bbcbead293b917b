// SPDX-License-Identifier: GPL-2.0
/*
 * The uncontended paths of the kernel's queued spinlock, as instructions.
 *
 * Lock: compare-and-exchange the word from 0 to 1. Unlock: store 0 to the
 * lowest byte, or under PV, compare-and-exchange it from 1 to 0 in a function
 * of its own, which the kernel's unlock calls directly once it is patched.
 */
#include <stdlib.h>

#include "platform/platform.h"
#include "bench.h"

#define LOCKED	1U

struct qspinlock {
	union {
		u32 value;
		uint8_t locked;
	};
};

static struct qspinlock lock __aligned(64);

static __always_inline void qspinlock_lock(struct qspinlock *lock)
{
	u32 expected = 0;

	/* There is one thread, so there is no slow path. */
	if (unlikely(!try_cmpxchg(&lock->value, &expected, LOCKED)))
		abort();
}

static __always_inline void qspinlock_unlock(struct qspinlock *lock)
{
	/* Pairs with try_cmpxchg() in qspinlock_lock(). */
	smp_store_release(&lock->locked, (uint8_t)0);
}

static __attribute__((__noinline__)) void
pv_qspinlock_unlock(struct qspinlock *lock)
{
	uint8_t expected = LOCKED;

	if (unlikely(!try_cmpxchg(&lock->locked, &expected, (uint8_t)0)))
		abort();
}

static void run_native(uint64_t pairs)
{
	while (pairs--) {
		qspinlock_lock(&lock);
		qspinlock_unlock(&lock);
	}
}

static void run_pv(uint64_t pairs)
{
	while (pairs--) {
		qspinlock_lock(&lock);
		pv_qspinlock_unlock(&lock);
	}
}

const struct bench_lock bench_qspinlock = { "qspinlock", run_native };
const struct bench_lock bench_pv_qspinlock = { "pv-qspinlock", run_pv };
