/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the stress tests share: threads that run against the clock, and the
 * critical section that they all use.
 *
 * Each test is compiled once per lock. STRESS_LOCK_HEADER names a header that
 * defines stress_lock_t, STRESS_LOCK_NAME, stress_init(), stress_lock(),
 * stress_trylock(), stress_unlock(), and if need be stress_configure().
 */
#ifndef STRESS_HARNESS_H
#define STRESS_HARNESS_H

#include "../../kernel/platform/platform.h"

#ifdef STRESS_LOCK_HEADER
#include STRESS_LOCK_HEADER
#ifndef stress_configure
#define stress_configure()		do { } while (0)
#endif
#endif

/* How many threads per CPU when there are too many. */
#define STRESS_OVERCOMMIT	4
#define STRESS_CACHE_LINE	64

struct stress_thread {
	unsigned int index;
	unsigned int seed;
	void *shared;
	u64 ops;
};

typedef void (*stress_body_t)(struct stress_thread *thread);

struct stress_result {
	u64 ops;
	u64 ops_min;
	u64 ops_max;
	u64 elapsed_ns;
};

void stress_start(void);
unsigned int stress_cpus(void);
bool stress_stopped(void);
unsigned int stress_random(struct stress_thread *thread);
struct stress_result stress_run(unsigned int threads, stress_body_t body,
				void *shared);

/*
 * Guarded by a lock: plain accesses only, so that a sanitizer sees them, and
 * far apart, so that a second owner is likely to see them disagree.
 */
struct stress_guarded {
	u64 first;
	char distance[STRESS_CACHE_LINE];
	u64 second;
	u64 violations;
};

void stress_hold(void);
void stress_critical_section(struct stress_guarded *guarded);
bool stress_excluded(const struct stress_guarded *guarded, u64 ops);

#endif /* STRESS_HARNESS_H */
