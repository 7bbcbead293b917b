/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BARE_TABLES_H
#define BARE_TABLES_H

#include "cpu.h"

void tables_make(void);
void tables_load(struct cpu *cpu);

#endif /* BARE_TABLES_H */
