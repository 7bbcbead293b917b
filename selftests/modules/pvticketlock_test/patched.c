// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody else who patches the slow path of the kernel's spinlocks, so that
 * the takeover has to be refused. It changes nothing.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/ftrace.h>
#include <linux/kconfig.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "test.h"

#if IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_ARGS)

static void notrace change_nothing(unsigned long ip, unsigned long parent_ip,
				   struct ftrace_ops *ops,
				   struct ftrace_regs *fregs)
{
}

static struct ftrace_ops patch = {
	.func = change_nothing,
	.flags = FTRACE_OPS_FL_IPMODIFY,
};

/**
 * test_patched() - patch the slow path, or take the patch out
 * @on: 1 or 0
 *
 * Return: 0 or what ftrace returned.
 */
int test_patched(unsigned int on)
{
	char function[] = "__pv_queued_spin_lock_slowpath";
	int error;

	if (!on)
		return unregister_ftrace_function(&patch);
	error = ftrace_set_filter(&patch, function, strlen(function), 1);
	return error ? error : register_ftrace_function(&patch);
}

#else

int test_patched(unsigned int on)
{
	return -EOPNOTSUPP;
}

#endif
