/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupt lines, as devices see them. KVM's I/O APIC is behind them, or in
 * tests something that counts.
 */
#ifndef PVMM_IRQ_H
#define PVMM_IRQ_H

#include "../base/types.h"

struct irq_line {
	/* Called under the lock of the device whose line it is. */
	void (*set)(struct irq_line *line, bool level);
	u32 number;
	int vm_fd;
};

static inline void irq__set(struct irq_line *line, bool level)
{
	line->set(line, level);
}

#endif /* PVMM_IRQ_H */
