// SPDX-License-Identifier: GPL-2.0
/* The slow paths of 2012. */
#include "ticket_lock.h"
#include "ticket_core.h"
#include "waiter_table.h"

/* A locked instruction also if the flag is set already. */
static void ticket_set_flag(struct ticket_lock *lock)
{
	ticket_t tail;

	do {
		tail = READ_ONCE(lock->tickets.tail);
	} while (!try_cmpxchg(&lock->tickets.tail, &tail,
			      (ticket_t)(tail | TICKET_PARITY_FLAG)));
}

static void ticket_block(struct ticket_lock *lock, ticket_t want)
{
	unsigned long flags = platform_irq_save();
	struct waiter *waiter = waiter_publish(lock, want);

	ticket_set_flag(lock);
	if (READ_ONCE(lock->tickets.head) != want && waiter)
		platform_halt(flags);
	if (waiter)
		waiter_retract(waiter);
	platform_irq_restore(flags);
}

void ticket_lock_slowpath(struct ticket_lock *lock, ticket_t want)
{
	u64 loops;

	for (;;) {
		for (loops = ticket_spin_cycles(); loops; loops--)
			if (READ_ONCE(lock->tickets.head) == want)
				return;
		if (platform_may_halt())
			ticket_block(lock, want);
	}
}

void ticket_unlock_slowpath(struct ticket_lock *lock, struct ticket_lock old)
{
	struct waiter *waiter;
	struct ticket_lock new;

	old.tickets.head += TICKET_LOCK_INC;
	new.head_tail = old.head_tail;
	new.tickets.tail = ticket_word_tail(old.head_tail);
	if (new.tickets.head == new.tickets.tail &&
	    ticket_replace(&lock->head_tail, old.head_tail,
			   new.head_tail))
		return;

	waiter = waiter_find(lock, old.tickets.head);
	if (waiter)
		platform_kick(READ_ONCE(waiter->cpu));
}
