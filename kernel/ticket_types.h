/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock word.
 *
 *    31             17 16  15              1   0
 *   +-----------------+---+-----------------+----+
 *   |      tail       | P |      head       | SP |
 *   +-----------------+---+-----------------+----+
 *
 * head: the ticket that is being served. tail: the next ticket to hand out.
 * The lock is free when they are equal. Tickets advance by TICKET_LOCK_INC,
 * so bit 0 of each half is free:
 *
 * SP, TICKET_SLOWPATH_FLAG: the next in line has halted. Releasing the lock
 * leaves it open instead of handing it over, and the next in line has to be
 * kicked. It is in the head, because the unlocker must learn it from the very
 * instruction that releases the lock: reading it afterwards would touch a lock
 * that its next owner may already have freed.
 *
 * P, TICKET_PARITY_FLAG: while SP is set, the parity of the last ticket that
 * owned the lock. Every unlock adds one ticket to the head, whatever SP says,
 * so it changes the head's parity: where it differs from P, the lock is open.
 * While SP is clear, so is P.
 *
 *   state     head  SP  P              unlock leads to
 *   free      t     0   0
 *   held      h     0   0              held by h+1, or free
 *   opening   h     1   parity(h)      open for h+1
 *   open      h     1   parity(h-1)
 *
 * Transitions, written (head, SP | tail, P), with w for the ticket of a waiter
 * and p(x) for the parity of x:
 *
 *   ticket_trylock()       h,0|h,0        -> h,0|h+1,0       takes a free lock
 *   ticket_draw()          h,s|t,p        -> h,s|t+1,p       owns it if h == t
 *   ticket_unlock()        h,s|t,p        -> h+1,s|t,p       by the owner
 *   ticket_overtake()      w,1|t,p(w-1)   -> w-1,1|t,p(w-1)  by one who is not w
 *   ticket_queued() take   w,1|t,p(w-1)   -> w,0|t,0         open, and w's turn
 *   ticket_queued() close  w-1,1|t,p(w-1) -> w-1,0|t,0       w is awake
 *   ticket_ask_for_kick()  w-1,0|t,0      -> w-1,1|t,p(w-1)  w is going to halt
 *   ticket_see_to_next()   w-1,0|t,0      -> w-1,1|t,p(w-1)  owner: w has halted
 *   ticket_word_pass()     w-1,0|t,0      -> w,0|t,0         owner: w has left
 */
#ifndef TICKET_TYPES_H
#define TICKET_TYPES_H

#include "platform/types.h"

typedef u16 ticket_t;

#define TICKET_LOCK_INC		((ticket_t)2)
#define TICKET_SLOWPATH_FLAG	((ticket_t)1)
#define TICKET_PARITY_FLAG	((ticket_t)1)
#define TICKET_SHIFT		16

/*
 * More waiters than tickets would make two of them wait for the same one.
 * One CPU waits for any one lock at most once, whatever interrupts it.
 */
#define TICKET_MAX_CPUS		((1U << TICKET_SHIFT) / TICKET_LOCK_INC - 1)

struct ticket_pair {
	ticket_t head;
	ticket_t tail;
};

/**
 * struct ticket_lock - a paravirtualized ticket spinlock
 * @head_tail: the whole word, for compare-and-exchange
 * @tickets: its two halves
 */
struct ticket_lock {
	union {
		u32 head_tail;
		struct ticket_pair tickets;
	};
};

#define TICKET_LOCK_UNLOCKED	{ { .head_tail = 0 } }

#endif /* TICKET_TYPES_H */
