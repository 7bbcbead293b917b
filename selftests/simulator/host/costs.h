/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SIMULATOR_COSTS_H
#define SIMULATOR_COSTS_H

#include "../types.h"

/* Times in picoseconds; what is not a time is a plain number times 1000. */
struct costs {
#define COST(name, emulation, hardware, threads, what) simtime name;
#include "costs_list.h"
#undef COST
};

extern struct costs costs;

#define COST_NUMBER(name)	((u32)(costs.name / PS_PER_NS))

/* The file of costs that was built in, a string. */
extern const char costs_built_in[];

bool costs_select(const char *column);
bool costs_set(const char *assignment);
void costs_print(void);

/* costs_file.c */
void costs_read_file(const char *path);
void costs_read_built_in(void);
bool costs_measured(const char *name, double *ns);

#endif /* SIMULATOR_COSTS_H */
