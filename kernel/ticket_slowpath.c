// SPDX-License-Identifier: GPL-2.0
/*
 * Paravirtualized ticket spinlock, slow paths.
 *
 * A ticket lock serves its waiters in order. In a virtual machine the next in
 * line, or the holder, may not be running, and everybody behind it burns its
 * time slice. So a waiter spins for a bounded time and then halts its virtual
 * CPU; whoever releases the lock kicks the CPU whose turn it is, and no other.
 *
 * It descends from "Paravirtualized ticket spinlocks" (Fitzhardinge,
 * Vaddagiri, Raghavendra, 2012). It deviates where that was found wanting:
 *
 * - The slowpath flag is in the head and is returned by the instruction that
 *   releases the lock. The series kept it in the tail and read it afterwards,
 *   when the next owner may already have freed the lock.
 * - Waiters are found by (lock, ticket) in a hash table, not by scanning one
 *   slot per CPU; see waiter_table.c.
 * - Setting the flag and checking the head once more is one compare-and-
 *   exchange: it succeeds only while it is not the waiter's turn.
 * - The spinning time is given in nanoseconds.
 *
 * A waiter for ticket w goes through
 *
 *   SPINNING   re-reads the head, for a bounded number of loops
 *   PUBLISHED  (lock, w) -> CPU is in the waiter table
 *   FLAGGED    SP was set in the head, or found set, while head != w
 *   HALTED     the CPU halts until it is kicked or interrupted
 *
 * and back to SPINNING, until head == w. Lock word transitions, written
 * (head, SP, tail), in addition to those in ticket_lock.h:
 *
 *   ticket_set_slowpath()     h,*,t   -> h,1,t	while h != w
 *   ticket_clear_slowpath()   w,1,w+1 -> w,0,w+1	by the owner, if it is alone
 *
 * Why no wake-up is lost. Setting the flag and unlocking are both atomic
 * operations on the head, so one comes first:
 *
 *   waiter, ticket w                  unlocker, ticket w-1
 *
 *   publish (lock, w)                 head = xadd(head, 1)	[A]
 *   cmpxchg head, h -> h|SP    [B]    if (head & SP)
 *   halt                                      find (lock, w), kick
 *
 * - [A] first: head == w, so [B] does not succeed and the waiter does not
 *   halt.
 * - [B] first: no one clears SP while the waiter waits, since the tail is then
 *   beyond the owner's ticket + 1. So every later unlock sees SP, and the one
 *   that makes it w's turn finds the entry, because publishing comes before
 *   [B] in program order, and both are fully ordered.
 * - A kick that arrives between [B] and the halt is remembered by the host,
 *   one deep, and the halt returns at once.
 *
 * Interrupts are disabled from before publishing until the CPU has halted, so
 * that the kick cannot be eaten by a halt of an interrupt handler in between.
 * A handler that runs during the halt may eat the kick; but returning from
 * the handler ends the halt too, and the waiter looks at the head again.
 * Returning from a halt for no reason is normal: always loop.
 *
 * Limits: TICKET_MAX_CPUS CPUs. NMI handlers may take locks, but only spin.
 * Handing the lock to a halted waiter costs a wake-up in every hand-over.
 */
#include "ticket_lock.h"
#include "ticket_slowpath.h"
#include "statistics.h"
#include "waiter_table.h"

/* Until somebody knows better: some 10 to 100 us, as in the 2012 series. */
#define TICKET_DEFAULT_SPIN_LOOPS	2048

static u32 ticket_spin_loops = TICKET_DEFAULT_SPIN_LOOPS;

/**
 * ticket_set_spin_loops() - set how long a waiter spins before it halts
 * @loops: number of spin loops, at least 1
 *
 * Context: any, at any time; waiters that spin already are not affected.
 */
void ticket_set_spin_loops(u32 loops)
{
	WRITE_ONCE(ticket_spin_loops, loops);
}

static bool ticket_is_served(const struct ticket_lock *lock, ticket_t ticket)
{
	/* Pairs with the release in ticket_unlock(). */
	ticket_t head = smp_load_acquire(&lock->tickets.head);

	return ticket_without_flag(head) == ticket;
}

