// SPDX-License-Identifier: GPL-2.0
/*
 * What the owner of the lock core does with it as a whole, and how waiters let
 * time pass.
 */
#include "platform/platform.h"
#include "ticket_core.h"
#include "waiter_hints.h"
#include "waiter_table.h"

/* Until somebody knows better: some 10 to 100 us, as in the 2012 series. */
#define TICKET_DEFAULT_SPIN_LOOPS	2048

u32 ticket_spin_loops = TICKET_DEFAULT_SPIN_LOOPS;
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
	int error = waiter_table_init();

	if (error)
		return error;
	error = waiter_hints_init();
	if (error)
		waiter_table_exit();
	return error;
}

/**
 * ticket_exit() - undo ticket_init()
 *
 * Context: process context, may sleep; no lock is contended any more.
 */
void ticket_exit(void)
{
	waiter_hints_exit();
	waiter_table_exit();
}

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
 *
 * Context: any.
 * Return: whether the host has meanwhile run something else on this CPU; that
 * ends the pause.
 */
bool ticket_pause(u32 loops)
{
	const u64 limit = TICKET_DESCHEDULED_US * platform_cycles_per_us();
	u64 before = platform_cycles();

	while (loops--) {
		u64 now;

		platform_relax();
		now = platform_cycles();
		if (unlikely(now - before > limit))
			return true;
		before = now;
	}
	return false;
}
