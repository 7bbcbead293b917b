/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ticket spinlock, fast paths.
 *
 * Uncontended, lock and unlock are one locked instruction each; with the PV
 * switch off, unlock is a plain store. Everything else is in
 * ticket_slowpath.c, the algorithm is told in ticket_algorithm.h, and the word in
 * ticket_types.h.
 */
#ifndef TICKET_LOCK_H
#define TICKET_LOCK_H

#include "ticket_word.h"

void ticket_lock_slowpath(struct ticket_lock *lock);
void ticket_lock_wait(struct ticket_lock *lock, ticket_t want);
void ticket_lock_spin(const struct ticket_lock *lock, ticket_t want);
void ticket_unlock_slowpath(const struct ticket_lock *lock, ticket_t next);

/**
 * ticket_lock_init() - make a lock free
 * @lock: memory that no CPU uses as a lock
 */
static __always_inline void ticket_lock_init(struct ticket_lock *lock)
{
	WRITE_ONCE(lock->head_tail, 0);
}

/**
 * ticket_word_read() - the lock's word
 * @lock: the lock
 *
 * Return: the word. Pairs with the release in ticket_unlock().
 */
static __always_inline u32 ticket_word_read(const struct ticket_lock *lock)
{
	return ticket_read(&lock->head_tail);
}

/**
 * ticket_draw() - draw the next ticket
 * @lock: the lock
 *
 * Return: the word as it was before; its tail is the caller's ticket. Fully
 * ordered; pairs with the release in ticket_unlock().
 */
static __always_inline u32 ticket_draw(struct ticket_lock *lock)
{
	return ticket_xadd(&lock->head_tail, (u32)TICKET_LOCK_INC << TICKET_SHIFT);
}

/**
 * ticket_trylock() - acquire the lock if it is free
 * @lock: the lock
 *
 * A lock that others wait for is not free, even if nobody holds it.
 *
 * Context: any, preemption disabled.
 * Return: whether the caller now holds the lock.
 */
static __always_inline bool ticket_trylock(struct ticket_lock *lock)
{
	u32 word = READ_ONCE(lock->head_tail);

	/* Pairs with the release in ticket_unlock(). */
	return ticket_word_is_free(word) &&
	       ticket_replace(&lock->head_tail, word, ticket_word_taken(word));
}

/**
 * ticket_lock() - acquire the lock
 * @lock: the lock
 *
 * Waiters are served in the order of their tickets, but for a bounded number
 * of times that others may overtake one that has halted; see
 * ticket_algorithm.h.
 *
 * Context: any, preemption disabled; the usual rules for spinlocks hold. In
 * NMI context a waiter only spins.
 */
static __always_inline void ticket_lock(struct ticket_lock *lock)
	__acquires(lock)
{
	__acquire(lock);
	if (ticket_pv_enabled()) {
		if (unlikely(!ticket_trylock(lock)))
			ticket_lock_slowpath(lock);
	} else {
		u32 word = ticket_draw(lock);

		if (unlikely(!ticket_word_is_free(word)))
			ticket_lock_spin(lock, ticket_word_tail(word));
	}
}

/* ticket_unlock() without its annotation for sparse. */
static __always_inline void ticket_unlock_unannotated(struct ticket_lock *lock)
{
	ticket_t head;

	if (!ticket_pv_enabled()) {
		head = READ_ONCE(lock->tickets.head);
		/*
		 * litmus: MP+native-unlock+draw, MP+native-unlock+poll. Pairs
		 * with xadd() in ticket_draw(), and with ticket_word_read().
		 */
		smp_store_release(&lock->tickets.head,
				  (ticket_t)(head + TICKET_LOCK_INC));
		return;
	}

	/*
	 * [C] litmus: SB+halt+unlock, MP+unlock+poll, MP+unlock+take. Fully
	 * ordered; pairs with [A] in ticket_halted() and with ticket_read(),
	 * ticket_replace() of who takes the lock.
	 */
	head = ticket_xadd(&lock->tickets.head, TICKET_LOCK_INC);
	if (unlikely(head & TICKET_SLOWPATH_FLAG)) {
		head &= (ticket_t)~TICKET_SLOWPATH_FLAG;
		ticket_unlock_slowpath(lock, head + TICKET_LOCK_INC);
	}
}

/**
 * ticket_unlock() - release the lock
 * @lock: a lock that the caller holds
 *
 * The releasing instruction is the last access to the lock: as soon as it is
 * visible, the next owner may free the memory. What the kick needs is
 * returned by that instruction; from then on @lock is only an address.
 *
 * Context: any, preemption disabled.
 */
static __always_inline void ticket_unlock(struct ticket_lock *lock)
	__releases(lock)
{
	__release(lock);
	ticket_unlock_unannotated(lock);
}

/**
 * ticket_is_locked() - does anybody hold the lock, or wait for it?
 * @lock: the lock
 *
 * Context: any. The answer may be out of date when it arrives.
 */
static __always_inline bool ticket_is_locked(const struct ticket_lock *lock)
{
	return !ticket_word_is_free(ticket_word_read(lock));
}

/**
 * ticket_is_contended() - does anybody wait for the lock?
 * @lock: the lock
 *
 * Context: any. The answer may be out of date when it arrives.
 */
static __always_inline bool ticket_is_contended(const struct ticket_lock *lock)
{
	return ticket_word_is_contended(ticket_word_read(lock));
}

#endif /* TICKET_LOCK_H */
