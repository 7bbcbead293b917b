/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ticket spinlock, fast paths.
 *
 * Uncontended, lock and unlock are one locked instruction each; with the PV
 * switch off, unlock is a plain store. Everything else is in
 * ticket_slowpath.c, where the algorithm is told.
 *
 * Lock word transitions, written (head, SP, tail):
 *
 *   lock     h,s,t -> h,s,t+1		holds the lock if h == t
 *   trylock  h,s,h -> h,0,h+1
 *   unlock   h,s,t -> h+1,s,t		kick the waiter for h+1 if s
 */
#ifndef TICKET_LOCK_H
#define TICKET_LOCK_H

#include "ticket_types.h"

void ticket_lock_slowpath(struct ticket_lock *lock, ticket_t want);
void ticket_unlock_slowpath(const struct ticket_lock *lock, ticket_t next);

/**
 * ticket_lock_init() - make a lock free
 * @lock: memory that no CPU uses as a lock
 */
static __always_inline void ticket_lock_init(struct ticket_lock *lock)
{
	WRITE_ONCE(lock->head_tail, 0);
}

static __always_inline ticket_t ticket_without_flag(ticket_t head)
{
	return head & (ticket_t)~TICKET_SLOWPATH_FLAG;
}

/* The value of the whole lock word. */
static __always_inline struct ticket_lock
ticket_lock_read(const struct ticket_lock *lock)
{
	struct ticket_lock value;

	value.head_tail = READ_ONCE(lock->head_tail);
	return value;
}

/**
 * ticket_take() - draw the next ticket
 * @lock: the lock
 *
 * Return: the word as it was before; its tail is the caller's ticket. Fully
 * ordered; pairs with the release in ticket_unlock().
 */
static __always_inline struct ticket_pair ticket_take(struct ticket_lock *lock)
{
	struct ticket_lock old;

	old.head_tail = xadd(&lock->head_tail,
			     (u32)TICKET_LOCK_INC << TICKET_SHIFT);
	return old.tickets;
}

/**
 * ticket_lock() - acquire the lock
 * @lock: the lock
 *
 * Waiters are served in the order of their tickets. A waiter spins for a
 * bounded time and then halts its CPU until its turn comes.
 *
 * Context: any, preemption disabled; the usual rules for spinlocks hold. In
 * NMI context a waiter only spins.
 */
static __always_inline void ticket_lock(struct ticket_lock *lock)
	__acquires(lock)
{
	struct ticket_pair old = ticket_take(lock);

	if (unlikely(old.head != old.tail))
		ticket_lock_slowpath(lock, old.tail);
	__acquire(lock);
}

/**
 * ticket_trylock() - acquire the lock if it is free
 * @lock: the lock
 *
 * Context: any, preemption disabled.
 * Return: whether the caller now holds the lock.
 */
static __always_inline bool ticket_trylock(struct ticket_lock *lock)
{
	struct ticket_lock old = ticket_lock_read(lock);
	struct ticket_lock new;

	if (ticket_without_flag(old.tickets.head) != old.tickets.tail)
		return false;

	new.tickets.head = old.tickets.tail;
	new.tickets.tail = old.tickets.tail + TICKET_LOCK_INC;
	return cmpxchg(&lock->head_tail, old.head_tail, new.head_tail) ==
	       old.head_tail;
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
	ticket_t head;

	__release(lock);
	if (!platform_pv_enabled()) {
		/* Pairs with the ordered xadd() and the acquiring re-reads. */
		smp_store_release(&lock->tickets.head,
				  (ticket_t)(READ_ONCE(lock->tickets.head) +
					     TICKET_LOCK_INC));
		return;
	}

	/* Fully ordered; pairs with try_cmpxchg() in ticket_set_slowpath(). */
	head = xadd(&lock->tickets.head, TICKET_LOCK_INC);
	if (unlikely(head & TICKET_SLOWPATH_FLAG))
		ticket_unlock_slowpath(lock, ticket_without_flag(head) +
					     TICKET_LOCK_INC);
}

/**
 * ticket_is_locked() - does anybody hold the lock?
 * @lock: the lock
 *
 * Context: any. The answer may be out of date when it arrives.
 */
static __always_inline bool ticket_is_locked(const struct ticket_lock *lock)
{
	struct ticket_lock value = ticket_lock_read(lock);

	return ticket_without_flag(value.tickets.head) != value.tickets.tail;
}

/**
 * ticket_is_contended() - does anybody wait for the lock?
 * @lock: the lock
 *
 * Context: any. The answer may be out of date when it arrives.
 */
static __always_inline bool ticket_is_contended(const struct ticket_lock *lock)
{
	struct ticket_lock value = ticket_lock_read(lock);
	ticket_t head = ticket_without_flag(value.tickets.head);

	return (ticket_t)(value.tickets.tail - head) > TICKET_LOCK_INC;
}

#endif /* TICKET_LOCK_H */
