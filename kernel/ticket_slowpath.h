/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the owner of the lock core can set and measure: how long waiters spin, and how
 * often they may be overtaken.
 */
#ifndef TICKET_SLOWPATH_H
#define TICKET_SLOWPATH_H

#include "ticket_types.h"

/* About two milliseconds' worth of critical sections of a microsecond. */
#define TICKET_DEFAULT_OVERTAKE_LIMIT	1024

void ticket_set_spin_loops(u32 loops);
void ticket_set_overtake_limit(u16 limit);
bool ticket_spin(struct ticket_lock *lock, ticket_t want, u32 loops);

#endif /* TICKET_SLOWPATH_H */
