// SPDX-License-Identifier: GPL-2.0
/*
 * pvticketlock.ko in a kernel whose spinlocks are these locks. The lock core is
 * in the kernel, which has chosen how waiters wait; the module brings parameters
 * and statistics of all of them, and of the locks that have this interface.
 */
#include <linux/export.h>
#include <linux/module.h>
#include <asm/ticket_spinlock.h>

#include "../pvticketlock.h"
#include "debugfs.h"

/**
 * pvticketlock_backend() - what waiters halt with
 *
 * Return: the name of a hypervisor in lower case, or "native".
 */
const char *pvticketlock_backend(void)
{
	return ticketlock_backend_name();
}
EXPORT_SYMBOL_GPL(pvticketlock_backend);

static int __init pvticketlock_init_module(void)
{
	return ticket_debugfs_init();
}
module_init(pvticketlock_init_module);

static void __exit pvticketlock_exit_module(void)
{
	ticket_debugfs_exit();
}
module_exit(pvticketlock_exit_module);

MODULE_DESCRIPTION("Paravirtualized ticket spinlocks of the kernel");
MODULE_LICENSE("GPL");
