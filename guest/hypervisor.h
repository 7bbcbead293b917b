/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the hypervisor offers, read from CPUID.
 *
 * kvm_para_has_feature() is not exported to modules, hence the leaf itself.
 */
#ifndef GUEST_HYPERVISOR_H
#define GUEST_HYPERVISOR_H

#include <linux/bits.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>
#include <uapi/asm/kvm_para.h>

#include "compat.h"

/**
 * hypervisor_kvm_base() - find KVM's CPUID leaves
 *
 * Return: the first leaf's number, or 0 where there is no KVM.
 */
static inline u32 hypervisor_kvm_base(void)
{
	if (!boot_cpu_has(X86_FEATURE_HYPERVISOR))
		return 0;
	return compat_hypervisor_base(KVM_SIGNATURE);
}

/**
 * hypervisor_kvm_features() - the KVM_FEATURE_* bits
 *
 * Return: one bit per feature, 0 where there is no KVM.
 */
static inline u32 hypervisor_kvm_features(void)
{
	u32 base = hypervisor_kvm_base();

	return base ? cpuid_eax(base | KVM_CPUID_FEATURES) : 0;
}

/**
 * hypervisor_has_pv_unhalt() - can a halted vCPU be kicked?
 *
 * Return: whether KVM advertises the kick-cpu hypercall.
 */
static inline bool hypervisor_has_pv_unhalt(void)
{
	return hypervisor_kvm_features() & BIT(KVM_FEATURE_PV_UNHALT);
}

/**
 * hypervisor_has_realtime_hint() - does each vCPU have a CPU of its own?
 *
 * Return: whether the host says so, by KVM_HINTS_REALTIME.
 */
static inline bool hypervisor_has_realtime_hint(void)
{
	u32 base = hypervisor_kvm_base();

	return base && cpuid_edx(base | KVM_CPUID_FEATURES) &
		       BIT(KVM_HINTS_REALTIME);
}

#endif /* GUEST_HYPERVISOR_H */
