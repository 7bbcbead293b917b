/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SIMULATOR_COSTS_H
#define SIMULATOR_COSTS_H

#include "../types.h"

/* Times in picoseconds; what is not a time is a plain number times 1000. */
struct costs {
#define COST(name, emulation, hardware, what) simtime name;
#include "costs_list.h"
#undef COST
};

extern struct costs costs;

#define COST_NUMBER(name)	((u32)(costs.name / PS_PER_NS))

bool costs_select(const char *column);
bool costs_set(const char *assignment);
void costs_print(void);

#endif /* SIMULATOR_COSTS_H */
