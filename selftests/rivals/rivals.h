/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all copies of the kernel's queued spinlock in one program share, and what
 * they have counted.
 */
#ifndef RIVALS_H
#define RIVALS_H

#include "kernel_api.h"

/* LOCKEVENT_pv_wait_head and so on, as in the kernel's debugfs. */
enum rival_event {
#include <kernel/locking/lock_events_list.h>
	RIVAL_EVENTS
};

/* Written by its CPU only, read by anyone. */
struct rival_events {
	u64 count[RIVAL_EVENTS];
} __aligned(SMP_CACHE_BYTES);

extern struct rival_events rival_events[CONFIG_NR_CPUS];

/**
 * rival_events_sum() - how often an event occurred
 * @event: LOCKEVENT_...
 *
 * Context: any.
 * Return: on all CPUs together, since the start.
 */
static inline u64 rival_events_sum(enum rival_event event)
{
	unsigned int cpu;
	u64 sum = 0;

	for (cpu = 0; cpu < platform_nr_cpus(); cpu++)
		sum += READ_ONCE(rival_events[cpu].count[event]);
	return sum;
}

#endif /* RIVALS_H */
