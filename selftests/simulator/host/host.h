/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host: a scheduler in the manner of CFS, and the hypervisor's part in
 * halting and kicking.
 */
#ifndef SIMULATOR_HOST_H
#define SIMULATOR_HOST_H

#include "../types.h"

struct vcpu;

/* Lose one of so many kicks; 0: none. For negative controls. */
extern u32 host_lose_kicks;

/* hypervisor.c: at sim_now, from the guest code of @vcpu */
void host_halt(struct vcpu *vcpu, bool interruptible);
void host_kick(struct vcpu *vcpu, struct vcpu *target);
void host_pause_loop_exit(struct vcpu *vcpu);

/* hypervisor.c: events */
void host_guest_tick(struct vcpu *vcpu);
void host_poll_end(struct vcpu *vcpu);

/* scheduler.c */
void scheduler_init(u64 seed);
void scheduler_tick(u32 pcpu);
void scheduler_noise(u32 pcpu);
bool scheduler_has_waiting(u32 pcpu);
void scheduler_block(struct vcpu *vcpu);
bool scheduler_wake(struct vcpu *vcpu);
void scheduler_yield_to(struct vcpu *vcpu, struct vcpu *target);
struct vcpu *scheduler_current(u32 pcpu);
simtime scheduler_steal(const struct vcpu *vcpu);
void scheduler_charge(struct vcpu *vcpu, simtime time);

#endif /* SIMULATOR_HOST_H */
