/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stopping all vCPUs of a VM, and having each of them do something meanwhile.
 */
#ifndef PVMM_WORLD_H
#define PVMM_WORLD_H

#include "../execution/vcpu_lock.h"
#include "vm.h"

int world__init(struct vm *vm);
void world__destroy(struct vm *vm);
int world__join(struct vm *vm);
int world__stop(struct vm *vm);
void world__resume(struct vm *vm);
int world__on_all_vcpus(struct vm *vm,
			int (*function)(struct vcpu_locked locked,
					void *argument),
			void *argument);

#endif /* PVMM_WORLD_H */
