/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest without an operating system.
 */
#ifndef PVMM_BARE_H
#define PVMM_BARE_H

#include "../vm/vm.h"

int bare__print(const struct vm *vm);

#endif /* PVMM_BARE_H */
