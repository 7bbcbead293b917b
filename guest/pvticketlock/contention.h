/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Contended locks, as the kernel's tools see them. What the slow paths call is
 * declared in kernel/platform/linux.h.
 */
#ifndef PVTICKETLOCK_CONTENTION_H
#define PVTICKETLOCK_CONTENTION_H

void contention_init(void);
unsigned long contention_caller(const void *lock);

#endif /* PVTICKETLOCK_CONTENTION_H */
