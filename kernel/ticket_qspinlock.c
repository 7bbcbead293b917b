// SPDX-License-Identifier: GPL-2.0
/*
 * Paravirtualized ticket spinlock, slow paths in the word of the kernel's own
 * spinlock.
 *
 * The algorithm is told in ticket_algorithm.h, the word in ticket_qspinlock.h.
 * The fast paths are the kernel's: cmpxchg 0 -> 1, and cmpxchg 1 -> 0 of the
 * low byte. So a lock that is handed over is held by nobody for a moment: it
 * is the turn of the first in line, who claims it.
 *
 * Transitions of the lock word, written (head, tail, byte), with w for the
 * ticket of the first in line; (0,0) is an empty line:
 *
 *   kernel: lock            0,0,0 -> 0,0,1    by cmpxchg() of the word
 *   kernel: unlock          h,t,1 -> h,t,0    by cmpxchg() of the byte
 *   ticket_word_draw()      h,t,b -> h,t+1,b  by ticket_xadd() of the word
 *   ticket_overtake()       w,t,2 -> w,t,3    by one who is not first
 *   ticket_queued() take    w,t,2 -> w,t,0    open: it becomes w's turn
 *   ticket_queued() close   w,t,3 -> w,t,1    w is awake
 *   ticket_ask_for_kick()   w,t,1 -> w,t,3    w is going to halt
 *   ticket_word_claim()     w,t,0 -> w+1,t,1  or 0,0,1 if w was the last
 *   ticket_word_pass()      w,t,1 -> w+1,t,1  by the owner: w has left; likewise
 *   ticket_see_to_next()    w,t,1 -> w,t,3    by the owner: w has halted
 *   ticket_word_release()   w,t,3 -> w,t,2    or 1 -> 0: w is awake meanwhile
 *
 * The tail is the top of the word, so drawing a ticket carries into nothing.
 * Since 0 means that the lock is free, the last of a line takes both tickets
 * back to 0. From then on its ticket may be drawn again, so it has left the
 * waiter table before. The head is changed by who claims the lock or owns it, so
 * an owner that reads it before the release knows it.
 */
#include "ticket_access.h"
#include "ticket_qspinlock.h"
#include "ticket_types.h"

#define BYTE_MASK	0xffU
#define HEAD_SHIFT	8
#define TAIL_SHIFT	(32 - TICKET_QSPINLOCK_TICKET_BITS)
#define TICKET_MASK	((1U << TICKET_QSPINLOCK_TICKET_BITS) - 1)

/* As many as can be in line. */
#define TICKET_WORD_MOST	TICKET_QSPINLOCK_MAX_CPUS

static __always_inline u32 head_of(u32 word)
{
	return (word >> HEAD_SHIFT) & TICKET_MASK;
}

static __always_inline u32 tail_of(u32 word)
{
	return word >> TAIL_SHIFT;
}

static __always_inline bool ticket_word_is_free(u32 word)
{
	return !word;
}

static __always_inline bool ticket_word_is_open(u32 word)
{
	return (word & BYTE_MASK) == TICKET_QSPINLOCK_SLOW;
}

static __always_inline bool ticket_word_is_slow(u32 word)
{
	return word & TICKET_QSPINLOCK_SLOW;
}

static __always_inline bool ticket_word_is_contended(u32 word)
{
	return word & ~BYTE_MASK;
}

static __always_inline u32 ticket_word_waiting(u32 word)
{
	return (tail_of(word) - head_of(word)) & TICKET_MASK;
}

static __always_inline ticket_t ticket_word_first(u32 word)
{
	return head_of(word);
}

static __always_inline ticket_t ticket_word_later(ticket_t ticket, u32 n)
{
	return (ticket + n) & TICKET_MASK;
}

static __always_inline u32 ticket_word_ahead(u32 word, ticket_t want)
{
	return ((want - head_of(word)) & TICKET_MASK) +
	       (word & TICKET_QSPINLOCK_LOCKED);
}

static __always_inline u32 ticket_word_taken(u32 word)
{
	return word | TICKET_QSPINLOCK_LOCKED;
}

static __always_inline u32 ticket_word_overtaken(u32 word)
{
	return word | TICKET_QSPINLOCK_LOCKED;
}

static __always_inline u32 ticket_word_opening(u32 word)
{
	return word | TICKET_QSPINLOCK_SLOW;
}

static __always_inline u32 ticket_word_closed(u32 word)
{
	return word & ~TICKET_QSPINLOCK_SLOW;
}

static __always_inline ticket_t ticket_word_draw(u32 *lock)
{
	return tail_of(ticket_xadd(lock, 1U << TAIL_SHIFT));
}

/* The owner's word, when the first in line is not in line any more. */
static __always_inline u32 without_first(u32 word)
{
	u32 tail = tail_of(word);
	u32 next = (head_of(word) + 1) & TICKET_MASK;

	if (next == tail)
		return TICKET_QSPINLOCK_LOCKED;
	return tail << TAIL_SHIFT | next << HEAD_SHIFT |
	       TICKET_QSPINLOCK_LOCKED;
}

static __always_inline void ticket_word_pass(u32 *lock)
{
	u32 word;

	/* Others may draw tickets meanwhile. */
	do {
		word = ticket_read(lock);
	} while (!ticket_replace(lock, word, without_first(word)));
}

static __always_inline void ticket_word_claim(u32 *lock)
{
	/* [B] is the exchange. */
	ticket_word_pass(lock);
}

static inline void ticket_kick(const void *lock, ticket_t next);

/*
 * The first in line, once it is awake, may take the mark away at any time. So
 * one instruction releases the lock and tells whether to kick.
 */
static __always_inline void ticket_word_release(u32 *lock)
{
	ticket_t next = ticket_word_first(ticket_read(lock));
	struct ticket_qspinlock *qspinlock = (struct ticket_qspinlock *)lock;

	/*
	 * [C] litmus: SB+halt+unlock, MP+unlock+poll, MP+unlock+take. Fully
	 * ordered; pairs with [A] in ticket_halted() and with ticket_read() of
	 * who takes the lock. The last access to the lock.
	 */
	if (ticket_xadd(&qspinlock->byte, (u8)-TICKET_QSPINLOCK_LOCKED) &
	    TICKET_QSPINLOCK_SLOW)
		ticket_kick(lock, next);
}

#include "ticket_algorithm.h"

/**
 * ticket_qspinlock_lock_slowpath() - acquire a lock that was not free
 * @lock: the lock
 *
 * Context: any, preemption disabled.
 */
void ticket_qspinlock_lock_slowpath(struct ticket_qspinlock *lock)
{
	platform_contention_begin(lock);
	ticket_acquire(&lock->word);
	platform_contention_end(lock);
}

/**
 * ticket_qspinlock_unlock_slowpath() - release a lock that was marked
 * @lock: a lock that the caller holds
 * @byte: what the fast path saw instead of TICKET_QSPINLOCK_LOCKED
 *
 * A holder's fast path fails because of the mark and sees both bits. Anything
 * else is a lock that nobody holds, and is left alone: without its bit of who
 * holds it, it would never be free again.
 *
 * Context: any, preemption disabled.
 */
void ticket_qspinlock_unlock_slowpath(struct ticket_qspinlock *lock, u8 byte)
{
	if (likely(byte == (TICKET_QSPINLOCK_LOCKED | TICKET_QSPINLOCK_SLOW)))
		ticket_word_release(&lock->word);
	else
		platform_note_bad_unlock(lock, byte);
}
