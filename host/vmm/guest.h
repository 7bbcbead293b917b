/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest, from its start to its end.
 */
#ifndef PVMM_GUEST_H
#define PVMM_GUEST_H

#include "vm/options.h"

int guest__run(const struct options *options);

#endif /* PVMM_GUEST_H */
