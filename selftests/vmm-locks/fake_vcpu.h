/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A virtual CPU without a guest: its thread, and a KVM_RUN that returns when
 * immediate_exit is set.
 */
#ifndef VMM_LOCKS_FAKE_VCPU_H
#define VMM_LOCKS_FAKE_VCPU_H

#include "host/vmm/execution/actions.h"
#include "host/vmm/execution/vcpu_lock.h"
#include "host/vmm/execution/stop_world.h"
#include "support.h"

/* The actions of all tests. QUIT ends the run loop. */
enum fake_action {
	FAKE_URGENT,
	FAKE_LAZY,
	FAKE_QUIT,
	NR_FAKE_ACTIONS,
};

/**
 * struct fake_vcpu - a virtual CPU
 * @core: its locks
 * @thread: that runs it
 * @world: that it joins, or NULL
 * @immediate_exit: as in struct kvm_run
 * @in_guest: 1 while KVM_RUN runs
 * @entries: how often it was entered
 * @handled: how often each action was
 * @quit: seen FAKE_QUIT
 * @halted: 1 while offline
 * @calls: counted by @work
 * @registers: plain, and of the runner only
 * @work: what the VMM does after each exit, or NULL
 * @guest: what the guest does until it exits; NULL: nothing, for ever
 * @seed: for @work
 * @data: for @work
 */
struct fake_vcpu {
	struct vcpu_core core;
	struct support_thread thread;
	struct stop_world *world;
	u32 immediate_exit;
	u32 in_guest;
	u32 entries;
	u32 handled[NR_FAKE_ACTIONS];
	u32 quit;
	u32 halted;
	u32 calls;
	u64 registers;
	void (*work)(struct fake_vcpu *vcpu);
	void (*guest)(struct fake_vcpu *vcpu);
	u32 seed;
	void *data;
};

void fake_vcpu_init(struct fake_vcpu *vcpu);
void fake_vcpu_start(struct fake_vcpu *vcpu);
void fake_vcpu_quit(struct fake_vcpu *vcpu);
void fake_vcpu_enter(struct fake_vcpu *vcpu);
void fake_vcpu_halt(struct fake_vcpu *vcpu);
void fake_vcpu_wake(struct fake_vcpu *vcpu);

#endif /* VMM_LOCKS_FAKE_VCPU_H */
