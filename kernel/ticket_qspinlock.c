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
 *   draw()                  h,t,b -> h,t+1,b  by xadd() of the word
 *   ticket_overtake()       w,t,2 -> w,t,3    by one not queued
 *   ticket_poll() take      w,t,2 -> w,t,0    open: it becomes w's turn
 *   ticket_poll() close     w,t,3 -> w,t,1    w is awake
 *   ticket_prepare_halt()   w,t,1 -> w,t,3    w is going to halt
 *   claim()                 w,t,0 -> w+1,t,1  or 0,0,1 if w was the last
 *   ticket_open_for_next()  w,t,1 -> w,t,3    by the owner: w has halted
 *   release()               w,t,3 -> w,t,2    or 1 -> 0: w is awake meanwhile
 *
 * The tail is the top of the word, so drawing a ticket carries into nothing.
 * Since 0 means that the lock is free, the last of a line takes both tickets
 * back to 0. From then on its ticket may be drawn again, so it has left the
 * waiter table before. The head changes by claiming only, so it does not
 * change while the lock is held.
 */
#include "ticket_algorithm.h"
#include "ticket_qspinlock.h"

#define BYTE_MASK	0xffU
#define HEAD_SHIFT	8
#define TAIL_SHIFT	(32 - TICKET_QSPINLOCK_TICKET_BITS)
#define TICKET_MASK	((1U << TICKET_QSPINLOCK_TICKET_BITS) - 1)

static __always_inline u32 head_of(u32 word)
{
	return (word >> HEAD_SHIFT) & TICKET_MASK;
}

static __always_inline u32 tail_of(u32 word)
{
	return word >> TAIL_SHIFT;
}

static __always_inline bool is_free(u32 word)
{
	return !word;
}

static __always_inline bool is_open(u32 word)
{
	return (word & BYTE_MASK) == TICKET_QSPINLOCK_SLOW;
}

static __always_inline bool is_slow(u32 word)
{
	return word & TICKET_QSPINLOCK_SLOW;
}

static __always_inline bool is_contended(u32 word)
{
	return word & ~BYTE_MASK;
}

static __always_inline ticket_t first(u32 word)
{
	return head_of(word);
}

static __always_inline u32 ahead(u32 word, ticket_t want)
{
	return ((want - head_of(word)) & TICKET_MASK) +
	       (word & TICKET_QSPINLOCK_LOCKED);
}

static __always_inline u32 taken(u32 word)
{
	return word | TICKET_QSPINLOCK_LOCKED;
}

static __always_inline u32 overtaken(u32 word)
{
	return word | TICKET_QSPINLOCK_LOCKED;
}

static __always_inline u32 opening(u32 word)
{
	return word | TICKET_QSPINLOCK_SLOW;
}

static __always_inline u32 closed(u32 word)
{
	return word & ~TICKET_QSPINLOCK_SLOW;
}

static __always_inline ticket_t draw(u32 *lock)
{
	return tail_of(xadd(lock, 1U << TAIL_SHIFT));
}

/* The owner's word, after the turn of the first in line. */
static __always_inline u32 claimed(u32 word)
{
	u32 tail = tail_of(word);
	u32 next = (head_of(word) + 1) & TICKET_MASK;

	if (next == tail)
		return TICKET_QSPINLOCK_LOCKED;
	return tail << TAIL_SHIFT | next << HEAD_SHIFT |
	       TICKET_QSPINLOCK_LOCKED;
}

static __always_inline void claim(u32 *lock)
{
	u32 word;

	/* Others may draw tickets meanwhile. */
	do {
		word = ticket_read(lock);
	} while (!ticket_replace(lock, word, claimed(word)));
}

/*
 * The first in line, once it is awake, may take the mark away at any time. So
 * one instruction releases the lock and tells whether to kick.
 */
static __always_inline void
ticket_qspinlock_release(struct ticket_qspinlock *lock)
{
	ticket_t next = first(ticket_read(&lock->word));

	/*
	 * [C] Fully ordered. Pairs with ticket_read() of who takes the lock,
	 * and with smp_mb() in ticket_block(). The last access to the lock.
	 */
	if (xadd(&lock->byte, (u8)-TICKET_QSPINLOCK_LOCKED) &
	    TICKET_QSPINLOCK_SLOW)
		ticket_kick(lock, next);
}

static __always_inline void release(u32 *lock)
{
	ticket_qspinlock_release((struct ticket_qspinlock *)lock);
}

static const struct ticket_layout ticket_qspinlock_layout = {
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

/**
 * ticket_qspinlock_lock_slowpath() - acquire a lock that was not free
 * @lock: the lock
 *
 * Context: any, preemption disabled.
 */
void ticket_qspinlock_lock_slowpath(struct ticket_qspinlock *lock)
{
	platform_contention_begin(lock);
	ticket_acquire(&lock->word, &ticket_qspinlock_layout);
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
		ticket_qspinlock_release(lock);
	else
		platform_note_bad_unlock(lock, byte);
}
