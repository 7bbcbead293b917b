/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What KVM has counted, of a VM or of a vCPU (KVM_GET_STATS_FD).
 */
#ifndef PVMM_KVM_STATS_H
#define PVMM_KVM_STATS_H

#include <linux/kvm.h>
#include <stdio.h>

#include "../base/types.h"

/**
 * struct kvm_stats - the counters of a VM or of a vCPU
 * @fd: to read them from; 0: KVM does not tell
 * @header: says what there is, and where
 * @descriptors: @header.num_desc of them, each followed by its name
 */
struct kvm_stats {
	int fd;
	struct kvm_stats_header header;
	u8 *descriptors;
};

int kvm_stats__open(struct kvm_stats *stats, int owner);
void kvm_stats__close(struct kvm_stats *stats);
void kvm_stats__write(FILE *file, const struct kvm_stats *stats);

#endif /* PVMM_KVM_STATS_H */
