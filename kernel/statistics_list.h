/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The counters of the lock core, one TICKET_COUNTER() each. Included several
 * times with different definitions; has no include guard for that reason.
 *
 * taken_slow - taken_slow_pickup is the number of halts.
 */

/* Waiters that gave up spinning and went to halt, once per attempt. */
TICKET_COUNTER(taken_slow)
/* Attempts to halt that found it was their turn and did not halt. */
TICKET_COUNTER(taken_slow_pickup)
/* Halts that ended without a kick. */
TICKET_COUNTER(taken_slow_spurious)
/* Locks taken out of turn, while the first in line was halted. */
TICKET_COUNTER(taken_overtaking)
/* Unlocks that left the lock open, because the next in line was halted. */
TICKET_COUNTER(released_slow)
/* Those of them that kicked it or one behind it; others found it kicked. */
TICKET_COUNTER(released_slow_kicked)
/* Nanoseconds spent in halts. */
TICKET_COUNTER(time_blocked)
/* Attempts to halt given up because the waiter table's bucket was full. */
TICKET_COUNTER(waiter_table_full)
