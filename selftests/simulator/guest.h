/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What guest code can do, and what it costs.
 *
 * Each operation charges the running vCPU's time and, where another event is
 * due before it ends, lets that happen first. An access takes effect at the
 * end of its time: the caller does it when the function returns. Before the
 * vCPUs start, reads and writes cost nothing.
 */
#ifndef SIMULATOR_GUEST_H
#define SIMULATOR_GUEST_H

#include "types.h"

struct vcpu;

/* The vCPU whose fiber runs. */
extern struct vcpu *current_vcpu;

/* Simulate every iteration of a spin loop as an event of its own. */
extern bool guest_single_step;

/* Operations done by guest code; those that were undone count twice. */
extern u64 guest_operations;

void guest_read(const void *address);
void guest_write(void *address);
void guest_exchange(void *address);
void guest_barrier(void);
void guest_relax(void);
void guest_compute(simtime time);
simtime guest_now(void);
void guest_halt(bool interruptible);
void guest_kick(u32 vcpu);

void guest_run(struct vcpu *vcpu);
void guest_settle(struct vcpu *vcpu);

#endif /* SIMULATOR_GUEST_H */
