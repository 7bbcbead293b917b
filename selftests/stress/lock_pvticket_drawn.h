/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock core, where every other acquisition draws its ticket itself and then
 * waits for it; waiters hardly spin, so that the slow paths run.
 */
#include "lock_pvticket_halt.h"

#undef STRESS_LOCK_NAME
#define STRESS_LOCK_NAME	"pvticket_drawn"

static inline void lock_drawing(struct ticket_lock *lock)
{
	static __thread unsigned int turn;
	u32 old;

	if (turn++ & 1) {
		ticket_lock(lock);
		return;
	}
	old = ticket_draw(lock);
	if (!ticket_word_is_free(old))
		ticket_lock_wait(lock, ticket_word_tail(old));
}

#undef stress_lock
#define stress_lock(lock)	lock_drawing(lock)
