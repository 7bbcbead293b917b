// SPDX-License-Identifier: GPL-2.0
/*
 * Barriers with a rank.
 *
 * Who comes last takes all others out of the queue, and then wakes them. Those
 * who enter the next round meanwhile find the queue empty.
 */
#include "ranked_barrier.h"

/**
 * ranked_barrier_init() - make a barrier
 * @barrier: the barrier
 * @class: its class, which outlives it
 * @parties: how many threads wait for each other
 */
void ranked_barrier_init(struct ranked_barrier *barrier,
			 const struct lock_class *class, u32 parties)
{
	*barrier = (struct ranked_barrier){
		.parties = parties, .class = class,
	};
}

/**
 * ranked_barrier_arrive() - wait until all have arrived
 * @barrier: the barrier
 * @site: where
 *
 * Return: true for the one thread of each round that came last.
 */
bool ranked_barrier_arrive(struct ranked_barrier *barrier, const char *site)
{
	struct wait_entry *others = NULL;
	struct wait_entry entry;
	bool last;

	lock_rank_check(barrier->class, site);
	ticket_lock(&barrier->guard);
	last = ++barrier->arrived == barrier->parties;
	if (last) {
		barrier->arrived = 0;
		others = wait_queue_take_all(&barrier->waiting);
	} else {
		wait_queue_append(&barrier->waiting, &entry);
	}
	ticket_unlock(&barrier->guard);

	if (last)
		wait_entries_wake(others);
	else
		wait_entry_block(&entry, barrier->class->rank);
	return last;
}
