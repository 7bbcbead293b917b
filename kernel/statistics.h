/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Per-CPU 64-bit statistics of the lock core.
 *
 * A platform says where a CPU's struct ticket_statistics is
 * (PLATFORM_DECLARE_STATISTICS) and how a field of the current CPU's is added
 * to (platform_statistics_add(field, amount)); it must cope with interrupts
 * that nest. Counting is done in slow paths only.
 */
#ifndef TICKET_STATISTICS_H
#define TICKET_STATISTICS_H

#include "platform/platform.h"

/* Bucket i of histo_blocked counts halts of [2^i, 2^(i+1)) microseconds. */
#define TICKET_HISTO_BUCKETS	24

struct ticket_statistics {
#define TICKET_COUNTER(name) u64 name;
#include "statistics_list.h"
#undef TICKET_COUNTER
	u64 histo_blocked[TICKET_HISTO_BUCKETS];
};

PLATFORM_DECLARE_STATISTICS

#define ticket_count_add(name, amount)	platform_statistics_add(name, amount)
#define ticket_count(name)		ticket_count_add(name, 1)

u64 ticket_ns_since(u64 then);
void ticket_count_blocked(u64 blocked_ns);
void ticket_statistics_accumulate(struct ticket_statistics *sum,
				  const struct ticket_statistics *one);

#endif /* TICKET_STATISTICS_H */
