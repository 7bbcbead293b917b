/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the owner of the lock core can set and measure: how long waiters spin.
 */
#ifndef TICKET_SLOWPATH_H
#define TICKET_SLOWPATH_H

#include "ticket_types.h"

void ticket_set_spin_loops(u32 loops);
bool ticket_spin(const struct ticket_lock *lock, ticket_t want, u32 loops);

#endif /* TICKET_SLOWPATH_H */
