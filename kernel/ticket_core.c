// SPDX-License-Identifier: GPL-2.0
/*
 * What the owner of the lock core does with it as a whole, and how waiters let
 * time pass.
 */
#include "platform/platform.h"
#include "ticket_core.h"
#include "waiter_table.h"

/* For the slow paths only. */
u32 ticket_spin_ns = TICKET_DEFAULT_SPIN_NS;
u16 ticket_overtake_limit = TICKET_DEFAULT_OVERTAKE_LIMIT;
bool ticket_unfair;

/**
 * ticket_init() - prepare for locks with as many CPUs as there can be
 *
 * Context: process context, may sleep; before any lock is contended.
 * Return: 0, or -ENOMEM.
 */
int ticket_init(void)
{
	return waiter_table_init();
}

/**
 * ticket_exit() - undo ticket_init()
 *
 * Context: process context, may sleep; no lock is contended any more.
 */
void ticket_exit(void)
{
	waiter_table_exit();
}

/**
 * ticket_set_spin_ns() - set how long a waiter spins before it halts
 * @ns: nanoseconds while the same waiter is first in line, at most 10^9
 *
 * Context: any, at any time; waiters that spin already are not affected.
 */
void ticket_set_spin_ns(u32 ns)
{
	WRITE_ONCE(ticket_spin_ns, ns);
}

/**
 * ticket_spin_cycles() - how long a waiter spins before it halts
 *
 * Context: any.
 * Return: in cycles, at least 1.
 */
u64 ticket_spin_cycles(void)
{
	u32 ns = READ_ONCE(ticket_spin_ns);
	u32 per_us = platform_cycles_per_us();

	return (u64)(ns / 1000) * per_us + ns % 1000 * per_us / 1000 ?: 1;
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

/**
 * ticket_set_unfair() - take only locks that are free, in any order, or get in line
 * @unfair: whether nobody gets in line: for virtual CPUs that nobody can kick
 *
 * Context: while no lock is contended.
 */
void ticket_set_unfair(bool unfair)
{
	WRITE_ONCE(ticket_unfair, unfair);
}

/**
 * ticket_pause() - let time pass before the next look at a lock
 * @loops: how much, in spin loops
 * @clock: the cycle counter when it was read last; becomes what it is now
 * @left: cycles for which to wait at most
 *
 * What the host takes from this CPU counts, also between two pauses.
 *
 * Context: any.
 * Return: how many cycles are left.
 */
u64 ticket_pause(u32 loops, u64 *clock, u64 left)
{
	const u64 descheduled = TICKET_DESCHEDULED_US * platform_cycles_per_us();

	do {
		u64 elapsed;

		platform_relax();
		elapsed = platform_elapsed(clock);
		if (elapsed >= left || elapsed > descheduled)
			return 0;
		left -= elapsed;
	} while (--loops);
	return left;
}
