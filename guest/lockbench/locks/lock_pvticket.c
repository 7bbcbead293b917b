// SPDX-License-Identifier: GPL-2.0
/*
 * The paravirtualized ticket lock, as other modules use it.
 */
#include "../../../kernel/statistics.h"
#include "lock.h"
#include "../loop.h"

static __always_inline unsigned long
pvticket_bench_lock(union bench_lock_word *word, bool irqs_off)
	__acquires(word)
{
	unsigned long flags = 0;

	if (irqs_off)
		pvticket_lock_irqsave(&word->pvticket, flags);
	else
		pvticket_lock(&word->pvticket);
	return flags;
}

static __always_inline void pvticket_bench_unlock(union bench_lock_word *word,
						  unsigned long flags,
						  bool irqs_off)
	__releases(word)
{
	if (irqs_off)
		pvticket_unlock_irqrestore(&word->pvticket, flags);
	else
		pvticket_unlock(&word->pvticket);
}

/* Draws its ticket itself, to know its place. */
static __always_inline unsigned long
pvticket_bench_lock_ringing(struct bench_thread *thread,
			    struct bench_slot *slot, bool irqs_off)
{
	struct pvticketlock *lock = &slot->word.pvticket;
	unsigned long flags = bench_lock_enter(irqs_off);
	u32 old;

	spin_acquire(&lock->dep_map, 0, 0, _THIS_IP_);
	old = ticket_draw(&lock->ticket);
	if (!ticket_word_is_free(old)) {
		ticket_t want = ticket_word_tail(old);

		bench_ring_when_next(thread, slot, &lock->ticket, want);
		ticket_lock_wait(&lock->ticket, want);
	}
	return flags;
}

static void pvticket_init(union bench_lock_word *word)
{
	pvticketlock_init(&word->pvticket);
}

static void pvticket_loop(struct bench_thread *thread)
{
	static const struct bench_primitive pvticket = {
		pvticket_bench_lock, pvticket_bench_unlock,
		pvticket_bench_lock_ringing
	};

	bench_loop(thread, &pvticket);
}

static void pvticket_implementation(char *name, size_t size)
{
	snprintf(name, size, "pvticketlock, backend %s", pvticketlock_backend());
}

static bool pvticket_read_counters(struct bench_counters *counters)
{
	struct ticket_statistics sum;
	bool counted = pvticketlock_statistics(&sum);

	counters->halts = sum.taken_slow - sum.taken_slow_pickup;
	counters->kicks = sum.released_slow_kicked;
	counters->spurious = sum.taken_slow_spurious;
	counters->overtakes = sum.taken_overtaking;
	return counted;
}

const struct bench_lock bench_lock_pvticket = {
	.name = "pvticket",
	.description = "paravirtualized ticket lock, waiters spin, then halt",
	.implementation = pvticket_implementation,
	.init = pvticket_init,
	.loop = pvticket_loop,
	.has_holder = true,
	.has_next = true,
	.read_counters = pvticket_read_counters,
};
