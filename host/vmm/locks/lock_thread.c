// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that use ranked locks.
 */
#include "lock_thread.h"
#include "../../../kernel/ticket_core.h"

struct lock_thread *lock_threads;

/**
 * locks_init() - prepare for ranked locks
 * @spin_ns: how long a waiter spins before it blocks while the same one is
 *	first in line, in nanoseconds
 *
 * Context: before any other thread uses a lock.
 * Return: 0, or -ENOMEM.
 */
int locks_init(u32 spin_ns)
{
	if (ticket_init())
		return -ENOMEM;
	lock_threads = platform_zalloc(sizeof(*lock_threads) *
				       platform_nr_cpus());
	if (!lock_threads) {
		ticket_exit();
		return -ENOMEM;
	}
	ticket_set_spin_ns(spin_ns);
	return 0;
}

/**
 * locks_exit() - undo locks_init()
 *
 * Context: no thread uses a lock any more.
 */
void locks_exit(void)
{
	platform_free(lock_threads);
	lock_threads = NULL;
	ticket_exit();
}

/**
 * lock_thread_enter() - let the calling thread use ranked locks
 * @name: for reports; not copied
 *
 * Return: 0, or -EAGAIN if there are too many such threads.
 */
int lock_thread_enter(const char *name)
{
	struct lock_thread *thread;
	int cpu = platform_user_register();

	if (cpu < 0)
		return cpu;
	thread = lock_thread();
	thread->name = name;
	thread->blocked_rank = LOCK_RANK_NONE;
	thread->inbox = NULL;
#ifdef LOCK_RANK_CHECK
	WRITE_ONCE(thread->fault_state, 0);
	thread->nr_held = 0;
#endif
	return 0;
}

/**
 * lock_thread_exit() - undo lock_thread_enter()
 *
 * The thread holds no lock any more.
 */
void lock_thread_exit(void)
{
	lock_rank_assert_none(LOCK_SITE);
	platform_user_unregister();
}
