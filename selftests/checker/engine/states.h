/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The states that were seen, and the graph that they make.
 */
#ifndef CHECKER_STATES_H
#define CHECKER_STATES_H

#include "machine.h"

#define STATES_MAX	(100U * 1000 * 1000)
#define STATE_NONE	UINT32_MAX

/**
 * struct state - a state, by its fingerprint
 * @hash: of the machine
 * @parent: the state from which it was first reached
 * @by: the transition that did
 * @preemptions: fewest with which it was reached
 * @good: the end of all programs can be reached from here
 */
struct state {
	u64 hash;
	u32 parent;
	struct transition by;
	u8 preemptions;
	bool good;
};

u32 states_find_or_add(u64 hash, bool *added);
struct state *state_get(u32 number);
u32 states_count(void);
void states_add_edge(u32 from, u32 to);
u32 states_first_hopeless(void);
void states_clear(void);

#endif /* CHECKER_STATES_H */
