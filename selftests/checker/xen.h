/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting as the Xen backend does it.
 */
#ifndef CHECKER_XEN_H
#define CHECKER_XEN_H

#include "engine/machine.h"

void xen_halt(struct vcpu *cpu, unsigned long flags, const char *site);

#endif /* CHECKER_XEN_H */
