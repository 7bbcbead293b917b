// SPDX-License-Identifier: GPL-2.0
/*
 * The execution lock of a virtual CPU, after the one proposed for Hafnium
 * (Kang, "More fine-grained locking for vcpus", 2019).
 */
#include "vcpu_lock.h"
#include "../locks/lock_classes.h"

/**
 * vcpu_core__init() - make a vCPU that is off, and that nobody runs
 * @core: the vCPU
 * @operations: for its inbox
 * @owner: for @operations
 * @urgent: bits of the actions that pull it out of the guest
 */
void vcpu_core__init(struct vcpu_core *core,
		     const struct inbox_operations *operations, void *owner,
		     u64 urgent)
{
	ranked_mutex_init(&core->execution, &class_vcpu_execution);
	vcpu_inbox_init(&core->inbox, operations, owner, urgent,
			&class_vcpu_execution);
	core->state = VCPU_OFF;
}

/**
 * vcpu_lock__acquire_at() - acquire the execution lock if nobody has it
 * @core: the vCPU
 * @locked: set on success
 * @site: where
 *
 * Context: holding no lock.
 * Return: 0, or -EBUSY if somebody runs the vCPU. Exactly one of those who try
 * at the same time succeeds.
 */
int vcpu_lock__acquire_at(struct vcpu_core *core, struct vcpu_locked *locked,
			  const char *site)
{
	lock_rank_check(core->execution.class, site);
	if (!ranked_mutex_acquire_try(&core->execution, site))
		return -EBUSY;
	locked->core = core;
	return 0;
}

/**
 * vcpu_lock__wait_at() - acquire the execution lock
 * @core: the vCPU
 * @locked: set
 * @site: where
 *
 * Context: holding no lock.
 */
void vcpu_lock__wait_at(struct vcpu_core *core, struct vcpu_locked *locked,
			const char *site)
{
	ranked_mutex_acquire(&core->execution, site);
	locked->core = core;
}

/**
 * vcpu_lock__held() - get the proof, for who has acquired the lock further up
 * @core: the vCPU, which the calling thread runs
 *
 * Context: in actions and crosscalls, which get a vCPU as their owner.
 * Return: proof that the caller holds the lock, to be released by the one who
 * has acquired it.
 */
struct vcpu_locked vcpu_lock__held(struct vcpu_core *core)
{
	ranked_mutex_assert_held(&core->execution);
	return (struct vcpu_locked){ core };
}

/**
 * vcpu_lock__release() - release the execution lock
 * @locked: proves nothing any more
 */
void vcpu_lock__release(struct vcpu_locked *locked)
{
	struct vcpu_core *core = locked->core;

	locked->core = NULL;
	ranked_mutex_unlock(&core->execution);
}

/**
 * vcpu_lock__state() - get the state of a vCPU
 * @locked: the vCPU
 *
 * Return: its state.
 */
enum vcpu_state vcpu_lock__state(struct vcpu_locked locked)
{
	ranked_mutex_assert_held(&locked.core->execution);
	return locked.core->state;
}

/* Bit S of entry R: from state R, the vCPU may go to state S. */
static const u32 transitions[] = {
	[VCPU_OFF] = 1 << VCPU_READY | 1 << VCPU_ENDED,
	[VCPU_READY] = 1 << VCPU_OFF | 1 << VCPU_ENDED,
	[VCPU_ENDED] = 0,
};

/**
 * vcpu_lock__set_state() - change the state of a vCPU
 * @locked: the vCPU
 * @state: the new one
 *
 * Return: 0, or -EINVAL if there is no way from the old one to it.
 */
int vcpu_lock__set_state(struct vcpu_locked locked, enum vcpu_state state)
{
	struct vcpu_core *core = locked.core;

	ranked_mutex_assert_held(&core->execution);
	if (!(transitions[core->state] & 1U << state))
		return -EINVAL;
	core->state = state;
	return 0;
}
