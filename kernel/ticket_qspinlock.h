/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ticket spinlock in the word of the kernel's own spinlock, qspinlock, so
 * that it can take the place of that one's slow path in a running kernel.
 *
 *    31          20 19           8 7    2   1    0
 *   +--------------+--------------+------+----+---+
 *   |     tail     |     head     |  0   | SP | L |
 *   +--------------+--------------+------+----+---+
 *
 * head: the ticket of the first in line. tail: the next ticket to hand out.
 * They are equal if nobody is in line, and then both are 0.
 *
 * The kernel knows of this word: 0 is a free lock; 1 in the low byte is a held
 * one whose release is cmpxchg(byte, 1, 0); with anything else in the byte,
 * the unlocker calls the slow path, with the lock still held. Everything but 0
 * is locked to trylock, is_locked and lockref; anything above the low byte is
 * a waiter to is_contended.
 *
 *   state     byte  line      unlock leads to
 *   free      0     empty
 *   held      1     any       free, or the turn of the first in line
 *   turn      0     not empty
 *   opening   3     not empty open, and a kick
 *   open      2     not empty
 *
 * L, the lock is held. SP, the first in line has halted.
 */
#ifndef TICKET_QSPINLOCK_H
#define TICKET_QSPINLOCK_H

#include "platform/types.h"

#define TICKET_QSPINLOCK_LOCKED	1U
#define TICKET_QSPINLOCK_SLOW	2U

/* Fewer make tests of what happens when the tickets wrap around short. */
#ifndef TICKET_QSPINLOCK_TICKET_BITS
#define TICKET_QSPINLOCK_TICKET_BITS	12
#endif

/* One ticket more than waiters: in a full line, head and tail differ. */
#define TICKET_QSPINLOCK_MAX_CPUS	\
	((1U << TICKET_QSPINLOCK_TICKET_BITS) - 1)

/**
 * struct ticket_qspinlock - the kernel's struct qspinlock
 * @word: all of it
 * @byte: its low byte, on a little-endian machine
 */
struct ticket_qspinlock {
	union {
		u32 word;
		u8 byte;
	};
};

void ticket_qspinlock_lock_slowpath(struct ticket_qspinlock *lock);
void ticket_qspinlock_unlock_slowpath(struct ticket_qspinlock *lock, u8 byte);

#endif /* TICKET_QSPINLOCK_H */
