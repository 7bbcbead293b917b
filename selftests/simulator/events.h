/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens when: a priority queue of event sources.
 *
 * A source is a number; it has one pending time or SIMTIME_NEVER. Of two
 * sources with the same time the lower number is first, so that the order
 * does not depend on how the queue came to be.
 */
#ifndef SIMULATOR_EVENTS_H
#define SIMULATOR_EVENTS_H

#include "types.h"

/* The running fiber must return to the main loop at this time of its own. */
extern simtime run_limit;

void events_init(u32 nr_sources);
void events_set(u32 source, simtime time);
u32 events_first(void);
simtime events_first_time(void);
simtime events_second_time(void);

#endif /* SIMULATOR_EVENTS_H */
