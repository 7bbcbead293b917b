// SPDX-License-Identifier: GPL-2.0
/*
 * Paravirtualized ticket spinlock, slow paths.
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
 * Who takes an open lock out of turn owns the ticket of the owner before it,
 * once more. Its unlock needs no memory of how it got the lock: it is the same
 * instruction and leaves the lock open again. The word is explained in
 * ticket_types.h.
 *
 * Locking, in this order:
 *
 *   UNQUEUED   no ticket yet. While SP is set, or if the CPU was descheduled
 *              when it waited last, spin for a bounded time and take the lock
 *              as soon as it is free or open.
 *   QUEUED     has a ticket; spin until it is served, or nobody is for the
 *              spinning time, or the CPU has been descheduled.
 *   HALTED     in the waiter table; the CPU halts until kicked, and spins.
 *
 * A waiter learns that its CPU was descheduled from the clock: a pause took
 * too long. With pause-loop exits, a queue of spinning waiters would otherwise
 * settle in a state in which all of them run in turn, none spins for long, and
 * each hand-over waits for the host to run the next one.
 *
 * Transitions of the lock word, written (head, SP | tail, P), with w for the
 * waiter's own ticket and p(x) for the parity of x, in addition to those in
 * ticket_lock.h:
 *
 *   ticket_overtake()      w,1|t,p(w-1)  -> w-1,1|t,p(w-1)  by one not queued
 *   ticket_poll() take     w,1|t,p(w-1)  -> w,0|t,0         open, and w's turn
 *   ticket_poll() close    w-1,1|t,p     -> w-1,0|t,0       w is awake
 *   ticket_prepare_halt()  w-1,0|t,0     -> w-1,1|t,p(w-1)  w is going to halt
 *   ticket_open_for_next() w,0|t,0       -> w,1|t,p(w)      w+1 has halted
 *
 * Only the first in line ever writes to a lock that it does not own, once when
 * it halts and once when it is awake. All others in the queue just read.
 *
 * Who sees to it that a halted waiter wakes up? Let w be halted.
 *
 * (1) While the owner's ticket is w-1, SP is set. Then every unlock returns
 *     SP, finds the waiter, and kicks it, unless it has been kicked already.
 * (2) While the owner's ticket is less, whoever gets ticket w-1 will, as its
 *     owner, look for w in the table, and set SP if it has halted.
 *
 * SP is set by w itself if the owner's ticket is w-1 when it halts, by the
 * owner of w-1 otherwise, and cleared by nobody but w. It could fail only if
 * both look too early:
 *
 *   waiter w, ticket_block()            owner of w-1
 *
 *   state = HALTED                      becomes owner    or: xadd, releasing
 *   smp_mb()                      [A]   smp_mb()  [B]        (ordered)   [C]
 *   read the word: turn? SP?            read w's state
 *   halt                                set SP               kick if HALTED
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
 * Limits: TICKET_MAX_CPUS CPUs. NMI handlers may take locks, but only spin.
 * While it is first in line, a waiter is overtaken at most as often as
 * ticket_set_overtake_limit() says; with a limit of 0, the lock is FIFO, and
 * handing it to a halted waiter costs a wake-up each time.
 */
#include "ticket_lock.h"
#include "ticket_slowpath.h"
#include "statistics.h"
#include "waiter_table.h"

/* Until somebody knows better: some 10 to 100 us, as in the 2012 series. */
#define TICKET_DEFAULT_SPIN_LOOPS	2048

/* Pauses between two looks at the lock, for each place in the queue. */
#define TICKET_BACKOFF_LOOPS	4

static u32 ticket_spin_loops = TICKET_DEFAULT_SPIN_LOOPS;
static u16 ticket_overtake_limit = TICKET_DEFAULT_OVERTAKE_LIMIT;

/**
 * ticket_set_spin_loops() - set how long a waiter spins before it halts
 * @loops: number of spin loops without anybody being served, at least 1
 *
 * Context: any, at any time; waiters that spin already are not affected.
 */
void ticket_set_spin_loops(u32 loops)
{
	WRITE_ONCE(ticket_spin_loops, loops);
}

/**
 * ticket_set_overtake_limit() - set how often a waiter may be overtaken
 * @limit: while it is the first in line; 0 makes the locks FIFO
 *
 * Context: any, at any time.
 */
void ticket_set_overtake_limit(u16 limit)
{
	WRITE_ONCE(ticket_overtake_limit, limit);
}

/*
 * w,1|t,p(w-1) -> w-1,1|t,p(w-1): take an open lock out of turn.
 *
 * While the lock is open for w, and while it is held in place of w-1, w is in
 * the waiter table. So its entry is found, and does not change hands between
 * the exchange and the unlock.
 */
