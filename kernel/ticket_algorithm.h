/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Paravirtualized ticket spinlock, the slow path, for any lock word.
 *
 * Longer than 400 lines: a third of it is this comment, which tells the
 * algorithm once, and the rest is one state machine.
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
 * Locking, in this order:
 *
 *   UNQUEUED   no ticket yet. While the lock is marked, spin for a bounded time
 *              and take it as soon as it is free or open; also for a few looks
 *              if nobody is in line.
 *   QUEUED     has a ticket; spin until its turn, or until the same one has been
 *              first for the spinning time. If the lock is open for somebody
 *              else, take it and leave the line; who may not cannot be next: halt.
 *   HALTED     in the waiter table; the CPU halts until kicked, and spins.
 *   TURN       out of the waiter table; becomes the owner, if it is not yet, and
 *              sees to the next in line. Nobody else can take the lock.
 *
 * Time counts while the host runs something else on the CPU, too: who comes
 * back from that and finds the same one first halts at once.
 *
 * As many should be awake as CPUs run. Kicking the first in line wakes one; if
 * it is overtaken again and again before it runs, either it waits behind others
 * while a CPU is idle, or no CPU is. Nobody can tell which, so the next in line
 * is kicked, too, and the one after that, each after twice as many overtakings
 * as the one before. They find the lock open, take it, and leave the line; the
 * first in line stays the first, and the limit counts each of them.
 *
 * A ticket of who has left stays in line until the owner before it passes over
 * it, with the lock in hand: so nothing touches the lock after a release.
 *
 * But for drawing tickets, only the first in line ever writes to a lock that it
 * does not own, once when it halts and once when it is awake. All others in the
 * queue just read.
 *
 * Who sees to it that a halted waiter wakes up? Let w be halted.
 *
 * (1) While w is the first in line and the lock is held, it is marked. Then
 *     every unlock notices, finds the waiter, and kicks it, unless it has been
 *     kicked already.
 * (2) While w is further back, whoever becomes the owner in the turn before w,
 *     but for those who have left, will look for w in the table, and mark the
 *     lock if it has halted.
 *
 * The mark is set by w itself if it is the first in line of a held lock when
 * it halts, by the owner otherwise, and cleared by nobody but w, while the lock
 * is held. It could fail only if both look too early:
 *
 *   waiter w, ticket_halted()           the owner before w
 *
 *   state = HALTED                      becomes owner    or: releases
 *   smp_mb()                      [A]   (ordered)  [B]       (ordered)   [C]
 *   read the word: turn? mark?          read w's state
 *   halt                                mark the lock        kick if HALTED
 *
 * [A] pairs with [B] and with [C]: either the waiter sees the new owner or the
 * release in the word, or the other side sees HALTED.
 *
 * That a waiter has left needs no such pair: it says so while it owns the lock,
 * so whoever owns it later knows. Nobody leaves when it is the first in line.
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
 * A waiter leaves the table before it becomes the owner, and the entry of who
 * has left goes before its ticket, so that a ticket may be drawn again from
 * then on: a word may start again from ticket 0 when its queue is empty. While
 * the lock is open, or held out of turn, the first in line is in the table.
 *
 * Limits: as many CPUs as the word has tickets, less one. NMI handlers may
 * take locks, but only spin. While it is first in line, a waiter is overtaken
 * at most as often as ticket_set_overtake_limit() says; with a limit of 0, the
 * lock is FIFO, and handing it to a halted waiter costs a wake-up each time.
 *
 * Whoever includes this file has defined, for its word:
 *
 *   TICKET_WORD_MOST		how many can be in line
 *   ticket_word_is_free()	nobody holds the lock or waits for it
 *   ticket_word_is_open()	nobody holds it, and it is marked
 *   ticket_word_is_slow()	it is marked: the first in line has halted
 *   ticket_word_is_contended()	somebody is in line
 *   ticket_word_waiting()	how many are in line
 *   ticket_word_first()	the ticket of the first in line, if there is one
 *   ticket_word_later()	the ticket drawn so much later than that one
 *   ticket_word_ahead()	how many owners come before a ticket; 0: it is its
 *				turn, even if the lock is open
 *   ticket_word_taken()	a free word, held without a line
 *   ticket_word_overtaken()	an open word, held out of turn and marked
 *   ticket_word_opening()	a held word, marked
 *   ticket_word_closed()	a marked word without its mark; an open one
 *				becomes the turn of the first in line
 *   ticket_word_draw()		get in line; returns the ticket. Fully ordered
 *   ticket_word_claim()	make a turn ownership. Fully ordered if somebody
 *				is in line, which is [B]
 *   ticket_word_pass()		the owner takes the first in line out of it.
 *				Fully ordered
 *   ticket_word_release()	unlock, whatever the word says; the last access
 *				to the lock. Fully ordered
 */
