// SPDX-License-Identifier: GPL-2.0
/*
 * The ticket lock as it was before paravirtualization: the lock word and
 * the fast path of kernel/ticket_lock.h, waiters that only spin, and a plain
 * store to release. Independent of pvticketlock's backend.
 */
#include "lock.h"
#include "../loop.h"

static __always_inline unsigned long
spin_ticket_lock(union bench_lock_word *word, bool irqs_off)
{
	unsigned long flags = bench_lock_enter(irqs_off);
	u32 old = ticket_draw(&word->ticket);

	if (unlikely(!ticket_word_is_free(old)))
		ticket_lock_spin(&word->ticket, ticket_word_tail(old));
	return flags;
}

static __always_inline unsigned long
spin_ticket_lock_ringing(struct bench_thread *thread, struct bench_slot *slot,
			 bool irqs_off)
{
	unsigned long flags = bench_lock_enter(irqs_off);
	struct ticket_lock *lock = &slot->word.ticket;
	u32 old = ticket_draw(lock);

	if (!ticket_word_is_free(old)) {
		bench_ring_when_next(thread, slot, lock, ticket_word_tail(old));
		ticket_lock_spin(lock, ticket_word_tail(old));
	}
	return flags;
}

static __always_inline void spin_ticket_unlock(union bench_lock_word *word,
					       unsigned long flags, bool irqs_off)
{
	ticket_t *head = &word->ticket.tickets.head;

	/* Pairs with xadd() in ticket_draw(), ticket_word_read(). */
	smp_store_release(head, (ticket_t)(READ_ONCE(*head) + TICKET_LOCK_INC));
	bench_lock_leave(flags, irqs_off);
}

static void spin_ticket_init(union bench_lock_word *word)
{
	ticket_lock_init(&word->ticket);
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
	.description = "the same ticket lock, waiters only spin",
	.init = spin_ticket_init,
	.loop = spin_ticket_loop,
	.has_holder = true,
	.has_next = true,
};
