// SPDX-License-Identifier: GPL-2.0
/*
 * The paravirtualized ticket lock: kernel/, on this platform.
 */
#include "lock.h"
#include "loop.h"

static __always_inline void pvticket_lock(union bench_lock_word *word)
{
	ticket_lock(&word->ticket);
}

static __always_inline void pvticket_unlock(union bench_lock_word *word)
{
	ticket_unlock(&word->ticket);
}

/* Draws its ticket itself, to know its place. */
static __always_inline void pvticket_lock_ringing(struct bench_thread *thread,
						  struct bench_slot *slot)
{
	struct ticket_lock *lock = &slot->word.ticket;
	u32 old = ticket_draw(lock);

	if (!ticket_word_is_free(old)) {
		ticket_t want = ticket_word_tail(old);

		ring_when_next(thread, slot, want);
		ticket_lock_wait(lock, want);
	}
}

static void pvticket_loop(struct bench_thread *thread)
{
	static const struct bench_primitive pvticket = {
		pvticket_lock, pvticket_unlock, pvticket_lock_ringing
	};

	bench_loop(thread, &pvticket);
}

const struct bench_lock bench_lock_pvticket = {
	.name = "pvticket",
	.implementation = "the lock core, halts by HLT",
	.loop = pvticket_loop,
	.has_holder = true,
	.has_next = true,
};
