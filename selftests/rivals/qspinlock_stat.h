/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the kernel's queued spinlock counts what it does: in its place, counters
 * of ours for the same events, which need no debugfs.
 */
#ifndef RIVALS_QSPINLOCK_STAT_H
#define RIVALS_QSPINLOCK_STAT_H

#include "rivals.h"

#define lockevent_add(event, amount)					\
	((void)(rival_events[smp_processor_id()].count[LOCKEVENT_##event] += (amount)))
#define lockevent_inc(event)		lockevent_add(event, 1)
#define lockevent_cond_inc(event, condition)				\
	lockevent_add(event, (condition) ? 1 : 0)
#define lockevent_pv_hop(hops)		lockevent_add(pv_hash_hops, hops)

#endif /* RIVALS_QSPINLOCK_STAT_H */
