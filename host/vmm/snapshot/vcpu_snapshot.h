/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that KVM knows of a vCPU, for snapshots.
 */
#ifndef PVMM_VCPU_SNAPSHOT_H
#define PVMM_VCPU_SNAPSHOT_H

#include <linux/kvm.h>

#include "../execution/vcpu_lock.h"

#define VCPU_SNAPSHOT_MSRS		512

/* A kick (KVM_HC_KICK_CPU) that came before the halt that it ends. */
enum vcpu_kick {
	VCPU_KICK_NONE,
	VCPU_KICK_PENDING,
	VCPU_KICK_UNKNOWN,	/* this host's KVM does not tell */
};

/**
 * struct vcpu_snapshot - a vCPU
 * @has_run: the guest has started it
 * @kick: enum vcpu_kick
 * @nr_msrs: entries in @msrs
 * @mp_state: whether it runs, halts, or waits to be started
 * @tsc_khz: frequency of its TSC
 * @tsc_offset: guest's TSC minus the host's
 * @regs: as KVM gives it, like all that follows
 * @sregs: system registers
 * @events: exceptions and interrupts on their way
 * @debugregs: debug registers
 * @xcrs: which extended state is in use
 * @xsave: FPU and extended state
 * @lapic: local APIC, with its timer
 * @msrs: all that KVM names and this vCPU has
 */
struct vcpu_snapshot {
	u32 has_run;
	u32 kick;
	u32 nr_msrs;
	struct kvm_mp_state mp_state;
	u64 tsc_khz;
	u64 tsc_offset;
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_vcpu_events events;
	struct kvm_debugregs debugregs;
	struct kvm_xcrs xcrs;
	struct kvm_xsave xsave;
	struct kvm_lapic_state lapic;
	struct kvm_msr_entry msrs[VCPU_SNAPSHOT_MSRS];
};

int vcpu__save_state(struct vcpu_locked locked, struct vcpu_snapshot *state);
int vcpu__load_state(struct vcpu_locked locked, const struct vcpu_snapshot *state,
		     u64 tsc_shift);
void vcpu__tell_pause(struct vcpu_locked locked);
bool vcpu_snapshot__is_sound(const struct vcpu_snapshot *state);

#endif /* PVMM_VCPU_SNAPSHOT_H */
