/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The execution lock of a virtual CPU.
 *
 * Whoever runs a vCPU holds its execution lock, all the time, also while it is
 * in the guest. The lock is tied to data: the registers and the state of the
 * vCPU are touched by its holder only. A function that touches them takes a
 * struct vcpu_locked, which exists only while the lock is held:
 *
 *	struct vcpu_locked locked;
 *
 *	error = vcpu_lock__acquire(vcpu, &locked);	(-EBUSY: it runs)
 *	vcpu_lock__set_state(locked, VCPU_READY);
 *	...
 *	vcpu_lock__release(&locked);
 *
 * There is no state "running". A vCPU runs if its lock is held, and then nobody
 * else can look at its state.
 *
 * What others want from a running vCPU goes to its inbox, or to the interrupt
 * controller, without this lock.
 */
#ifndef PVMM_VCPU_LOCK_H
#define PVMM_VCPU_LOCK_H

#include "inbox.h"
#include "../locks/ranked_mutex.h"

/**
 * enum vcpu_state - what running the vCPU would lead to
 * @VCPU_OFF: nothing: it has not been started
 * @VCPU_READY: it executes guest instructions, or waits for an interrupt
 * @VCPU_ENDED: nothing, for good: powered off, or an error
 */
enum vcpu_state {
	VCPU_OFF,
	VCPU_READY,
	VCPU_ENDED,
};

/**
 * struct vcpu_core - what the locks know of a vCPU
 * @execution: held by who runs it
 * @inbox: for requests to it, without @execution
 * @state: enum vcpu_state; guarded by @execution
 */
struct vcpu_core {
	struct ranked_mutex execution;
	struct vcpu_inbox inbox;
	enum vcpu_state state;
};

/**
 * struct vcpu_locked - proof that the caller holds the execution lock
 * @core: of this vCPU
 */
struct vcpu_locked {
	struct vcpu_core *core;
};

void vcpu_core__init(struct vcpu_core *core,
		     const struct inbox_operations *operations, void *owner,
		     u64 urgent);
int vcpu_lock__acquire_at(struct vcpu_core *core, struct vcpu_locked *locked,
			  const char *site);
void vcpu_lock__wait_at(struct vcpu_core *core, struct vcpu_locked *locked,
			const char *site);
void vcpu_lock__release(struct vcpu_locked *locked);
struct vcpu_locked vcpu_lock__held(struct vcpu_core *core);
enum vcpu_state vcpu_lock__state(struct vcpu_locked locked);
int vcpu_lock__set_state(struct vcpu_locked locked, enum vcpu_state state);

/* Run a vCPU, unless somebody does: then -EBUSY. Does not wait. */
#define vcpu_lock__acquire(core, locked)				\
	vcpu_lock__acquire_at(core, locked, LOCK_SITE)

/* Get hold of a vCPU as soon as nobody runs it any more. */
#define vcpu_lock__wait(core, locked)					\
	vcpu_lock__wait_at(core, locked, LOCK_SITE)

#endif /* PVMM_VCPU_LOCK_H */