static bool ticket_overtake(struct ticket_lock *lock, struct ticket_lock word,
			    u16 limit)
{
	ticket_t want = ticket_word_head(word);
	struct waiter *waiter = waiter_find(lock, want);
	u16 overtaken;

	if (!waiter ||
	    !ticket_word_replace(lock, word,
				 ticket_word_opening(word,
						     want - TICKET_LOCK_INC)))
		return false;

	/* Only owners of the lock count. */
	overtaken = READ_ONCE(waiter->overtaken);
	if (overtaken < limit) {
		WRITE_ONCE(waiter->overtaken, overtaken + 1);
		ticket_count(taken_overtaking);
		return true;
	}
	ticket_unlock_unannotated(lock);
	return false;
}

/**
 * ticket_pause() - let time pass before the next look at a lock
 * @loops: how much, in spin loops
 *
 * Context: any.
 * Return: whether the host has meanwhile run something else on this CPU; that
 * ends the pause.
 */
bool ticket_pause(u32 loops)
{
	u64 before = platform_clock_ns();

	while (loops--) {
		u64 now;

		platform_relax();
		now = platform_clock_ns();
		if (unlikely(now - before > TICKET_DESCHEDULED_NS))
			return true;
		before = now;
	}
	return false;
}

/*
 * Try to get the lock without a ticket, for as long as it is worth trying: up
 * to the spinning time, and while either the first in line has halted, or the
 * host is likely to run something else on this CPU. Who is descheduled without
 * a ticket keeps nobody waiting.
 */
