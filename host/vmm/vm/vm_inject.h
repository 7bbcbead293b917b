/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Preemption on command, for all vCPUs of a VM.
 */
#ifndef PVMM_VM_INJECT_H
#define PVMM_VM_INJECT_H

#include "../inject/inject.h"
#include "vm.h"

int vm_inject__start(struct inject *inject, struct vm *vm);
void vm_inject__stop(struct vm *vm);

#endif /* PVMM_VM_INJECT_H */
