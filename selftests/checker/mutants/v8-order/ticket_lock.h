/* SPDX-License-Identifier: GPL-2.0 */
/* The fast paths of 2012. TICKET_PARITY_FLAG in the tail is the flag. */
#ifndef TICKET_LOCK_H
#define TICKET_LOCK_H

#include "ticket_word.h"

void ticket_lock_slowpath(struct ticket_lock *lock, ticket_t want);
void ticket_unlock_slowpath(struct ticket_lock *lock, struct ticket_lock old);

static __always_inline struct ticket_lock
ticket_word_read(const struct ticket_lock *lock)
{
	return (struct ticket_lock){ .head_tail = ticket_read(&lock->head_tail) };
}

static __always_inline void ticket_lock_init(struct ticket_lock *lock)
{
	WRITE_ONCE(lock->head_tail, 0);
}

static __always_inline struct ticket_lock ticket_draw(struct ticket_lock *lock)
{
	struct ticket_lock old;

	old.head_tail = xadd(&lock->head_tail,
			     (u32)TICKET_LOCK_INC << TICKET_SHIFT);
	return old;
}

static __always_inline void ticket_lock(struct ticket_lock *lock)
{
	struct ticket_lock old = ticket_draw(lock);

	if (old.tickets.head != ticket_word_tail(old.head_tail))
		ticket_lock_slowpath(lock, ticket_word_tail(old.head_tail));
}

static __always_inline bool ticket_trylock(struct ticket_lock *lock)
{
	struct ticket_lock old = ticket_word_read(lock);
	struct ticket_lock new = old;

	if (old.tickets.head != ticket_word_tail(old.head_tail))
		return false;
	new.tickets.tail += TICKET_LOCK_INC;
	return ticket_replace(&lock->head_tail, old.head_tail, new.head_tail);
}

static __always_inline void ticket_unlock(struct ticket_lock *lock)
{
	struct ticket_lock old = ticket_word_read(lock);

	xadd(&lock->tickets.head, TICKET_LOCK_INC);
	if (READ_ONCE(lock->tickets.tail) & TICKET_PARITY_FLAG)
		ticket_unlock_slowpath(lock, old);
}

static __always_inline bool ticket_is_locked(const struct ticket_lock *lock)
{
	struct ticket_lock word = ticket_word_read(lock);

	return word.tickets.head != ticket_word_tail(word.head_tail);
}

#endif /* TICKET_LOCK_H */
