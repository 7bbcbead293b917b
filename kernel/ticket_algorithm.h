/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Paravirtualized ticket spinlock, the slow path, for any lock word.
 *
 * A ticket lock serves its waiters in order. In a virtual machine the next in
 * line, or the holder, may not be running, and everybody behind it burns its
 * time slice. So a waiter spins for a bounded time and then halts its virtual
 * CPU, and whoever releases the lock kicks the CPU whose turn it is.
 *
 * That was "Paravirtualized ticket spinlocks" (Fitzhardinge, Vaddagiri,
 * Raghavendra, 2012), and it is not enough: handing the lock to a halted
 * waiter makes everybody wait for its wake-up, and under overcommit soon every
 * hand-over is one to a halted waiter. Here, a lock whose next in line has
 * halted is not handed over but left open. Whoever runs may take it, until the
 * next in line is awake again and closes it. Waking it up overlaps with the
 * work of others, and the order among those who queue stays that of their
 * tickets.
 *
 * Who takes an open lock out of turn leaves the line as it is. Its unlock
 * needs no memory of how it got the lock: it is the same instruction and
 * leaves the lock open again.
 *
 * The word is one of two, with a file each that has its transitions:
 * ticket_slowpath.c for struct ticket_lock, ticket_qspinlock.c for the
 * kernel's own spinlock. What they have in common is in ticket_layout.h.
 *
 * Locking, in this order:
 *
 *   UNQUEUED   no ticket yet. While the lock is marked, or if the CPU was
 *              descheduled when it waited last, spin for a bounded time and
 *              take the lock as soon as it is free or open; also for a few
 *              looks if nobody is in line.
 *   QUEUED     has a ticket; spin until its turn, or nobody is served for the
 *              spinning time, or the CPU has been descheduled. The time is
 *              shorter where that is what keeps happening.
 *   HALTED     in the waiter table; the CPU halts until kicked, and spins.
 *   TURN       out of the waiter table; with some words, one more step to
 *              become the owner. Nobody else can take the lock.
 *
 * A waiter learns that its CPU was descheduled from the clock: a pause took
 * too long. With pause-loop exits, a queue of spinning waiters would otherwise
 * settle in a state in which all of them run in turn, none spins for long, and
 * each hand-over waits for the host to run the next one.
 *
 * But for drawing tickets, only the first in line ever writes to a lock that it
 * does not own, once when it halts and once when it is awake. All others in the
 * queue just read; with one exception: who is second and awake closes an open
 * lock for the first, who is being kicked.
 *
 * Who sees to it that a halted waiter wakes up? Let w be halted.
 *
 * (1) While w is the first in line and the lock is held, it is marked. Then
 *     every unlock notices, finds the waiter, and kicks it, unless it has been
 *     kicked already.
 * (2) While w is further back, whoever becomes the owner in the turn before w
 *     will look for w in the table, and mark the lock if it has halted.
 *
 * The mark is set by w itself if it is the first in line of a held lock when
 * it halts, by the owner otherwise, and cleared by nobody but w, while the lock
 * is held. It could fail only if both look too early:
 *
 *   waiter w, ticket_block()            the owner before w
 *
 *   state = HALTED                      becomes owner    or: releases
 *   smp_mb()                      [A]   smp_mb()  [B]        (ordered)   [C]
 *   read the word: turn? mark?          read w's state
 *   halt                                mark the lock        kick if HALTED
 *
 * [A] pairs with [B] and with [C]: either the waiter sees the new owner or the
 * release in the word, or the other side sees HALTED.
 *
 * A kick that arrives before the halt is remembered by the host, one deep, and
 * the halt returns at once. A halt is kicked at most once: the unlocker that
 * changes HALTED to KICKED sends it.
 *
 * Interrupts are disabled from the last look at the word until the CPU has
 * halted, so no halt of an interrupt handler in between can eat the kick. A
 * handler that runs during the halt may eat it; but returning from the handler
 * ends the halt too, and the waiter looks at the word again. Returning from a
 * halt for no reason is normal: always loop.
 *
 * A waiter leaves the table before it becomes the owner, so that its ticket
 * may be drawn again from then on: a word may start again from ticket 0 when
 * its queue is empty. While the lock is open, or held out of turn, the first in
 * line is in the table.
 *
 * Limits: as many CPUs as the word has tickets, less one. NMI handlers may
 * take locks, but only spin. While it is first in line, a waiter is overtaken
 * at most as often as ticket_set_overtake_limit() says; with a limit of 0, the
 * lock is FIFO, and handing it to a halted waiter costs a wake-up each time.
 */
#ifndef TICKET_ALGORITHM_H
#define TICKET_ALGORITHM_H

#include "platform/platform.h"
#include "statistics.h"
#include "ticket_layout.h"
#include "ticket_core.h"
#include "ticket_word.h"
#include "waiter_hints.h"
#include "waiter_table.h"

/* Pauses between two looks at the lock, for each place in the queue. */
#define TICKET_BACKOFF_LOOPS	4

