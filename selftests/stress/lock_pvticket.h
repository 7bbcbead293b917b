/* SPDX-License-Identifier: GPL-2.0 */
/* The lock core as it is: spin, then halt by futex. */
#include "../../kernel/statistics.h"
#include "../../kernel/ticket_lock.h"
#include "counters.h"

#define STRESS_LOCK_NAME	"pvticket"

typedef struct ticket_lock stress_lock_t;

#define stress_init(lock)	ticket_lock_init(lock)
#define stress_lock(lock)	ticket_lock(lock)
#define stress_trylock(lock)	ticket_trylock(lock)
#define stress_unlock(lock)	ticket_unlock(lock)
#define stress_count(counters)	stress_count_ticket(counters)

static inline void stress_count_ticket(struct stress_counters *counters)
{
	struct ticket_statistics sum = { 0 };
	unsigned int cpu;

	for (cpu = 0; cpu < platform_nr_cpus(); cpu++)
		ticket_statistics_accumulate(&sum, platform_user_statistics(cpu));
	counters->halts = sum.taken_slow - sum.taken_slow_pickup;
	counters->kicks = sum.released_slow_kicked;
	counters->spurious = sum.taken_slow_spurious;
	counters->steals = sum.taken_overtaking;
}
