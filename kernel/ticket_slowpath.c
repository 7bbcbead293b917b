// SPDX-License-Identifier: GPL-2.0
/*
 * Paravirtualized ticket spinlock, slow paths of struct ticket_lock.
 *
 * The algorithm is told in ticket_algorithm.h, the word in ticket_types.h.
 * Here, it is a waiter's turn when its ticket is the head; then it is the owner
 * already. Who takes an open lock out of turn owns the ticket of the owner
 * before it, once more: the same unlock leaves the lock open again.
 *
 * Transitions of the lock word, written (head, SP | tail, P), with w for the
 * waiter's own ticket and p(x) for the parity of x, in addition to those in
 * ticket_lock.h:
 *
 *   ticket_overtake()      w,1|t,p(w-1)  -> w-1,1|t,p(w-1)  by one not queued
 *   ticket_poll() take     w,1|t,p(w-1)  -> w,0|t,0         open, and w's turn
 *   ticket_poll() close    w-1,1|t,p     -> w-1,0|t,0       w is awake
 *   ticket_prepare_halt()  w-1,0|t,0     -> w-1,1|t,p(w-1)  w is going to halt
 *   ticket_open_for_next() w,0|t,0       -> w,1|t,p(w)      w+1 has halted
 */
#include "ticket_algorithm.h"
#include "ticket_lock.h"

static __always_inline struct ticket_lock word_of(u32 word)
{
	return (struct ticket_lock){ .head_tail = word };
}

static __always_inline bool is_free(u32 word)
{
	return ticket_word_is_free(word_of(word));
}

static __always_inline bool is_open(u32 word)
{
	return ticket_word_is_open(word_of(word));
}

static __always_inline bool is_slow(u32 word)
{
	return ticket_word_is_slow(word_of(word));
}

static __always_inline bool is_contended(u32 word)
{
	return ticket_word_is_contended(word_of(word));
}

static __always_inline ticket_t first(u32 word)
{
	ticket_t head = ticket_word_head(word_of(word));

	return is_open(word) ? head : head + TICKET_LOCK_INC;
}

static __always_inline u32 ahead(u32 word, ticket_t want)
{
	ticket_t distance = want - ticket_word_head(word_of(word));

	return distance / TICKET_LOCK_INC;
}

static __always_inline u32 taken(u32 word)
{
	return word + ((u32)TICKET_LOCK_INC << TICKET_SHIFT);
}

static __always_inline u32 opening(u32 word)
{
	return ticket_word_opening(word_of(word),
				   ticket_word_head(word_of(word))).head_tail;
}

static __always_inline u32 overtaken(u32 word)
{
	ticket_t owner = ticket_word_head(word_of(word)) - TICKET_LOCK_INC;

	return ticket_word_opening(word_of(word), owner).head_tail;
}

static __always_inline u32 closed(u32 word)
{
	return ticket_word_held(word_of(word),
				ticket_word_head(word_of(word))).head_tail;
}

static __always_inline struct ticket_lock *lock_of(u32 *lock)
{
	return (struct ticket_lock *)lock;
}

static __always_inline ticket_t draw(u32 *lock)
{
	return ticket_word_tail(ticket_draw(lock_of(lock)));
}

/* Whose turn it is owns the lock. */
static __always_inline void claim(u32 *lock)
{
	(void)lock;
}

static __always_inline void release(u32 *lock)
{
	ticket_unlock_unannotated(lock_of(lock));
}

static const struct ticket_layout ticket_lock_layout = {
	.is_free = is_free,
	.is_open = is_open,
	.is_slow = is_slow,
	.is_contended = is_contended,
	.first = first,
	.ahead = ahead,
	.taken = taken,
	.overtaken = overtaken,
	.opening = opening,
	.closed = closed,
	.draw = draw,
	.claim = claim,
	.release = release,
};

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
		ticket_acquire(&lock->head_tail, &ticket_lock_layout);
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
	if (platform_pv_enabled())
		ticket_wait(&lock->head_tail, want, &ticket_lock_layout);
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
