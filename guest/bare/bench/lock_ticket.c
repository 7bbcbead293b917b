// SPDX-License-Identifier: GPL-2.0
/*
 * The same lock word and fast path, but waiters only spin, and a plain store
 * releases it.
 */
#include "lock.h"
#include "loop.h"

static __always_inline void spin_ticket_lock(union bench_lock_word *word)
{
	u32 old = ticket_draw(&word->ticket);

	if (unlikely(!ticket_word_is_free(old)))
		ticket_lock_spin(&word->ticket, ticket_word_tail(old));
}

static __always_inline void spin_ticket_unlock(union bench_lock_word *word)
{
	ticket_t *head = &word->ticket.tickets.head;

	/* Pairs with xadd() in ticket_draw(), ticket_word_read(). */
	smp_store_release(head, (ticket_t)(READ_ONCE(*head) + TICKET_LOCK_INC));
}

static __always_inline void spin_ticket_lock_ringing(struct bench_thread *thread,
						     struct bench_slot *slot)
{
	struct ticket_lock *lock = &slot->word.ticket;
	u32 old = ticket_draw(lock);

	if (!ticket_word_is_free(old)) {
		ring_when_next(thread, slot, ticket_word_tail(old));
		ticket_lock_spin(lock, ticket_word_tail(old));
	}
}

static void spin_ticket_loop(struct bench_thread *thread)
{
	static const struct bench_primitive spin_ticket = {
		spin_ticket_lock, spin_ticket_unlock, spin_ticket_lock_ringing
	};

	bench_loop(thread, &spin_ticket);
}

const struct bench_lock bench_lock_ticket = {
	.name = "ticket",
	.loop = spin_ticket_loop,
	.has_holder = true,
	.has_next = true,
};
