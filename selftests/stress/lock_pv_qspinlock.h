/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's own paravirtualized queued spinlock; see ../rivals. */
#include "../rivals/qspinlock.h"
#include "counters.h"

#define STRESS_LOCK_NAME	"pv_qspinlock"
#define stress_configure()	rival_init()

typedef struct qspinlock stress_lock_t;

#define stress_init(lock)	WRITE_ONCE((lock)->val.counter, 0)
#define stress_lock(lock)	queued_spin_lock(lock)
#define stress_trylock(lock)	queued_spin_trylock(lock)
#define stress_unlock(lock)	queued_spin_unlock(lock)
#define stress_count(counters)	stress_count_qspinlock(counters)

static inline void stress_count_qspinlock(struct stress_counters *counters)
{
	counters->halts = rival_events_sum(LOCKEVENT_pv_wait_node) +
			  rival_events_sum(LOCKEVENT_pv_wait_head);
	counters->kicks = rival_events_sum(LOCKEVENT_pv_kick_unlock);
	counters->spurious = rival_events_sum(LOCKEVENT_pv_spurious_wakeup) +
			     rival_events_sum(LOCKEVENT_pv_wait_again);
	counters->steals = rival_events_sum(LOCKEVENT_pv_lock_stealing);
}
