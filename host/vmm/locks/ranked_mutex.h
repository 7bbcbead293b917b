/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mutexes with ranks: ticket locks that spin for a bounded time and then
 * block, in the order of lock_rank.h, and serve crosscalls while blocked.
 *
 * Uncontended, they are the ticket lock's fast paths and nothing else, unless
 * ranks are checked.
 */
#ifndef RANKED_MUTEX_H
#define RANKED_MUTEX_H

#include "lock_fault.h"
#include "lock_thread.h"
#include "../../../kernel/ticket_lock.h"

/**
 * struct ranked_mutex - a mutex; its owner must not acquire it again
 * @lock: the lock
 * @class: its name and rank
 */
struct ranked_mutex {
	struct ticket_lock lock;
	const struct lock_class *class;
};

void ranked_mutex_block(struct ranked_mutex *mutex);
bool ranked_mutex_acquire_try(struct ranked_mutex *mutex, const char *site);

/**
 * ranked_mutex_init() - make a mutex that nobody holds
 * @mutex: the mutex
 * @class: its class, which outlives it
 */
static inline void ranked_mutex_init(struct ranked_mutex *mutex,
				     const struct lock_class *class)
{
	ticket_lock_init(&mutex->lock);
	mutex->class = class;
}

/* ranked_mutex_lock() for a caller that knows where it was called. */
static inline void ranked_mutex_acquire(struct ranked_mutex *mutex,
					const char *site)
	__acquires(mutex)
{
	lock_rank_check(mutex->class, site);
	if (unlikely(!ticket_trylock(&mutex->lock)))
		ranked_mutex_block(mutex);
	lock_rank_push(mutex->class, mutex, site);
}

/* Acquire a mutex, waiting for it if need be. */
#define ranked_mutex_lock(mutex)	ranked_mutex_acquire(mutex, LOCK_SITE)

/*
 * Acquire a mutex if it is free. Its rank is not checked, as nobody waits.
 * With lock_faults_set(), it sometimes fails although the mutex is free.
 */
#define ranked_mutex_trylock(mutex)					\
	(!lock_fault() && ranked_mutex_acquire_try(mutex, LOCK_SITE))

/**
 * ranked_mutex_unlock() - release a mutex
 * @mutex: a mutex that the caller holds
 *
 * The next owner may free it at once.
 */
static inline void ranked_mutex_unlock(struct ranked_mutex *mutex)
	__releases(mutex)
{
	lock_rank_pop(mutex->class, mutex);
	ticket_unlock(&mutex->lock);
}

#define ranked_mutex_assert_held(mutex)					\
	lock_rank_assert_held((mutex)->class, mutex, LOCK_SITE)

#endif /* RANKED_MUTEX_H */