static bool ticket_lock_unqueued(struct ticket_lock *lock)
{
	u16 limit = READ_ONCE(ticket_overtake_limit);
	u32 loops = READ_ONCE(ticket_spin_loops);
	bool wary = waiter_was_descheduled();

	for (; limit && loops; loops--) {
		struct ticket_lock word = ticket_word_read(lock);

		if (ticket_word_is_free(word)) {
			if (ticket_trylock(lock))
				return true;
		} else if (ticket_word_is_open(word)) {
			return ticket_overtake(lock, word, limit);
		} else if (!ticket_word_is_slow(word) && !wary) {
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
 *   w,1|t,p(w-1) -> w,0|t,0	if it is open for @want: take it
 *   w-1,1|t,p    -> w-1,0|t,0	if @want is next: close it
 *
 * Return: whether the caller owns the lock; @ahead: if not, how far it is from
 * being served.
 */
static bool ticket_poll(struct ticket_lock *lock, ticket_t want,
			ticket_t *ahead)
{
	struct ticket_lock word = ticket_word_read(lock);
	ticket_t head = ticket_word_head(word);
	struct ticket_lock held = ticket_word_held(word, head);

	*ahead = want - head;
	if (head == want)
		return !ticket_word_is_open(word) ||
		       ticket_word_replace(lock, word, held);

	if (*ahead == TICKET_LOCK_INC && ticket_word_is_slow(word))
		ticket_word_replace(lock, word, held);
	return false;
}

/*
 * How long to pause until the next look. Each unlock takes the line away from
 * all who look at it, and each of them fetches it again in turn. So whoever is
 * further back looks less often, and the traffic grows with the logarithm of
 * the number of waiters only.
 */
static u32 ticket_backoff(ticket_t ahead)
{
	if (ahead <= TICKET_LOCK_INC)
		return 1;
	return (ahead / TICKET_LOCK_INC - 1) * TICKET_BACKOFF_LOOPS;
}

/*
 * Wait for @want without halting, for as long as that may be the cheaper way:
 * until nobody has been served for the spinning time, or the host has run
 * something else on this CPU. In the latter case CPUs are scarce, and
 * everybody behind would have to wait for this one to run again.
 *
 * Return: whether the caller now owns the lock.
 */
static bool ticket_spin(struct ticket_lock *lock, ticket_t want)
{
	u32 budget = READ_ONCE(ticket_spin_loops);
	u32 loops = budget;
	ticket_t ahead = 0;

	for (;;) {
		ticket_t before = ahead;
		u32 pause;

		if (ticket_poll(lock, want, &ahead))
			return true;
		if (ahead != before)
			loops = budget;
		else if (!loops)
			return false;

		pause = ticket_backoff(ahead);
		if (pause > loops)
			pause = loops;
		loops -= pause;
		if (ticket_pause(pause)) {
			waiter_note_descheduled();
			return ticket_poll(lock, want, &ahead);
		}
	}
}

/*
 * w-1,0|t,0 -> w-1,1|t,p(w-1): ask the owner for a kick, if it is the one to
 * give it.
 *
 * Return: false if the lock is @want's to take.
 */
static bool ticket_prepare_halt(struct ticket_lock *lock, ticket_t want)
{
	ticket_t ahead = want - TICKET_LOCK_INC;
	struct ticket_lock word;

	platform_fault();
	do {
		word = ticket_word_read(lock);
		if (ticket_word_head(word) == want)
			return false;
		if (ticket_word_head(word) != ahead ||
		    ticket_word_is_slow(word))
			return true;
	} while (!ticket_word_replace(lock, word,
				      ticket_word_opening(word, ahead)));
	return true;
}

/* Halt until kicked; interrupts are off, and back as in @flags on return. */
static void ticket_halt(struct waiter *waiter, unsigned long flags)
{
	u64 start = platform_clock_ns();

	platform_halt(flags);
	ticket_count_blocked(platform_clock_ns() - start);
	if (READ_ONCE(waiter->state) == WAITER_HALTED)
		ticket_count(taken_slow_spurious);
}

/*
 * Halt once, unless it is @want's turn. Returns for any reason or none.
 *
 * Return: the waiter's entry, @waiter if it had one before; NULL if there was
 * no room for it.
 */
static struct waiter *ticket_block(struct ticket_lock *lock, ticket_t want,
				   struct waiter *waiter)
{
	unsigned long flags = platform_irq_save();

	if (!waiter)
		waiter = waiter_publish(lock, want);
	if (waiter) {
		ticket_count(taken_slow);
		WRITE_ONCE(waiter->state, WAITER_HALTED);
		/*
		 * [A] Pairs with smp_mb() in ticket_open_for_next() and with
		 * xadd() in ticket_unlock().
		 */
		smp_mb();
		if (ticket_prepare_halt(lock, want))
			ticket_halt(waiter, flags);
		else
			ticket_count(taken_slow_pickup);
		WRITE_ONCE(waiter->state, WAITER_AWAKE);
	}
	platform_irq_restore(flags);
	return waiter;
}

/*
 * w,0|t,0 -> w,1|t,p(w): the owner of @owned sees to it that the next in line
 * is kicked, if it halted too early to do so itself.
 */
static void ticket_open_for_next(struct ticket_lock *lock, ticket_t owned)
{
	ticket_t next = owned + TICKET_LOCK_INC;
	struct ticket_lock word = ticket_word_read(lock);
	struct waiter *waiter;

	/* Who comes later sees that it is next. */
	if (ticket_word_tail(word) == next)
		return;

	/* [B] Pairs with smp_mb() in ticket_block(). */
	smp_mb();
	waiter = waiter_find(lock, next);
	if (!waiter || READ_ONCE(waiter->state) == WAITER_AWAKE)
		return;

	do {
		word = ticket_word_read(lock);
	} while (!ticket_word_is_slow(word) &&
		 !ticket_word_replace(lock, word,
				      ticket_word_opening(word, owned)));
}

/**
 * ticket_lock_slowpath() - acquire a lock that was not free
 * @lock: the lock
 *
 * Context: any, preemption disabled.
 */
void ticket_lock_slowpath(struct ticket_lock *lock)
{
	struct waiter *waiter = NULL;
	ticket_t want;

	if (ticket_lock_unqueued(lock))
		return;

	want = ticket_word_tail(ticket_draw(lock));
	while (!ticket_spin(lock, want)) {
		if (platform_may_halt())
			waiter = ticket_block(lock, want, waiter);
	}
	if (waiter)
		waiter_retract(waiter);
	ticket_open_for_next(lock, want);
}
PLATFORM_EXPORT(ticket_lock_slowpath);

/**
 * ticket_lock_spin() - wait for a ticket where nobody ever halts
 * @lock: the lock
 * @want: a ticket drawn and not yet served
 *
 * Context: any, preemption disabled.
 */
void ticket_lock_spin(const struct ticket_lock *lock, ticket_t want)
{
	while (ticket_word_head(ticket_word_read(lock)) != want)
		platform_relax();
}
PLATFORM_EXPORT(ticket_lock_spin);

/**
 * ticket_unlock_slowpath() - kick the waiter whose turn it is
 * @lock: the address of the lock, which may have been freed
 * @next: the ticket that the lock has been left open for
 *
 * Context: any, preemption disabled.
 */
void ticket_unlock_slowpath(const struct ticket_lock *lock, ticket_t next)
{
	struct waiter *waiter = waiter_find(lock, next);

	ticket_count(released_slow);
	if (!waiter || READ_ONCE(waiter->state) != WAITER_HALTED ||
	    cmpxchg(&waiter->state, WAITER_HALTED, WAITER_KICKED) !=
	    WAITER_HALTED)
		return;

	/*
	 * If the entry has changed hands meanwhile, it is the new owner that
	 * was marked, so it is the new owner that has to be kicked. Ordered
	 * after the exchange.
	 */
	ticket_count(released_slow_kicked);
	platform_kick(READ_ONCE(waiter->cpu));
}
PLATFORM_EXPORT(ticket_unlock_slowpath);
