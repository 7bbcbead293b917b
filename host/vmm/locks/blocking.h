/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting for something that another thread does: spin for a bounded time,
 * then block, and serve crosscalls while blocked.
 *
 * A thread that waits at rank R holds locks of lower ranks only, so it can run
 * whatever takes locks of rank R and higher. If it did not, the thread it waits
 * for might in turn wait for it to serve a crosscall.
 */
#ifndef BLOCKING_H
#define BLOCKING_H

#include "lock_thread.h"

/* Some microseconds: as long as a hand-over between running threads takes. */
#define BLOCKING_SPIN_LOOPS	128

/**
 * blocking_halt() - block until kicked, or for no reason
 * @rank: crosscalls of this rank and higher are served meanwhile
 *
 * Context: the condition that the caller waits for is followed by a
 * platform_kick() of this thread. A kick that comes first is not lost.
 */
static inline void blocking_halt(u16 rank)
{
	struct lock_thread *thread = lock_thread();

	thread->blocked_rank = rank;
	platform_halt(platform_irq_save());
	thread->blocked_rank = LOCK_RANK_NONE;
}

/* Wait at @rank until @condition; who makes it true kicks this thread. */
#define blocking_wait(rank, condition)					\
do {									\
	unsigned int __loops = BLOCKING_SPIN_LOOPS;			\
									\
	while (!(condition)) {						\
		if (__loops) {						\
			__loops--;					\
			platform_relax();				\
		} else {						\
			blocking_halt(rank);				\
		}							\
	}								\
} while (0)

#endif /* BLOCKING_H */
