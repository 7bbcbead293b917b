/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The counters of the lock core, one TICKET_COUNTER() each. Included several
 * times with different definitions; has no include guard for that reason.
 *
 * A waiter that halts at least once counts one taken_slow; each of its halts
 * that brought it no nearer to the lock counts one taken_slow_spurious.
 */

/* Waiters that gave up spinning and went to halt, once per attempt. */
TICKET_COUNTER(taken_slow)
/* Attempts to halt that found it was their turn and did not halt. */
TICKET_COUNTER(taken_slow_pickup)
/* Halts that ended before it was the waiter's turn. */
TICKET_COUNTER(taken_slow_spurious)
/* Unlocks that found the slowpath flag set. */
TICKET_COUNTER(released_slow)
/* Unlocks that kicked a CPU. */
TICKET_COUNTER(released_slow_kicked)
/* Nanoseconds spent in halts. */
TICKET_COUNTER(time_blocked)
/* Attempts to halt given up because the waiter table's bucket was full. */
TICKET_COUNTER(waiter_table_full)
