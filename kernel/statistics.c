// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics of the lock core: the histogram, and summing up CPUs.
 */
#include "statistics.h"

#define NSEC_PER_HISTO_UNIT	1000

/**
 * ticket_ns_since() - how long ago a time was
 * @then: when platform_clock_ns() was read
 *
 * A clock may step back, say when a guest goes to another host.
 *
 * Context: any.
 * Return: nanoseconds; 0 if the clock has stepped back.
 */
u64 ticket_ns_since(u64 then)
{
	u64 now = platform_clock_ns();

	return now > then ? now - then : 0;
}

/**
 * ticket_count_blocked() - account one halt
 * @blocked_ns: how long it lasted, in nanoseconds
 *
 * Context: any, preemption disabled.
 */
void ticket_count_blocked(u64 blocked_ns)
{
	u64 rest = blocked_ns / NSEC_PER_HISTO_UNIT;
	unsigned int bucket = 0;

	while (rest > 1 && bucket < TICKET_HISTO_BUCKETS - 1) {
		rest >>= 1;
		bucket++;
	}
	ticket_count_add(time_blocked, blocked_ns);
	ticket_count(histo_blocked[bucket]);
}

/**
 * ticket_statistics_accumulate() - add one CPU's statistics to a sum
 * @sum: the sum so far
 * @one: statistics of a CPU, which may be counting meanwhile
 *
 * Context: any.
 */
void ticket_statistics_accumulate(struct ticket_statistics *sum,
				  const struct ticket_statistics *one)
{
	unsigned int i;

#define TICKET_COUNTER(name) sum->name += READ_ONCE(one->name);
#include "statistics_list.h"
#undef TICKET_COUNTER
	for (i = 0; i < TICKET_HISTO_BUCKETS; i++)
		sum->histo_blocked[i] += READ_ONCE(one->histo_blocked[i]);
}
