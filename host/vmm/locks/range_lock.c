// SPDX-License-Identifier: GPL-2.0
/*
 * Exclusive, recursive locks on ranges of an address space.
 *
 * After "p2m fine-grained concurrency control" (Lagar-Cavilla, 2011). Each
 * aligned range has a ticket lock of its own, in a cache line of its own, which
 * its owner may acquire again. Who needs several ranges takes them in ascending
 * order. The global lock is all of them, taken in that order, too:
 *
 * - It costs those who take single ranges nothing: no second lock, no barrier.
 * - It waits for each holder of a range once, in the order of tickets, so
 *   neither side starves.
 * - A holder that takes its range again, or a higher one, does not wait for the
 *   global lock's owner unless that one owns the range already: then it got
 *   there first, and waits only for ranges above. So both go on.
 *
 * All ranges have one rank. Within it, a thread that holds a range may take
 * this one again, and any above all that it holds. With LOCK_RANK_CHECK,
 * anything else aborts.
 *
 * With a single range for the whole address space, this is one global lock.
 */
#include "range_lock.h"

/**
 * range_lock_init() - make locks for an address space
 * @lock: the locks
 * @class: their name and rank, which outlive them
 * @size: bytes, at least 1
 * @shift: 1 << @shift bytes share a lock; at most 63
 *
 * Return: 0, or -ENOMEM.
 */
int range_lock_init(struct range_lock *lock, const struct lock_class *class,
		    u64 size, u32 shift)
{
	lock->class = class;
	lock->shift = shift;
	lock->nr_ranges = ((size - 1) >> shift) + 1;
	lock->range = platform_zalloc((size_t)lock->nr_ranges *
				      sizeof(*lock->range));
	return lock->range ? 0 : -ENOMEM;
}

/**
 * range_lock_destroy() - undo range_lock_init()
 * @lock: locks that nobody holds
 */
void range_lock_destroy(struct range_lock *lock)
{
	platform_free(lock->range);
}

static bool is_mine(const struct locked_range *range)
{
	/* Others never write this thread's number. */
	return READ_ONCE(range->owner) == platform_cpu() + 1;
}

/**
 * range_is_mine() - tell whether the calling thread has locked an address
 * @lock: the locks
 * @address: the address
 *
 * Return: whether it does.
 */
bool range_is_mine(const struct range_lock *lock, u64 address)
{
	return is_mine(&lock->range[address >> lock->shift]);
}

#ifdef LOCK_RANK_CHECK

/*
 * The highest range that the thread holds, or NULL. It has pushed one for each time
 * that it has acquired some, so there is no need to look at all ranges.
 */
static const struct locked_range *highest_mine(const struct range_lock *lock)
{
	const struct lock_thread *thread = lock_thread();
	const struct locked_range *highest = NULL;
	unsigned int i;

	for (i = 0; i < thread->nr_held; i++) {
		const struct locked_range *range = thread->held[i].lock;

		if (thread->held[i].class == lock->class &&
		    range >= lock->range &&
		    range < lock->range + lock->nr_ranges && range > highest)
			highest = range;
	}
	return highest;
}

/* May the thread wait for this range, which it does not hold? */
static void check_order(const struct range_lock *lock,
			const struct locked_range *range, const char *site)
{
	const struct locked_range *highest = highest_mine(lock);

	if (!highest) {
		lock_rank_check(lock->class, site);
		return;
	}
	lock_rank_assert_below(lock->class, site);
	if (highest > range)
		lock_rank_report("takes a range of %s at %s below one that it holds",
				 lock->class->name, site);
}

#else

static void check_order(const struct range_lock *lock,
			const struct locked_range *range, const char *site)
{
	(void)lock;
	(void)range;
	(void)site;
}

#endif /* LOCK_RANK_CHECK */

static void lock_one(struct range_lock *lock, struct locked_range *range,
		     const char *site)
{
	if (!is_mine(range)) {
		check_order(lock, range, site);
		if (unlikely(!ticket_trylock(&range->lock))) {
			lock_thread()->blocked_rank = lock->class->rank;
			ticket_lock(&range->lock);
			lock_thread()->blocked_rank = LOCK_RANK_NONE;
		}
		WRITE_ONCE(range->owner, platform_cpu() + 1);
	}
	range->depth++;
}

static void unlock_one(struct locked_range *range)
{
	if (--range->depth)
		return;
	WRITE_ONCE(range->owner, 0);
	ticket_unlock(&range->lock);
}

/**
 * range_lock_acquire() - lock the ranges that some bytes are in
 * @lock: the locks
 * @start: the first byte
 * @length: how many bytes, at least 1, all in the address space
 * @site: where
 *
 * Context: the thread holds none of the ranges, or all of those below the
 * first that it does not hold; serves crosscalls while it waits.
 */
void range_lock_acquire(struct range_lock *lock, u64 start, u64 length,
			const char *site)
{
	u64 last = (start + length - 1) >> lock->shift;
	u64 i;

	for (i = start >> lock->shift; i <= last; i++)
		lock_one(lock, &lock->range[i], site);
	lock_rank_push(lock->class, &lock->range[last], site);
}

/**
 * range_unlock() - undo range_lock_acquire()
 * @lock: the locks
 * @start: as it was given
 * @length: as it was given
 */
void range_unlock(struct range_lock *lock, u64 start, u64 length)
{
	u64 first = start >> lock->shift;
	u64 i = ((start + length - 1) >> lock->shift) + 1;

	lock_rank_pop(lock->class, &lock->range[i - 1]);
	while (i-- > first)
		unlock_one(&lock->range[i]);
}
