// SPDX-License-Identifier: GPL-2.0
/*
 * Counting semaphores with a rank.
 *
 * Who raises a semaphore that somebody waits for wakes the one that has waited
 * longest, and leaves the count at 0: it cannot be overtaken. It does not touch
 * the semaphore after that, so who is woken may free it.
 */
#include "ranked_semaphore.h"
#include "lock_fault.h"

/**
 * ranked_semaphore_init() - make a semaphore
 * @semaphore: the semaphore
 * @class: its class, which outlives it
 * @count: how many may pass at first
 */
void ranked_semaphore_init(struct ranked_semaphore *semaphore,
			   const struct lock_class *class, u32 count)
{
	*semaphore = (struct ranked_semaphore){
		.count = count, .class = class,
	};
}

/**
 * ranked_semaphore_pass() - lower the count, waiting if it is 0
 * @semaphore: the semaphore
 * @site: where
 */
void ranked_semaphore_pass(struct ranked_semaphore *semaphore,
			   const char *site)
{
	struct wait_entry entry;

	lock_rank_check(semaphore->class, site);
	ticket_lock(&semaphore->guard);
	if (semaphore->count) {
		semaphore->count--;
		ticket_unlock(&semaphore->guard);
		return;
	}
	wait_queue_append(&semaphore->waiting, &entry);
	ticket_unlock(&semaphore->guard);
	wait_entry_block(&entry, semaphore->class->rank);
}

/**
 * ranked_semaphore_trydown() - lower the count if it is not 0
 * @semaphore: the semaphore
 *
 * With lock_faults_set(), it sometimes fails although it is not.
 *
 * Return: whether it did.
 */
bool ranked_semaphore_trydown(struct ranked_semaphore *semaphore)
{
	bool passes;

	if (lock_fault())
		return false;
	ticket_lock(&semaphore->guard);
	passes = semaphore->count;
	if (passes)
		semaphore->count--;
	ticket_unlock(&semaphore->guard);
	return passes;
}

/**
 * ranked_semaphore_up() - raise the count, or let one who waits pass
 * @semaphore: the semaphore
 */
void ranked_semaphore_up(struct ranked_semaphore *semaphore)
{
	struct wait_entry *entry;

	ticket_lock(&semaphore->guard);
	entry = wait_queue_take_first(&semaphore->waiting);
	if (!entry)
		semaphore->count++;
	ticket_unlock(&semaphore->guard);
	if (entry)
		wait_entry_wake(entry);
}
