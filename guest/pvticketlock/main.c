// SPDX-License-Identifier: GPL-2.0
/*
 * pvticketlock.ko: paravirtualized ticket spinlocks for other modules.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>

#include "../../kernel/statistics.h"
#include "../../kernel/ticket_core.h"
#include "../../kernel/ticket_lock.h"
#include "../compat.h"
#include "../pvticketlock.h"
#include "backend.h"
#include "contention.h"
#include "debugfs.h"
#include "takeover.h"

DEFINE_PER_CPU(struct ticket_statistics, ticket_statistics);
DEFINE_STATIC_KEY_TRUE(ticket_statistics_key);

static char *backend_name = "auto";
module_param_named(backend, backend_name, charp, 0444);
MODULE_PARM_DESC(backend, "auto (default), kvm or xen (halt and kick), or native (spin)");

static int __init pvticketlock_init_module(void)
{
	const struct ticket_backend *backend;
	int error;

	BUILD_BUG_ON(NR_CPUS > TICKET_MAX_CPUS);

	backend = ticket_backend_choose(backend_name);
	if (IS_ERR(backend))
		return PTR_ERR(backend);

	error = ticket_init();
	if (error)
		return error;
	error = ticket_debugfs_init();
	if (error)
		goto free_core;

	contention_init();
	error = ticket_backend_start(backend);
	if (error)
		goto remove_debugfs;
	ticket_backend_report(backend);
	error = takeover_init();
	if (error)
		goto stop_takeover;
	return 0;

stop_takeover:
	takeover_exit();
	ticket_backend_stop();
remove_debugfs:
	ticket_debugfs_exit();
free_core:
	ticket_exit();
	return error;
}
module_init(pvticketlock_init_module);

/*
 * Users of the locks hold a reference, so none is in use any more once the
 * kernel has its own back.
 */
static void __exit pvticketlock_exit_module(void)
{
	takeover_exit();
	ticket_backend_stop();
	ticket_debugfs_exit();
	ticket_exit();
}
module_exit(pvticketlock_exit_module);

MODULE_DESCRIPTION("Paravirtualized ticket spinlocks");
MODULE_LICENSE("GPL");
