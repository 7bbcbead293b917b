// SPDX-License-Identifier: GPL-2.0
/*
 * Paravirtualized ticket spinlock, slow paths of struct ticket_lock.
 *
 * The algorithm is told in ticket_algorithm.h, the word and its transitions in
 * ticket_types.h. Here, it is a waiter's turn when its ticket is the head; then
 * it is the owner already. Who takes an open lock out of turn owns the ticket of
 * the owner before it, once more: the same unlock leaves the lock open again.
 */
#include "ticket_lock.h"

static __always_inline struct ticket_lock *lock_of(u32 *lock)
{
	return (struct ticket_lock *)lock;
}

static __always_inline ticket_t ticket_word_draw(u32 *lock)
{
	return ticket_word_tail(ticket_draw(lock_of(lock)));
}

static __always_inline void ticket_word_claim(u32 *lock)
{
	/* Who gets in line later sees that it is the first. */
	if (!ticket_word_is_contended(ticket_read(lock)))
		return;
	/* [B] litmus: SB+halt+become-owner. Pairs with [A]. */
	smp_mb();
}

static __always_inline void ticket_word_pass(u32 *lock)
{
	u32 word;

	/* Others may draw tickets meanwhile. */
	do {
		word = ticket_read(lock);
	} while (!ticket_replace(lock, word, ticket_word_passed(word)));
}

static __always_inline void ticket_word_release(u32 *lock)
{
	ticket_unlock_unannotated(lock_of(lock));
}

#include "ticket_algorithm.h"

/* Nobody is in line, and nobody gets in line. */
static void ticket_lock_unfair(struct ticket_lock *lock)
{
	while (!ticket_trylock(lock))
		platform_relax();
}

/**
 * ticket_lock_slowpath() - acquire a lock that was not free
 * @lock: the lock
 *
 * Context: any, preemption disabled.
 */
void ticket_lock_slowpath(struct ticket_lock *lock)
{
	platform_contention_begin(lock);
	if (unlikely(READ_ONCE(ticket_unfair)))
		ticket_lock_unfair(lock);
	else
		ticket_acquire(&lock->head_tail);
	platform_contention_end(lock);
}
PLATFORM_EXPORT(ticket_lock_slowpath);

/**
 * ticket_lock_wait() - wait for a ticket
 * @lock: the lock
 * @want: a ticket drawn by ticket_draw() and not given up
 *
 * For who draws its ticket itself, to know its place in line.
 *
 * Context: any, preemption disabled.
 */
void ticket_lock_wait(struct ticket_lock *lock, ticket_t want)
{
	if (ticket_pv_enabled())
		ticket_wait(&lock->head_tail, want);
	else
		ticket_lock_spin(lock, want);
}
PLATFORM_EXPORT(ticket_lock_wait);

/**
 * ticket_lock_spin() - wait for a ticket where nobody ever halts
 * @lock: the lock
 * @want: a ticket drawn and not yet served
 *
 * Context: any, preemption disabled.
 */
void ticket_lock_spin(const struct ticket_lock *lock, ticket_t want)
{
	platform_contention_begin(lock);
	while (ticket_word_head(ticket_word_read(lock)) != want)
		platform_relax();
	platform_contention_end(lock);
}
PLATFORM_EXPORT(ticket_lock_spin);

/**
 * ticket_unlock_slowpath() - kick the waiter whose turn it is
 * @lock: the address of the lock, which may have been freed
 * @next: the ticket that the lock has been left open for
 *
 * Context: any, preemption disabled.
 */
void ticket_unlock_slowpath(const struct ticket_lock *lock, ticket_t next)
{
	ticket_kick(lock, next);
}
PLATFORM_EXPORT(ticket_unlock_slowpath);
