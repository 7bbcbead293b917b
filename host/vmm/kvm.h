/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/kvm: opened, and found to have all that is needed.
 */
#ifndef PVMM_KVM_H
#define PVMM_KVM_H

#include <linux/kvm.h>
#include <stddef.h>

int kvm__open(unsigned int vcpus);
int kvm__has(int fd, int capability);
size_t kvm__run_size(int fd);

#endif /* PVMM_KVM_H */
