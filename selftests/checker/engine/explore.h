/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Explore every schedule of a scenario.
 */
#ifndef CHECKER_EXPLORE_H
#define CHECKER_EXPLORE_H

#include "machine.h"
#include "../scenario.h"

#define EXPLORE_ALL	255	/* no bound on preemptions */

/**
 * struct exploration - what was found
 * @complete: all schedules within the bound were explored, and all is well
 * @states: different states
 * @transitions: steps executed
 * @longest: steps of the longest schedule without a repeated state
 * @violation: what is wrong, or ""
 * @schedule: the steps that lead there
 * @steps: how many
 */
struct exploration {
	bool complete;
	u64 states;
	u64 transitions;
	u32 longest;
	char violation[512];
	struct transition *schedule;
	u32 steps;
};

void explore(const struct scenario *scenario, u8 max_preemptions,
	     struct exploration *result);
void explore_release(struct exploration *result);
void explore_print_schedule(const struct scenario *scenario,
			    const struct exploration *result);

#endif /* CHECKER_EXPLORE_H */