/*
 * How often who finds nobody in line looks again before it gets in line. To
 * hand a lock over, its line has to get to another CPU, and that CPU has to
 * notice; its owner could use it several times meanwhile.
 */
#define TICKET_PATIENCE	4

/* What remains of the spinning time where host CPUs are scarce: a third. */
#define TICKET_SCARCE_SHARE	3

/*
 * May the lock, open in @word, be taken out of turn? A hint: the entry that is
 * looked at need not be that of the first in line any more.
 */
static __always_inline bool
ticket_may_overtake(const u32 *lock, u32 word, u16 limit,
		    const struct ticket_layout *layout)
{
	struct waiter *waiter = waiter_find(lock, layout->first(word));

	return !waiter || READ_ONCE(waiter->overtaken) < limit;
}

/*
 * open -> opening: take an open lock, and count that its first in line has been
 * overtaken.
 *
 * While the lock is open for w, and while it is held out of turn, w is in the
 * waiter table. So its entry is found once the exchange has succeeded, and does
 * not change hands until the unlock. An entry found before may be that of an
 * earlier waiter, as the word may have been the same then.
 */
static __always_inline bool
ticket_overtake(u32 *lock, u32 word, u16 limit,
		const struct ticket_layout *layout)
{
	struct waiter *waiter;
	u16 overtaken;

	if (!ticket_replace(lock, word, layout->overtaken(word)))
		return false;

	waiter = waiter_find(lock, layout->first(word));
	overtaken = READ_ONCE(waiter->overtaken);
	if (overtaken < limit) {
		WRITE_ONCE(waiter->overtaken, overtaken + 1);
		ticket_count(taken_overtaking);
		return true;
	}
	layout->release(lock);
	return false;
}

/*
 * Try to get the lock without a ticket, for as long as it is worth trying: up
 * to the spinning time, and while either the first in line has halted, or the
 * host is likely to run something else on this CPU: who is descheduled without
 * a ticket keeps nobody waiting. For a few looks, if there is no line at all.
 */
static __always_inline bool
ticket_lock_unqueued(u32 *lock, const struct ticket_layout *layout)
{
	u16 limit = READ_ONCE(ticket_overtake_limit);
	u32 loops = READ_ONCE(ticket_spin_loops);
	bool wary = waiter_was_descheduled();
	u32 patience = TICKET_PATIENCE;

	for (; limit && loops; loops--) {
		u32 word = ticket_read(lock);

		if (layout->is_free(word)) {
			if (ticket_replace(lock, word, layout->taken(word)))
				return true;
		} else if (layout->is_open(word)) {
			return ticket_may_overtake(lock, word, limit, layout) &&
			       ticket_overtake(lock, word, limit, layout);
		} else if (!layout->is_slow(word) && !wary) {
			if (layout->is_contended(word) || !patience--)
				return false;
		}
		if (ticket_pause(1))
			waiter_note_descheduled();
	}
	return false;
}

/*
 * One look at the lock by the waiter for @want.
 *
 *   open -> turn		if it is open for @want
 *   opening -> held		if @want is the first in line: it is awake
 *
 * Return: whether it is @want's turn; @ahead: if not, how many come before.
 */
static __always_inline bool
ticket_poll(u32 *lock, ticket_t want, u32 *ahead,
	    const struct ticket_layout *layout)
{
	u32 word = ticket_read(lock);

	*ahead = layout->ahead(word, want);
	if (!*ahead)
		return !layout->is_open(word) ||
		       ticket_replace(lock, word, layout->closed(word));

	if (*ahead == 1 && layout->is_slow(word))
		ticket_replace(lock, word, layout->closed(word));
	return false;
}

/*
 * How long to pause until the next look. Each unlock takes the line away from
 * all who look at it, and each of them fetches it again in turn. So whoever is
 * further back looks less often, and the traffic grows with the logarithm of
 * the number of waiters only.
 */
static inline u32 ticket_backoff(u32 ahead)
{
	if (ahead <= 1)
		return 1;
	return (ahead - 1) * TICKET_BACKOFF_LOOPS;
}

/*
 * Wait for @want without halting, for as long as that may be the cheaper way:
 * until nobody has been served for the spinning time, or the host has run
 * something else on this CPU. In the latter case CPUs are scarce, and
 * everybody behind would have to wait for this one to run again. If a CPU sees
 * either of the two again and again, it spins for a shorter time.
 *
 * Return: whether it is now the caller's turn.
 */
static __always_inline bool
ticket_spin(u32 *lock, ticket_t want, const struct ticket_layout *layout)
{
	u32 budget = READ_ONCE(ticket_spin_loops);
	u32 ahead = 0;
	u32 loops;

	if (waiter_sees_scarcity())
		budget /= TICKET_SCARCE_SHARE;
	for (loops = budget;;) {
		u32 before = ahead;
		u32 pause;

		if (ticket_poll(lock, want, &ahead, layout))
			return true;
		if (ahead != before) {
			loops = budget;
		} else if (!loops) {
			waiter_note_scarcity();
			return false;
		}

		pause = ticket_backoff(ahead);
		if (pause > loops)
			pause = loops;
		loops -= pause;
		if (ticket_pause(pause)) {
			waiter_note_descheduled();
			return ticket_poll(lock, want, &ahead, layout);
		}
	}
}