#ifndef TICKET_ALGORITHM_H
#define TICKET_ALGORITHM_H

#include "platform/platform.h"
#include "statistics.h"
#include "ticket_core.h"
#include "waiter_table.h"

/* Pauses between two looks at the lock, for each place in the queue. */
#define TICKET_BACKOFF_LOOPS	4

/*
 * How often who finds nobody in line looks again before it gets in line. To
 * hand a lock over, its line has to get to another CPU, and that CPU has to
 * notice; its owner could use it several times meanwhile.
 */
#define TICKET_PATIENCE		4

/*
 * How often a kicked waiter is overtaken before the next one is kicked: for
 * longer than a CPU takes to wake up. A power of two.
 */
#ifndef TICKET_KICK_MORE
#define TICKET_KICK_MORE	16
#endif

/* What became of a waiter in line. */
enum ticket_outcome {
	TICKET_TURN,		/* nobody is before it */
	TICKET_LEFT,		/* owns the lock, and has left the line */
	TICKET_WAITED,		/* for as long as it is worth it */
};

/*
 * May a lock that is open in @word be taken out of turn? A hint: the entry that
 * is looked at need not be that of the first in line any more.
 */
static __always_inline bool
ticket_may_overtake(const u32 *lock, u32 word)
{
	struct waiter *waiter = waiter_find(lock, ticket_word_first(word));

	return !waiter || READ_ONCE(waiter->overtaken) <
			  READ_ONCE(ticket_overtake_limit);
}

/*
 * open -> opening: take the lock out of turn, and count that the first in line
 * has been overtaken.
 *
 * While the lock is open for w, and while it is held out of turn, w is in the
 * waiter table. So its entry is found once the exchange has succeeded, and does
 * not change hands until the unlock. An entry found before may be that of an
 * earlier waiter, as the word may have been the same then.
 */
static __always_inline bool ticket_overtake(u32 *lock, u32 word)
{
	struct waiter *waiter;
	u16 overtaken;

	if (!ticket_replace(lock, word, ticket_word_overtaken(word)))
		return false;

	waiter = waiter_find(lock, ticket_word_first(word));
	overtaken = READ_ONCE(waiter->overtaken);
	if (overtaken < READ_ONCE(ticket_overtake_limit)) {
		WRITE_ONCE(waiter->overtaken, overtaken + 1);
		ticket_count(taken_overtaking);
		return true;
	}
	ticket_word_release(lock);
	return false;
}

/*
 * UNQUEUED: try to get the lock without a ticket, for the spinning time at
 * most. Who is descheduled without a ticket keeps nobody waiting.
 *
 * Return: whether the caller owns the lock.
 */
static __always_inline bool ticket_unqueued(u32 *lock)
{
	u64 left = ticket_spin_cycles();
	u64 clock = platform_cycles();
	u32 patience = TICKET_PATIENCE;

	if (!READ_ONCE(ticket_overtake_limit))
		return false;
	while (left) {
		u32 word = ticket_read(lock);

		if (ticket_word_is_free(word)) {
			if (ticket_replace(lock, word, ticket_word_taken(word)))
				return true;
		} else if (ticket_word_is_open(word)) {
			if (!ticket_may_overtake(lock, word))
				return false;
			if (ticket_overtake(lock, word))
				return true;
		} else if (!ticket_word_is_slow(word)) {
			if (ticket_word_is_contended(word) || !patience--)
				return false;
		}
		left = ticket_pause(1, &clock, left);
	}
	return false;
}

/*
 * May who leaves the line draw another ticket, and so on? There is room for all
 * CPUs as long as no more than this many are in line when somebody leaves it,
 * and those who have left do not fill the waiter table. A quarter more than
 * there are CPUs, so that all may wait behind some who have left; with more,
 * those who have left are in the way where many wait (Documentation/
 * lock-alternatives.rst).
 */
