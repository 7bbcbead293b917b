/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counting semaphores with a rank. Binary ones count to one.
 *
 * Waiting for one is checked like acquiring a lock of its rank. It is not held
 * afterwards, as anybody may raise it.
 */
#ifndef RANKED_SEMAPHORE_H
#define RANKED_SEMAPHORE_H

#include "../../../kernel/ticket_lock.h"
#include "wait_queue.h"

/**
 * struct ranked_semaphore - a semaphore
 * @guard: guards the rest
 * @count: how many may pass without waiting
 * @waiting: those who wait, first come, first served
 * @class: its name and rank
 */
struct ranked_semaphore {
	struct ticket_lock guard;
	u32 count;
	struct wait_queue waiting;
	const struct lock_class *class;
};

void ranked_semaphore_init(struct ranked_semaphore *semaphore,
			   const struct lock_class *class, u32 count);
void ranked_semaphore_pass(struct ranked_semaphore *semaphore,
			   const char *site);
bool ranked_semaphore_trydown(struct ranked_semaphore *semaphore);
void ranked_semaphore_up(struct ranked_semaphore *semaphore);

/* Lower the count, or wait until somebody raises it. */
#define ranked_semaphore_down(semaphore)				\
	ranked_semaphore_pass(semaphore, LOCK_SITE)

#endif /* RANKED_SEMAPHORE_H */
