// SPDX-License-Identifier: GPL-2.0
/*
 * Saving and loading what KVM knows of a VM besides its vCPUs.
 *
 * Time. The guest's TSC and the clock of KVM go on where they were, as if no time
 * had passed. The difference between the guest's TSC and the host's is saved for
 * each vCPU, and all of them are shifted by the same amount when they are loaded:
 * so they are as far from each other as before, which for all vCPUs of a usual
 * guest is not at all.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "../base/error.h"
#include "../vm/kvm.h"
#include "vm_snapshot.h"

static const struct {
	int number;
	const char *name;
} required[] = {
	{ KVM_CAP_VCPU_EVENTS, "KVM_CAP_VCPU_EVENTS" },
	{ KVM_CAP_DEBUGREGS, "KVM_CAP_DEBUGREGS" },
	{ KVM_CAP_XSAVE, "KVM_CAP_XSAVE" },
	{ KVM_CAP_XCRS, "KVM_CAP_XCRS" },
	{ KVM_CAP_PIT_STATE2, "KVM_CAP_PIT_STATE2" },
	{ KVM_CAP_ADJUST_CLOCK, "KVM_CAP_ADJUST_CLOCK" },
	{ KVM_CAP_GET_TSC_KHZ, "KVM_CAP_GET_TSC_KHZ" },
	{ KVM_CAP_SIGNAL_MSI, "KVM_CAP_SIGNAL_MSI" },
	{ KVM_CAP_VCPU_ATTRIBUTES, "KVM_CAP_VCPU_ATTRIBUTES" },
};

/**
 * vm_snapshot__check_host() - check that this host can save and load guests
 * @vm: of vm__create()
 *
 * Return: 0, or -1 after messages that name all that is missing.
 */
int vm_snapshot__check_host(const struct vm *vm)
{
	size_t i, missing = 0;

	for (i = 0; i < ARRAY_SIZE(required); i++) {
		if (kvm__has(vm->fd, required[i].number))
			continue;
		vmm_error(0, "use Linux 5.16 or later, on a CPU with XSAVE",
			  "snapshots: %s is missing", required[i].name);
		missing++;
	}
	return missing ? -1 : 0;
}

static int save_irqchips(const struct vm *vm, struct vm_snapshot *state)
{
	u32 i;

	for (i = 0; i < VM_SNAPSHOT_IRQCHIPS; i++) {
		state->irqchip[i].chip_id = i;
		if (ioctl(vm->fd, KVM_GET_IRQCHIP, &state->irqchip[i]))
			return vmm_error(errno, NULL, "KVM_GET_IRQCHIP %u", i);
	}
	return 0;
}

/**
 * vm_snapshot__save() - read what there is besides vCPUs
 * @vm: whose vCPUs have been saved, and do not run
 * @state: where to
 *
 * Return: 0, or a negative errno after a message.
 */
int vm_snapshot__save(const struct vm *vm, struct vm_snapshot *state)
{
	*state = (struct vm_snapshot){ .host_tsc = __builtin_ia32_rdtsc() };
	if (ioctl(vm->fd, KVM_GET_PIT2, &state->pit))
		return vmm_error(errno, NULL, "KVM_GET_PIT2");
	if (ioctl(vm->fd, KVM_GET_CLOCK, &state->clock))
		return vmm_error(errno, NULL, "KVM_GET_CLOCK");
	return save_irqchips(vm, state);
}

/**
 * vm_snapshot__tsc_shift() - compute what to add to the TSC offset of each vCPU
 * @state: of a snapshot
 *
 * Return: host's TSC then, minus that of now.
 */
u64 vm_snapshot__tsc_shift(const struct vm_snapshot *state)
{
	return state->host_tsc - __builtin_ia32_rdtsc();
}

/**
 * vm_snapshot__load() - write what there is besides vCPUs
 * @vm: whose vCPUs have been loaded: interrupts that the I/O APIC has pending
 *	go to their local APICs
 * @state: of a snapshot
 *
 * Return: 0, or a negative errno after a message.
 */
int vm_snapshot__load(const struct vm *vm, const struct vm_snapshot *state)
{
	struct kvm_clock_data clock = { .clock = state->clock.clock };
	u32 i;

	for (i = 0; i < VM_SNAPSHOT_IRQCHIPS; i++) {
		struct kvm_irqchip chip = state->irqchip[i];

		chip.chip_id = i;
		if (ioctl(vm->fd, KVM_SET_IRQCHIP, &chip))
			return vmm_error(errno, NULL, "KVM_SET_IRQCHIP %u", i);
	}
	if (ioctl(vm->fd, KVM_SET_PIT2, &state->pit))
		return vmm_error(errno, NULL, "KVM_SET_PIT2");
	if (ioctl(vm->fd, KVM_SET_CLOCK, &clock))
		return vmm_error(errno, NULL, "KVM_SET_CLOCK");
	return 0;
}
