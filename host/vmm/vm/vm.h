/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A virtual machine.
 */
#ifndef PVMM_VM_H
#define PVMM_VM_H

#include "../execution/stop_world.h"
#include "../devices/bus.h"
#include "../execution/event.h"
#include "gate.h"
#include "../devices/irq.h"
#include "../memory/memory.h"
#include "options.h"

struct kvm_cpuid2;
struct vcpu;

/* Why a guest no longer runs. The first reason stays. */
enum vm_end {
	VM_RUNS,
	VM_POWERED_OFF,
	VM_REPORTED,		/* by the doorbell; see status */
	VM_RESET,
	VM_CRASHED,		/* triple fault, or KVM could not go on */
	VM_FAILED,		/* an error of the VMM */
	VM_TIMED_OUT,
	VM_INTERRUPTED,		/* by a signal, or from the console */
	VM_SAVED,		/* it goes on where its snapshot is restored */
	VM_QUIT,		/* asked for at the control socket */
};

struct vm {
	const struct options *options;
	int kvm_fd;
	int fd;
	struct guest_memory memory;
	struct bus ports;
	struct bus mmio;
	struct event_loop loop;
	struct vcpu *vcpus;
	unsigned int nr_vcpus;
	struct kvm_cpuid2 *cpuid;	/* of the last vCPU */
	struct stop_world world;	/* of all vCPUs */
	bool unsupported;	/* this host cannot run guests */
	bool tells_kicks;	/* KVM_CAP_X86_PV_UNHALT_EVENT */
	bool tells_halts;	/* KVM_CAP_X86_HLT_EXIT, with HLT_EXITS */
	enum vm_end end;
	u32 status;		/* with VM_REPORTED: 0 is success */
	struct gate gate;		/* in front of the guest */
	unsigned int nr_threads;	/* of vCPUs, the first ones */
};

int vm__create(struct vm *vm, const struct options *options);
void vm__destroy(struct vm *vm);
void vm__init_irq(struct vm *vm, struct irq_line *line, u32 number);
int vm__start(struct vm *vm);
void vm__open_gate(struct vm *vm);
void vm__end(struct vm *vm, enum vm_end end, u32 status);
bool vm__ended(const struct vm *vm);
void vm__join(struct vm *vm);

#endif /* PVMM_VM_H */
