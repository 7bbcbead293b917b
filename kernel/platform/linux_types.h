/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock core in a Linux kernel: types. Small enough for asm/spinlock_types.h.
 */
#ifndef TICKET_PLATFORM_LINUX_TYPES_H
#define TICKET_PLATFORM_LINUX_TYPES_H

#include <linux/compiler_types.h>
#include <linux/types.h>

#endif /* TICKET_PLATFORM_LINUX_TYPES_H */