/*
 * held -> opening: ask the owner for a kick, if it is the one to give it.
 *
 * Return: false if the lock is @want's to take.
 */
static __always_inline bool
ticket_prepare_halt(u32 *lock, ticket_t want,
		    const struct ticket_layout *layout)
{
	u32 word;

	platform_fault();
	do {
		u32 ahead;

		word = ticket_read(lock);
		ahead = layout->ahead(word, want);
		if (!ahead)
			return false;
		if (layout->first(word) != want || layout->is_slow(word))
			return true;
	} while (!ticket_replace(lock, word, layout->opening(word)));
	return true;
}

/* Halt until kicked; interrupts are off, and back as in @flags on return. */
static inline void ticket_halt(const void *lock, struct waiter *waiter,
			       unsigned long flags)
{
	u64 start = platform_clock_ns();
	u64 blocked_ns;

	platform_halt(flags);
	blocked_ns = platform_clock_ns() - start;
	ticket_count_blocked(blocked_ns);
	platform_note_halt(lock, blocked_ns);
	if (READ_ONCE(waiter->state) == WAITER_HALTED)
		ticket_count(taken_slow_spurious);
}

/*
 * Halt once, unless it is @want's turn. Returns for any reason or none.
 *
 * Return: the waiter's entry, @waiter if it had one before; NULL if there was
 * no room for it.
 */
static __always_inline struct waiter *
ticket_block(u32 *lock, ticket_t want, struct waiter *waiter,
	     const struct ticket_layout *layout)
{
	unsigned long flags = platform_irq_save();

	if (!waiter)
		waiter = waiter_publish(lock, want);
	if (waiter) {
		ticket_count(taken_slow);
		/*
		 * Release: an unlocker that has found this entry when it was
		 * another waiter's may mark it, and then needs its CPU.
		 */
		smp_store_release(&waiter->state, WAITER_HALTED);
		/*
		 * [A] Pairs with smp_mb() in ticket_open_for_next() and with
		 * the unlock.
		 */
		smp_mb();
		if (ticket_prepare_halt(lock, want, layout))
			ticket_halt(lock, waiter, flags);
		else
			ticket_count(taken_slow_pickup);
		WRITE_ONCE(waiter->state, WAITER_AWAKE);
	}
	platform_irq_restore(flags);
	return waiter;
}

/*
 * held -> opening: the new owner sees to it that the next in line is kicked,
 * if it halted too early to do so itself.
 */
static __always_inline void
ticket_open_for_next(u32 *lock, const struct ticket_layout *layout)
{
	u32 word = ticket_read(lock);
	struct waiter *waiter;

	/* Who comes later sees that it is next. */
	if (!layout->is_contended(word))
		return;

	/* [B] Pairs with smp_mb() in ticket_block(). */
	smp_mb();
	waiter = waiter_find(lock, layout->first(word));
	if (!waiter || READ_ONCE(waiter->state) == WAITER_AWAKE)
		return;

	do {
		word = ticket_read(lock);
	} while (!layout->is_slow(word) &&
		 !ticket_replace(lock, word, layout->opening(word)));
}

/* Acquire a lock for which @want has been drawn. Preemption is disabled. */
static __always_inline void
ticket_wait(u32 *lock, ticket_t want, const struct ticket_layout *layout)
{
	struct waiter *waiter = NULL;

	while (!ticket_spin(lock, want, layout)) {
		if (platform_may_halt())
			waiter = ticket_block(lock, want, waiter, layout);
	}
	if (waiter)
		waiter_retract(waiter);
	layout->claim(lock);
	ticket_open_for_next(lock, layout);
}

/* Acquire a lock that was not free. Preemption is disabled. */
static __always_inline void
ticket_acquire(u32 *lock, const struct ticket_layout *layout)
{
	if (!ticket_lock_unqueued(lock, layout))
		ticket_wait(lock, layout->draw(lock), layout);
}

/*
 * Kick the waiter for @next; @lock, now open, is just an address. Preemption
 * is disabled.
 */
static inline void ticket_kick(const void *lock, ticket_t next)
{
	struct waiter *waiter = waiter_find(lock, next);
	unsigned long flags;

	ticket_count(released_slow);
	if (!waiter || READ_ONCE(waiter->state) != WAITER_HALTED)
		return;

	/*
	 * If the entry has changed hands meanwhile, it is the new owner that
	 * is marked, so it is the new owner that has to be kicked. Until then
	 * nobody else kicks it: no interrupt handler may come in between, it
	 * could wait for the same lock.
	 */
	flags = platform_irq_save();
	if (cmpxchg(&waiter->state, WAITER_HALTED, WAITER_KICKED) ==
	    WAITER_HALTED) {
		ticket_count(released_slow_kicked);
		/* Ordered after the exchange. */
		platform_kick(READ_ONCE(waiter->cpu));
	}
	platform_irq_restore(flags);
}

#endif /* TICKET_ALGORITHM_H */
