/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests of a few instructions, in real mode.
 */
#ifndef VMM_TEST_REAL_MODE_H
#define VMM_TEST_REAL_MODE_H

#include <stdlib.h>
#include <sys/ioctl.h>

#include "../../host/vmm/vm/vcpu.h"

/* Have a vCPU begin at an address, with a port in DX. */
static inline void real_mode__begin(struct vcpu *vcpu, u16 address, u16 port)
{
	struct kvm_mp_state runnable = { KVM_MP_STATE_RUNNABLE };
	struct kvm_regs regs = { .rip = address, .rflags = 2, .rdx = port };
	struct kvm_sregs sregs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs))
		exit(1);
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) ||
	    ioctl(vcpu->fd, KVM_SET_REGS, &regs) ||
	    ioctl(vcpu->fd, KVM_SET_MP_STATE, &runnable))
		exit(1);
}

#endif /* VMM_TEST_REAL_MODE_H */