/**
 * ticket_spin() - wait for a bounded time without halting
 * @lock: the lock
 * @want: the ticket to wait for
 * @loops: spin at most that many loops
 *
 * Context: any.
 * Return: whether @want is being served, known as soon as it is.
 */
bool ticket_spin(const struct ticket_lock *lock, ticket_t want, u32 loops)
{
	while (loops--) {
		if (ticket_is_served(lock, want))
			return true;
		platform_relax();
	}
	return false;
}

/*
 * h,*,t -> h,1,t while h != @want. Fully ordered also if the flag was set
 * already: pairs with xadd() in ticket_unlock(), see the head of this file.
 *
 * Return: false if @want is being served.
 */
static bool ticket_set_slowpath(struct ticket_lock *lock, ticket_t want)
{
	ticket_t head = READ_ONCE(lock->tickets.head);

	do {
		if (ticket_without_flag(head) == want)
			return false;
	} while (!try_cmpxchg(&lock->tickets.head, &head,
			      (ticket_t)(head | TICKET_SLOWPATH_FLAG)));
	return true;
}

/* w,1,w+1 -> w,0,w+1. The caller owns ticket @owned. */
static void ticket_clear_slowpath(struct ticket_lock *lock, ticket_t owned)
{
	struct ticket_lock old = ticket_lock_read(lock);
	struct ticket_lock new;

	new.tickets.head = owned;
	new.tickets.tail = owned + TICKET_LOCK_INC;
	if (old.tickets.head == (owned | TICKET_SLOWPATH_FLAG) &&
	    old.tickets.tail == new.tickets.tail)
		cmpxchg(&lock->head_tail, old.head_tail, new.head_tail);
}

/* Halt until kicked; interrupts are off, and back as in @flags on return. */
static void ticket_halt(unsigned long flags)
{
	u64 start = platform_clock_ns();

	platform_halt(flags);
	ticket_count_blocked(platform_clock_ns() - start);
}

/* Publish, flag, halt once. Returns for any reason or none. */
static void ticket_block(struct ticket_lock *lock, ticket_t want)
{
	unsigned long flags = platform_irq_save();
	struct waiter *waiter = waiter_publish(lock, want);

	if (waiter) {
		ticket_count(taken_slow);
		if (ticket_set_slowpath(lock, want)) {
			ticket_halt(flags);
			if (!ticket_is_served(lock, want))
				ticket_count(taken_slow_spurious);
		} else {
			ticket_count(taken_slow_pickup);
		}
		waiter_retract(waiter);
	}
	platform_irq_restore(flags);
}

/**
 * ticket_lock_slowpath() - wait until a ticket is served
 * @lock: the lock
 * @want: a ticket drawn by ticket_take() and not yet served
 *
 * Spins, and where the platform can, halts.
 *
 * Context: any, preemption disabled.
 */
void ticket_lock_slowpath(struct ticket_lock *lock, ticket_t want)
{
	if (!platform_pv_enabled()) {
		while (!ticket_is_served(lock, want))
			platform_relax();
		return;
	}

	while (!ticket_spin(lock, want, READ_ONCE(ticket_spin_loops))) {
		if (platform_may_halt())
			ticket_block(lock, want);
	}
	ticket_clear_slowpath(lock, want);
}
PLATFORM_EXPORT(ticket_lock_slowpath);

/**
 * ticket_unlock_slowpath() - kick the waiter whose turn it is
 * @lock: the address of the lock, which may have been freed
 * @next: the ticket that is being served now
 *
 * Context: any, preemption disabled.
 */
void ticket_unlock_slowpath(const struct ticket_lock *lock, ticket_t next)
{
	int cpu = waiter_find_cpu(lock, next);

	ticket_count(released_slow);
	if (cpu >= 0) {
		ticket_count(released_slow_kicked);
		platform_kick(cpu);
	}
}
PLATFORM_EXPORT(ticket_unlock_slowpath);
