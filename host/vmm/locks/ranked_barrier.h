/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Barriers with a rank: threads wait until as many as agreed have come.
 */
#ifndef RANKED_BARRIER_H
#define RANKED_BARRIER_H

#include "../../../kernel/ticket_lock.h"
#include "wait_queue.h"

/**
 * struct ranked_barrier - a barrier, for any number of rounds
 * @guard: guards the rest
 * @parties: how many threads wait for each other
 * @arrived: how many of them are here in this round
 * @waiting: these
 * @class: its name and rank
 */
struct ranked_barrier {
	struct ticket_lock guard;
	u32 parties;
	u32 arrived;
	struct wait_queue waiting;
	const struct lock_class *class;
};

void ranked_barrier_init(struct ranked_barrier *barrier,
			 const struct lock_class *class, u32 parties);
bool ranked_barrier_arrive(struct ranked_barrier *barrier, const char *site);

/* Wait for the others; true for the one thread of each round that came last. */
#define ranked_barrier_enter(barrier)					\
	ranked_barrier_arrive(barrier, LOCK_SITE)

#endif /* RANKED_BARRIER_H */
