/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading and composing values of struct ticket_lock's word, whose table is in
 * ticket_types.h. The slow path (ticket_algorithm.h) is written over these
 * functions; ticket_qspinlock.c has others of the same names.
 */
#ifndef TICKET_WORD_H
#define TICKET_WORD_H

#include "ticket_access.h"
#include "ticket_types.h"

/* As many as can be in line. */
#define TICKET_WORD_MOST	TICKET_MAX_CPUS

static __always_inline ticket_t ticket_parity(ticket_t ticket)
{
	return (ticket / TICKET_LOCK_INC) & TICKET_PARITY_FLAG;
}

/* The ticket being served, or in an open lock the next one in line. */
static __always_inline ticket_t ticket_word_head(u32 word)
{
	return (ticket_t)word & (ticket_t)~TICKET_SLOWPATH_FLAG;
}

static __always_inline ticket_t ticket_word_tail(u32 word)
{
	return (ticket_t)(word >> TICKET_SHIFT) & (ticket_t)~TICKET_PARITY_FLAG;
}

/* The first in line has halted. */
static __always_inline bool ticket_word_is_slow(u32 word)
{
	return word & TICKET_SLOWPATH_FLAG;
}

static __always_inline bool ticket_word_is_free(u32 word)
{
	return (ticket_t)word == (ticket_t)(word >> TICKET_SHIFT);
}

/* Held by nobody, as the first in line has halted. */
static __always_inline bool ticket_word_is_open(u32 word)
{
	ticket_t parity = (word >> TICKET_SHIFT) & TICKET_PARITY_FLAG;

	return ticket_word_is_slow(word) &&
	       ticket_parity(ticket_word_head(word)) != parity;
}

/* How many are in line, those who have left it included. */
static __always_inline u32 ticket_word_waiting(u32 word)
{
	ticket_t drawn = ticket_word_tail(word) - ticket_word_head(word);

	return drawn / TICKET_LOCK_INC + ticket_word_is_open(word) -
	       !ticket_word_is_free(word);
}

static __always_inline bool ticket_word_is_contended(u32 word)
{
	return ticket_word_waiting(word);
}

/* The first in line, if there is one. */
static __always_inline ticket_t ticket_word_first(u32 word)
{
	ticket_t head = ticket_word_head(word);

	return ticket_word_is_open(word) ? head : head + TICKET_LOCK_INC;
}

/* The ticket drawn @n later than @ticket. */
static __always_inline ticket_t ticket_word_later(ticket_t ticket, u32 n)
{
	return ticket + n * TICKET_LOCK_INC;
}

/* How many owners come before @want; 0: its turn, even if the lock is open. */
static __always_inline u32 ticket_word_ahead(u32 word, ticket_t want)
{
	ticket_t distance = want - ticket_word_head(word);

	return distance / TICKET_LOCK_INC;
}

/* free -> held, without a line. */
static __always_inline u32 ticket_word_taken(u32 word)
{
	return word + ((u32)TICKET_LOCK_INC << TICKET_SHIFT);
}

/* Any -> held by @owner; unlock hands over. */
static __always_inline u32 ticket_word_held(u32 word, ticket_t owner)
{
	return (u32)ticket_word_tail(word) << TICKET_SHIFT | owner;
}

/* held -> opening: unlock leaves the lock open. */
static __always_inline u32 ticket_word_opening(u32 word)
{
	ticket_t owner = ticket_word_head(word);

	return ticket_word_held(word, owner | TICKET_SLOWPATH_FLAG) |
	       (u32)ticket_parity(owner) << TICKET_SHIFT;
}

/* open -> opening, out of turn: owned by the ticket before, once more. */
static __always_inline u32 ticket_word_overtaken(u32 word)
{
	ticket_t owner = ticket_word_head(word) - TICKET_LOCK_INC;

	return ticket_word_opening(ticket_word_held(word, owner));
}

/* held -> held, without the first in line; the owner is taken for it. */
static __always_inline u32 ticket_word_passed(u32 word)
{
	ticket_t owner = ticket_word_head(word) + TICKET_LOCK_INC;

	return ticket_word_held(word, owner);
}

/* opening -> held, open -> the turn of the first in line. */
static __always_inline u32 ticket_word_closed(u32 word)
{
	return ticket_word_held(word, ticket_word_head(word));
}

#endif /* TICKET_WORD_H */
