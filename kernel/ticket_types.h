/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock word.
 *
 *    31            16 15             1   0
 *   +----------------+----------------+----+
 *   |      tail      |      head      | SP |
 *   +----------------+----------------+----+
 *
 * head: the ticket that is being served. tail: the next ticket to hand out.
 * The lock is free when they are equal. Tickets advance by TICKET_LOCK_INC,
 * so bit 0 of a ticket is free; in the head it is TICKET_SLOWPATH_FLAG (SP):
 * a waiter may have halted, so the unlocker has to look for it.
 *
 * The flag is in the head, not in the tail, because the unlocker must learn
 * it from the very instruction that releases the lock. Reading it afterwards
 * would touch a lock that its next owner may already have freed.
 */
#ifndef TICKET_TYPES_H
#define TICKET_TYPES_H

#include "platform.h"

typedef u16 ticket_t;

#define TICKET_LOCK_INC		((ticket_t)2)
#define TICKET_SLOWPATH_FLAG	((ticket_t)1)
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
