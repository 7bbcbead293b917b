/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/kvm: opened, and found to have all that is needed.
 */
#ifndef PVMM_KVM_H
#define PVMM_KVM_H

#include <linux/kvm.h>
#include <stddef.h>

/* Of the host series; see Documentation/host.rst. */
#ifndef KVM_CAP_X86_PV_UNHALT_EVENT
#define KVM_CAP_X86_PV_UNHALT_EVENT	0x10001
#define KVM_VCPUEVENT_VALID_PV_UNHALT	0x80000000
#define KVM_VCPUEVENT_PV_UNHALT(events)	((events)->reserved[25])
#else
#define KVM_VCPUEVENT_PV_UNHALT(events)	((events)->pv_unhalt.pending)
#endif

#ifndef KVM_CAP_X86_HLT_EXIT
#define KVM_CAP_X86_HLT_EXIT		0x10002
#define KVM_X86_HLT_EXIT_BEGIN		1
#define KVM_X86_HLT_EXIT_END		2
#define KVM_RUN_X86_HALTED		0x8000
#endif
#define HLT_EXITS	(KVM_X86_HLT_EXIT_BEGIN | KVM_X86_HLT_EXIT_END)

int kvm__open(unsigned int vcpus);
int kvm__has(int fd, int capability);
size_t kvm__run_size(int fd);

#endif /* PVMM_KVM_H */
