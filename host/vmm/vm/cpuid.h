/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What CPUID tells the guest.
 */
#ifndef PVMM_CPUID_H
#define PVMM_CPUID_H

#include <linux/kvm.h>

#include "../base/types.h"

struct kvm_cpuid2 *cpuid__supported(int kvm_fd);
int cpuid__change(struct kvm_cpuid2 *cpuid, const char *changes);
void cpuid__set_topology(struct kvm_cpuid2 *cpuid, unsigned int vcpu,
			 unsigned int vcpus);
void cpuid__list(void);

#endif /* PVMM_CPUID_H */