static __always_inline bool ticket_has_room(u32 word)
{
	u32 waiting = ticket_word_waiting(word);

	return waiting <= platform_nr_cpus() + platform_nr_cpus() / 4 &&
	       waiting + platform_nr_cpus() <= TICKET_WORD_MOST;
}

/*
 * The lock is open for somebody else than @want. May the caller leave the line?
 * Then it needs an entry, to say so.
 */
static __always_inline bool
ticket_may_leave(u32 *lock, u32 word, ticket_t want, struct waiter **waiter)
{
	if (!ticket_has_room(word) || !ticket_may_overtake(lock, word))
		return false;
	if (!*waiter && platform_may_halt())
		*waiter = waiter_publish(lock, want);
	return *waiter;
}

/*
 * The lock is open for somebody else: take it, and leave the line. From then
 * on, the entry is that of the owner who passes over it.
 */
static __always_inline bool
ticket_leave(u32 *lock, u32 word, struct waiter *waiter)
{
	if (!ticket_overtake(lock, word))
		return false;
	WRITE_ONCE(waiter->state, WAITER_LEFT);
	return true;
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
 * QUEUED: wait for @want without halting, for as long as that may be the
 * cheaper way: until somebody else has been the first in line for the spinning
 * time, or the lock cannot be the caller's before that one is awake.
 *
 *   opening -> held	if @want is the first in line: it is awake
 *   open -> turn	likewise
 *   open -> opening	if it is not, and leaves the line
 *
 * @waiter: the waiter's entry, if it has one; it needs one to leave.
 */
static __always_inline enum ticket_outcome
ticket_queued(u32 *lock, ticket_t want, struct waiter **waiter)
{
	const u64 budget = ticket_spin_cycles();
	u64 clock = platform_cycles();
	u64 left = budget;
	ticket_t last = want;

	for (;;) {
		u32 word = ticket_read(lock);
		u32 ahead = ticket_word_ahead(word, want);
		ticket_t first = ticket_word_first(word);

		if (ticket_word_is_slow(word) && first == want) {
			if (ticket_replace(lock, word,
					   ticket_word_closed(word)) && !ahead)
				return TICKET_TURN;
		} else if (!ahead) {
			return TICKET_TURN;
		} else if (ticket_word_is_open(word)) {
			if (!ticket_may_leave(lock, word, want, waiter))
				return TICKET_WAITED;
			if (ticket_leave(lock, word, *waiter))
				return TICKET_LEFT;
		}

		if (first != last)
			left = budget;
		else if (!left)
			return TICKET_WAITED;
		last = first;
		left = ticket_pause(ticket_backoff(ahead), &clock, left);
	}
}

/*
 * held -> opening: ask the owner for a kick, if it is the one to give it.
 *
 * Return: false if the lock is @want's to take.
 */
static __always_inline bool ticket_ask_for_kick(u32 *lock, ticket_t want)
{
	u32 word;

	platform_fault();
	do {
		word = ticket_read(lock);
		if (!ticket_word_ahead(word, want))
			return false;
		if (ticket_word_first(word) != want ||
		    ticket_word_is_slow(word))
			return true;
	} while (!ticket_replace(lock, word, ticket_word_opening(word)));
	return true;
}

/* Halt until kicked; interrupts are off, and back as in @flags on return. */
static inline void ticket_halt(const void *lock, struct waiter *waiter,
			       unsigned long flags)
{
	u64 start = platform_clock_ns();
	u64 blocked_ns;

	platform_halt(flags);
	blocked_ns = ticket_ns_since(start);
	ticket_count_blocked(blocked_ns);
	platform_note_halt(lock, blocked_ns);
	if (READ_ONCE(waiter->state) == WAITER_HALTED)
		ticket_count(taken_slow_spurious);
}

/*
 * HALTED: halt once, unless it is @want's turn. Returns for any reason or none.
 *
 * Return: the waiter's entry, @waiter if it had one before; NULL if there was
 * no room for it.
 */
static __always_inline struct waiter *
ticket_halted(u32 *lock, ticket_t want, struct waiter *waiter)
{
	unsigned long flags = platform_irq_save();

	if (!waiter)
		waiter = waiter_publish(lock, want);
	if (waiter) {
		ticket_count(taken_slow);
		/*
		 * litmus: MP+reclaim+mark. Release: an unlocker that has found
		 * this entry when it was another waiter's may mark it, and then
		 * needs its CPU. Pairs with the exchange in ticket_wake().
		 */
		smp_store_release(&waiter->state, WAITER_HALTED);
		/*
		 * [A] litmus: SB+halt+become-owner, SB+halt+unlock. Pairs with
		 * [B] in ticket_word_claim() and ticket_word_pass(), and with
		 * [C] in the unlock.
		 */
		smp_mb();
		if (ticket_ask_for_kick(lock, want))
			ticket_halt(lock, waiter, flags);
		else
			ticket_count(taken_slow_pickup);
		WRITE_ONCE(waiter->state, WAITER_AWAKE);
	}
	platform_irq_restore(flags);
	return waiter;
}

/*
 * The new owner sees to the next in line.
 *
 *   held -> held	if it has left: it is passed over
 *   held -> opening	if it has halted too early to ask for its kick itself
 */
static __always_inline void ticket_see_to_next(u32 *lock)
{
	struct waiter *waiter;
	u32 word;
	u16 state;

	do {
		word = ticket_read(lock);
		/* Who comes later sees that it is next. */
		if (!ticket_word_is_contended(word))
			return;

		waiter = waiter_find(lock, ticket_word_first(word));
		state = waiter ? READ_ONCE(waiter->state) : WAITER_AWAKE;
		if (state == WAITER_AWAKE)
			return;
		if (state == WAITER_LEFT) {
			waiter_retract(waiter);
			ticket_word_pass(lock);
		}
	} while (state == WAITER_LEFT ||
		 (!ticket_word_is_slow(word) &&
		  !ticket_replace(lock, word, ticket_word_opening(word))));
}

/* TURN: become the owner. */
static __always_inline void ticket_turn(u32 *lock, struct waiter *waiter)
{
	if (waiter)
		waiter_retract(waiter);
	/*
	 * [B] litmus: SB+halt+become-owner. Pairs with [A] in ticket_halted().
	 */
	ticket_word_claim(lock);
	ticket_see_to_next(lock);
}

/* Acquire a lock for which @want has been drawn. Preemption is disabled. */
static __always_inline void ticket_wait(u32 *lock, ticket_t want)
{
	struct waiter *waiter = NULL;
	enum ticket_outcome outcome;

	for (;;) {
		outcome = ticket_queued(lock, want, &waiter);
		if (outcome != TICKET_WAITED)
			break;
		if (platform_may_halt())
			waiter = ticket_halted(lock, want, waiter);
	}
	if (outcome == TICKET_TURN)
		ticket_turn(lock, waiter);
}

/* Acquire a lock that was not free. Preemption is disabled. */
static __always_inline void ticket_acquire(u32 *lock)
{
	if (!ticket_unqueued(lock))
		ticket_wait(lock, ticket_word_draw(lock));
}

/* Kick @waiter, unless that has been done. Preemption is disabled. */
static inline void ticket_wake(struct waiter *waiter)
{
	unsigned long flags;

	if (READ_ONCE(waiter->state) != WAITER_HALTED)
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

/* Is it time to wake one more, and how far behind the first in line is it? */
static inline u32 ticket_kick_more(struct waiter *waiter)
{
	u32 times = READ_ONCE(waiter->overtaken) / TICKET_KICK_MORE;
	u32 behind = 1;

	if (!times || READ_ONCE(waiter->overtaken) % TICKET_KICK_MORE ||
	    times & (times - 1))
		return 0;
	while (times >>= 1)
		behind++;
	return behind;
}

/*
 * Kick the waiter for @next; @lock, now open, is just an address. If it has been
 * kicked for long and does not run yet, kick somebody behind it, too.
 * Preemption is disabled.
 */
static inline void ticket_kick(const void *lock, ticket_t next)
{
	struct waiter *waiter = waiter_find(lock, next);
	u32 behind;

	ticket_count(released_slow);
	if (!waiter)
		return;
	if (READ_ONCE(waiter->state) == WAITER_KICKED) {
		behind = ticket_kick_more(waiter);
		if (!behind)
			return;
		waiter = waiter_find(lock, ticket_word_later(next, behind));
		if (!waiter)
			return;
	}
	ticket_wake(waiter);
}

#endif /* TICKET_ALGORITHM_H */
