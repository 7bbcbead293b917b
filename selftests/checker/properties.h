/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must hold, whatever the schedule. The first violation ends a run.
 */
#ifndef CHECKER_PROPERTIES_H
#define CHECKER_PROPERTIES_H

#include "engine/machine.h"

extern char violation[512];

void __printf(1, 2) violate(const char *format, ...);

void property_check_access(const void *address, size_t size);
void property_observe_write(const void *address, size_t size,
			    u64 before, u64 after);
void property_observe_look(const void *address, size_t size);
void property_halting(void);
void property_acquired(struct ticket_lock *lock);
void property_releasing(struct ticket_lock *lock);
void property_freed(struct ticket_lock *lock);
void property_reused(struct ticket_lock *lock);
void property_check_end(void);
void property_describe_stuck(void);

#endif /* CHECKER_PROPERTIES_H */
