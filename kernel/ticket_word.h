/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading and composing values of the lock word; nothing here touches a lock
 * but the functions that read and replace it.
 */
#ifndef TICKET_WORD_H
#define TICKET_WORD_H

#include "platform/fast.h"
#include "ticket_types.h"

/* Of any layout. */
static __always_inline u32 ticket_read(const u32 *lock)
{
	/* Pairs with the release by the lock's last owner. */
	return smp_load_acquire(lock);
}

/* Of any layout. Fully ordered if it succeeds. */
static __always_inline bool ticket_replace(u32 *lock, u32 old, u32 new)
{
	return cmpxchg(lock, old, new) == old;
}

static __always_inline struct ticket_lock
ticket_word_read(const struct ticket_lock *lock)
{
	return (struct ticket_lock){ .head_tail = ticket_read(&lock->head_tail) };
}

static __always_inline bool ticket_word_replace(struct ticket_lock *lock,
						struct ticket_lock old,
						struct ticket_lock new)
{
	return ticket_replace(&lock->head_tail, old.head_tail, new.head_tail);
}

static __always_inline ticket_t ticket_parity(ticket_t ticket)
{
	return (ticket / TICKET_LOCK_INC) & TICKET_PARITY_FLAG;
}

/* The ticket being served, or in an open lock the next one in line. */
static __always_inline ticket_t ticket_word_head(struct ticket_lock word)
{
	return word.tickets.head & (ticket_t)~TICKET_SLOWPATH_FLAG;
}

static __always_inline ticket_t ticket_word_tail(struct ticket_lock word)
{
	return word.tickets.tail & (ticket_t)~TICKET_PARITY_FLAG;
}

static __always_inline bool ticket_word_is_slow(struct ticket_lock word)
{
	return word.tickets.head & TICKET_SLOWPATH_FLAG;
}

static __always_inline bool ticket_word_is_free(struct ticket_lock word)
{
	return word.tickets.head == word.tickets.tail;
}

static __always_inline bool ticket_word_is_open(struct ticket_lock word)
{
	ticket_t parity = word.tickets.tail & TICKET_PARITY_FLAG;

	return ticket_word_is_slow(word) &&
	       ticket_parity(word.tickets.head) != parity;
}

static __always_inline bool ticket_word_is_contended(struct ticket_lock word)
{
	ticket_t waiting = ticket_word_tail(word) - ticket_word_head(word);

	return waiting > TICKET_LOCK_INC || ticket_word_is_open(word);
}

/* The same tail, held by @owner; unlock hands over. */
static __always_inline struct ticket_lock
ticket_word_held(struct ticket_lock word, ticket_t owner)
{
	word.tickets.head = owner;
	word.tickets.tail = ticket_word_tail(word);
	return word;
}

/* The same tail, held by @owner; unlock leaves the lock open. */
static __always_inline struct ticket_lock
ticket_word_opening(struct ticket_lock word, ticket_t owner)
{
	word.tickets.head = owner | TICKET_SLOWPATH_FLAG;
	word.tickets.tail = ticket_word_tail(word) | ticket_parity(owner);
	return word;
}

#endif /* TICKET_WORD_H */
