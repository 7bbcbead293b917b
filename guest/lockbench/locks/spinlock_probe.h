/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which lock is raw_spinlock_t in the running kernel?
 */
#ifndef LOCKBENCH_SPINLOCK_PROBE_H
#define LOCKBENCH_SPINLOCK_PROBE_H

#include <linux/types.h>

void spinlock_probe(void);
const char *spinlock_probe_name(void);
bool spinlock_probe_is_paravirt(void);

#endif /* LOCKBENCH_SPINLOCK_PROBE_H */
