/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Preemption on command: a vCPU that rings the doorbell is held back for as
 * long as the plan says, before it executes its next instruction.
 *
 * Who decides: the thread of the vCPU that has rung, in the doorbell's write,
 * under the lock of that device. So the plan sees one ring at a time. Who holds
 * back: the same thread, in its run loop, where it would enter the guest.
 *
 * A vCPU that is parked sleeps in pieces, and goes through the whole run loop
 * after each, so that it is still reached by what others want from it.
 */
#ifndef PVMM_INJECT_H
#define PVMM_INJECT_H

#include "hog.h"
#include "inject_plan.h"

/**
 * struct inject_total - what became of the answers of a plan, or of a rule
 * @planned: vCPUs that were to be held back; written under the doorbell's lock
 * @done: those that have been, for as long as planned at least
 * @held_ns: for how long, together
 */
struct inject_total {
	u64 planned;
	u64 done;
	u64 held_ns;
};

/**
 * struct inject - a plan that is being followed
 * @plan: guarded by the doorbell's lock
 * @total: of all rules
 * @rule: of each rule
 */
struct inject {
	struct inject_plan plan;
	struct inject_total total;
	struct inject_total rule[INJECT_MAX_RULES];
};

/**
 * struct vcpu_injection - how a vCPU is held back; its thread's own
 * @inject: the plan, or NULL
 * @rule: of the plan
 * @for_ns: for how long; 0: it is not
 * @began_ns: since when, on CLOCK_MONOTONIC; 0: that is still to come
 * @hog: takes its CPU, if there is one
 */
struct vcpu_injection {
	struct inject *inject;
	unsigned int rule;
	u64 for_ns;
	u64 began_ns;
	struct hog hog;
};

void inject__ring(struct vcpu_injection *injection, u32 ring);
u32 inject__tell(const struct inject *inject, u64 offset);
bool inject__holds_back(struct vcpu_injection *injection);

#endif /* PVMM_INJECT_H */
