/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of all tests: as many threads as CPUs, and four times as many.
 */
#ifndef STRESS_FIXTURE_H
#define STRESS_FIXTURE_H

#include "../harness.h"
#include "harness.h"

FIXTURE(stress) {
	unsigned int threads;
};

FIXTURE_VARIANT(stress) {
	unsigned int threads_per_cpu;
};

FIXTURE_VARIANT_ADD(stress, fitting) {
	.threads_per_cpu = 1,
};

FIXTURE_VARIANT_ADD(stress, oversubscribed) {
	.threads_per_cpu = STRESS_OVERCOMMIT,
};

FIXTURE_SETUP(stress)
{
	self->threads = stress_cpus() * variant->threads_per_cpu;
	stress_start();
	stress_configure();
}

FIXTURE_TEARDOWN(stress)
{
}

/**
 * stress_use() - use the lock until the test ends, and count
 * @thread: the calling one
 * @lock: the lock
 * @guarded: what it guards
 */
static inline void stress_use(struct stress_thread *thread, stress_lock_t *lock,
			      struct stress_guarded *guarded)
{
	do {
		stress_lock(lock);
		stress_critical_section(guarded);
		stress_unlock(lock);
		thread->ops++;
	} while (!stress_stopped());
}

#endif /* STRESS_FIXTURE_H */
