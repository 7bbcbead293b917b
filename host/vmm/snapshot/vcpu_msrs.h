/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The model-specific registers of a vCPU, for snapshots.
 */
#ifndef PVMM_VCPU_MSRS_H
#define PVMM_VCPU_MSRS_H

#include "../vm/vcpu.h"
#include "vcpu_snapshot.h"

int vcpu_msrs__save(struct vcpu *vcpu, struct vcpu_snapshot *state);
int vcpu_msrs__load(struct vcpu *vcpu, const struct vcpu_snapshot *state);

#endif /* PVMM_VCPU_MSRS_H */
