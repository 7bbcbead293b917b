/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a CPU remembers from one wait for the next.
 */
#ifndef TICKET_WAITER_HINTS_H
#define TICKET_WAITER_HINTS_H

#include "platform/types.h"

int waiter_hints_init(void);
void waiter_hints_exit(void);

void waiter_note_scarcity(void);
bool waiter_sees_scarcity(void);
void waiter_note_descheduled(void);
bool waiter_was_descheduled(void);

#endif /* TICKET_WAITER_HINTS_H */
