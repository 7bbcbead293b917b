/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The run loop of a vCPU.
 */
#ifndef PVMM_RUN_H
#define PVMM_RUN_H

#include "vcpu.h"

int vcpu__run(struct vcpu *vcpu);
int vcpu__complete_exit(struct vcpu_locked locked);

#endif /* PVMM_RUN_H */
