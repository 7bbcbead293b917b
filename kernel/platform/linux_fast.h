/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock core in a Linux kernel: the fast paths. Includes only what
 * asm/spinlock.h can include: nothing here knows of a spinlock.
 */
#ifndef TICKET_PLATFORM_LINUX_FAST_H
#define TICKET_PLATFORM_LINUX_FAST_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/instrumented.h>
#include <linux/jump_label.h>
#include <linux/kcsan-checks.h>
#include <asm/barrier.h>

/* x86's xadd() does not tell KCSAN that it is an atomic access and a barrier. */
#ifdef CONFIG_KCSAN
#define ticket_xadd(pointer, increment)					\
({									\
	kcsan_mb();							\
	instrument_atomic_read_write(pointer, sizeof(*(pointer)));	\
	xadd(pointer, increment);					\
})
#endif

/* Off where there is no hypervisor that can halt and kick. */
DECLARE_STATIC_KEY_FALSE(ticket_pv_key);

static __always_inline bool ticket_pv_enabled(void)
{
	return static_branch_likely(&ticket_pv_key);
}

#endif /* TICKET_PLATFORM_LINUX_FAST_H */
