/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the owner of the lock core does with it as a whole: prepare it, set how
 * long waiters spin and how often they may be overtaken, measure.
 */
#ifndef TICKET_CORE_H
#define TICKET_CORE_H

#include "ticket_types.h"

/*
 * Some milliseconds' worth of critical sections of a microsecond: about what a
 * host lets another CPU run for, so that who is first in line and waits for a
 * CPU stops the others seldom.
 */
#define TICKET_DEFAULT_OVERTAKE_LIMIT	2048

/*
 * How long a waiter spins while the same one is first in line, or without being
 * in line. It outlasts what a host usually does on a CPU in between. If it did
 * not, one such moment would send all waiters of a long queue to sleep.
 */
#define TICKET_DEFAULT_SPIN_NS		30000

/*
 * A pause that takes longer was interrupted by the host. Below it are timer
 * interrupts, and pause-loop exits after which the host finds nobody else to
 * run; above it is running somebody else, if only up to their next pause-loop
 * exit.
 */
#define TICKET_DESCHEDULED_US		4

/* ticket_core.c has the functions that set them. */
extern u32 ticket_spin_ns;
extern u16 ticket_overtake_limit;
extern bool ticket_unfair;

int ticket_init(void);
void ticket_exit(void);
void ticket_set_spin_ns(u32 ns);
u64 ticket_spin_cycles(void);
void ticket_set_overtake_limit(u16 limit);
void ticket_set_unfair(bool unfair);
u64 ticket_pause(u32 loops, u64 *clock, u64 left);

#endif /* TICKET_CORE_H */
