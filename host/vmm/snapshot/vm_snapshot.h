/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What KVM knows of a VM besides its vCPUs, for snapshots.
 */
#ifndef PVMM_VM_SNAPSHOT_H
#define PVMM_VM_SNAPSHOT_H

#include <linux/kvm.h>

#include "../vm/vm.h"

#define VM_SNAPSHOT_IRQCHIPS	3

/**
 * struct vm_snapshot - interrupt controllers, timers and clocks
 * @host_tsc: when the vCPUs were saved, which tell the difference to theirs
 * @irqchip: both PICs, and the I/O APIC
 * @pit: timer
 * @clock: of KVM, for guests with kvmclock
 */
struct vm_snapshot {
	u64 host_tsc;
	struct kvm_irqchip irqchip[VM_SNAPSHOT_IRQCHIPS];
	struct kvm_pit_state2 pit;
	struct kvm_clock_data clock;
};

int vm_snapshot__check_host(const struct vm *vm);
int vm_snapshot__save(const struct vm *vm, struct vm_snapshot *state);
u64 vm_snapshot__tsc_shift(const struct vm_snapshot *state);
int vm_snapshot__load(const struct vm *vm, const struct vm_snapshot *state);

#endif /* PVMM_VM_SNAPSHOT_H */
