// SPDX-License-Identifier: GPL-2.0
/*
 * Mutexes with ranks: what is not on the fast path.
 */
#include "ranked_mutex.h"

/**
 * ranked_mutex_block() - acquire a mutex that was not free
 * @mutex: the mutex
 *
 * A crosscall that the thread serves meanwhile is to the ticket lock what an
 * interrupt handler is to one in a kernel. It takes only locks of higher
 * ranks, so never this one.
 */
void ranked_mutex_block(struct ranked_mutex *mutex)
{
	struct lock_thread *thread = lock_thread();

	thread->blocked_rank = mutex->class->rank;
	ticket_lock(&mutex->lock);
	thread->blocked_rank = LOCK_RANK_NONE;
}

/**
 * ranked_mutex_acquire_try() - acquire a mutex if it is free
 * @mutex: the mutex
 * @site: where
 *
 * Never fails on purpose; see ranked_mutex_trylock().
 *
 * Return: whether the caller now holds it.
 */
bool ranked_mutex_acquire_try(struct ranked_mutex *mutex, const char *site)
{
	if (!ticket_trylock(&mutex->lock))
		return false;
	lock_rank_push(mutex->class, mutex, site);
	return true;
}
