// SPDX-License-Identifier: GPL-2.0
/*
 * The checker of ranks: a list of held locks for each thread.
 *
 * A lock that was tried is in the list, but may have been acquired out of
 * order: trying cannot deadlock. So the highest rank held is not always the
 * last one.
 */
#include "lock_rank.h"

#ifdef LOCK_RANK_CHECK

#include "lock_thread.h"

static void begin_report(const char *thread)
{
	platform_print("lock rank violation: thread %s ", thread);
}

static void print_held(const struct lock_thread *thread)
{
	unsigned int i = thread->nr_held;

	if (!i)
		platform_print("  it holds no lock\n");
	while (i--)
		platform_print("  it holds %s, rank %u, taken at %s\n",
			       thread->held[i].class->name,
			       thread->held[i].class->rank,
			       thread->held[i].site);
}

/**
 * lock_rank_report() - print what is wrong with all held locks, and abort
 * @format: two strings, as for printf
 * @first: the first
 * @second: the second
 */
void lock_rank_report(const char *format, const char *first,
		      const char *second)
{
	const struct lock_thread *thread = lock_thread();

	begin_report(thread->name);
	platform_print(format, first, second);
	platform_print("\n");
	print_held(thread);
	platform_abort();
}

static struct lock_thread *entered_thread(const char *site)
{
	if (platform_cpu() >= platform_nr_cpus()) {
		begin_report("unknown");
		platform_print("at %s; call lock_thread_enter() first\n", site);
		platform_abort();
	}
	return lock_thread();
}

/* The held lock whose rank is highest, or NULL. */
static const struct held_lock *highest_held(const struct lock_thread *thread)
{
	const struct held_lock *highest = NULL;
	unsigned int i;

	for (i = 0; i < thread->nr_held; i++) {
		if (!highest ||
		    thread->held[i].class->rank > highest->class->rank)
			highest = &thread->held[i];
	}
	return highest;
}

/**
 * lock_rank_check() - check that the thread may wait for a lock of this class
 * @class: the class
 * @site: where it wants to
 *
 * Aborts unless the rank is higher than that of each lock it holds.
 */
void lock_rank_check(const struct lock_class *class, const char *site)
{
	const struct lock_thread *thread = entered_thread(site);
	const struct held_lock *highest = highest_held(thread);

	if (!highest || highest->class->rank < class->rank)
		return;
	begin_report(thread->name);
	platform_print("takes %s, rank %u, at %s, but holds %s, rank %u\n",
		       class->name, class->rank, site,
		       highest->class->name, highest->class->rank);
	print_held(thread);
	platform_abort();
}

/**
 * lock_rank_push() - note that the thread has acquired a lock
 * @class: its class
 * @lock: its address
 * @site: where
 */
void lock_rank_push(const struct lock_class *class, const void *lock,
		    const char *site)
{
	struct lock_thread *thread = entered_thread(site);

	if (thread->nr_held == LOCK_THREAD_MAX_HELD)
		lock_rank_report("holds too many locks to take %s at %s",
				 class->name, site);
	thread->held[thread->nr_held++] = (struct held_lock){
		.class = class, .lock = lock, .site = site,
	};
}

static unsigned int find_held(const struct lock_thread *thread,
			      const void *lock)
{
	unsigned int i;

	for (i = thread->nr_held; i; i--) {
		if (thread->held[i - 1].lock == lock)
			return i - 1;
	}
	return LOCK_THREAD_MAX_HELD;
}

/**
 * lock_rank_pop() - note that the thread is about to release a lock
 * @class: its class
 * @lock: its address
 *
 * Locks may be released in any order. Aborts if the thread does not hold it.
 */
void lock_rank_pop(const struct lock_class *class, const void *lock)
{
	struct lock_thread *thread = entered_thread(class->name);
	unsigned int found = find_held(thread, lock);

	if (found == LOCK_THREAD_MAX_HELD)
		lock_rank_report("releases %s, which it does not hold%s",
				 class->name, "");
	for (thread->nr_held--; found < thread->nr_held; found++)
		thread->held[found] = thread->held[found + 1];
}

/**
 * lock_rank_assert_held() - abort unless the thread holds a lock
 * @class: its class
 * @lock: its address
 * @site: where it has to
 */
void lock_rank_assert_held(const struct lock_class *class, const void *lock,
			   const char *site)
{
	if (find_held(entered_thread(site), lock) == LOCK_THREAD_MAX_HELD)
		lock_rank_report("has to hold %s at %s", class->name, site);
}

/**
 * lock_rank_assert_below() - abort if the thread holds a lock of a higher rank
 * @class: it may hold locks of this class's rank and of lower ones
 * @site: where it is
 */
void lock_rank_assert_below(const struct lock_class *class, const char *site)
{
	const struct held_lock *highest = highest_held(entered_thread(site));

	if (highest && highest->class->rank > class->rank)
		lock_rank_report("may hold nothing above %s at %s",
				 class->name, site);
}

/**
 * lock_rank_assert_none() - abort if the thread holds any lock
 * @site: where it is
 */
void lock_rank_assert_none(const char *site)
{
	if (entered_thread(site)->nr_held)
		lock_rank_report("may hold no lock at %s%s", site, "");
}

#endif /* LOCK_RANK_CHECK */
