/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Exclusive, recursive locks on ranges of an address space, and on all of it.
 */
#ifndef RANGE_LOCK_H
#define RANGE_LOCK_H

#include "lock_thread.h"
#include "../../../kernel/ticket_lock.h"

#define RANGE_LOCK_LINE		64

/* Ranges of this many bits are as fine as page tables have large pages. */
#define RANGE_LOCK_2M_SHIFT	21

/**
 * struct locked_range - the lock of one aligned range
 * @lock: the lock
 * @owner: number of the thread that holds it, plus 1; or 0
 * @depth: how often the owner has acquired it
 */
struct locked_range {
	struct ticket_lock lock;
	u32 owner;
	u32 depth;
} __aligned(RANGE_LOCK_LINE);

/**
 * struct range_lock - locks for an address space
 * @class: name and rank of all of them
 * @shift: each range has 1 << @shift addresses
 * @nr_ranges: how many there are
 * @range: these
 */
struct range_lock {
	const struct lock_class *class;
	u32 shift;
	u32 nr_ranges;
	struct locked_range *range;
};

int range_lock_init(struct range_lock *lock, const struct lock_class *class,
		    u64 size, u32 shift);
void range_lock_destroy(struct range_lock *lock);
void range_lock_acquire(struct range_lock *lock, u64 start, u64 length,
			const char *site);
void range_unlock(struct range_lock *lock, u64 start, u64 length);
bool range_is_mine(const struct range_lock *lock, u64 address);

/*
 * Lock the ranges that @length bytes at @start are in. See
 * range_lock_acquire().
 */
#define range_lock(lock, start, length)					\
	range_lock_acquire(lock, start, length, LOCK_SITE)

/* Lock everything. */
#define range_lock_all(lock)						\
	range_lock_acquire(lock, 0, (u64)(lock)->nr_ranges << (lock)->shift, \
			   LOCK_SITE)

/**
 * range_unlock_all() - undo range_lock_all()
 * @lock: the locks
 */
static inline void range_unlock_all(struct range_lock *lock)
{
	range_unlock(lock, 0, (u64)lock->nr_ranges << lock->shift);
}

#endif /* RANGE_LOCK_H */
