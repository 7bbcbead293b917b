// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters of pvticketlock.ko that may be changed at any time, and what has been
 * counted. The lock core is in the module, or in the kernel (main_builtin.c).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/jump_label.h>
#include <linux/kconfig.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "../../kernel/statistics.h"
#include "../../kernel/ticket_core.h"
#include "../pvticketlock.h"

static bool stats = true;

static int stats_set(const char *value, const struct kernel_param *param)
{
	int error = param_set_bool(value, param);

	if (error)
		return error;
	if (stats)
		static_branch_enable(&ticket_statistics_key);
	else
		static_branch_disable(&ticket_statistics_key);
	return 0;
}

static const struct kernel_param_ops stats_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = stats_set,
	.get = param_get_bool,
};

module_param_cb(stats, &stats_ops, &stats, 0644);
MODULE_PARM_DESC(stats, "Count what happens in the slow paths (default Y)");

#define SPIN_NS_MIN		100U
#define SPIN_NS_MAX		10000000U

static u32 spin_ns = TICKET_DEFAULT_SPIN_NS;

static int spin_ns_set(const char *value, const struct kernel_param *param)
{
	int error = param_set_uint_minmax(value, param, SPIN_NS_MIN,
					  SPIN_NS_MAX);

	if (error)
		pr_err("spin_ns must be from %u to %u\n", SPIN_NS_MIN,
		       SPIN_NS_MAX);
	else
		ticket_set_spin_ns(spin_ns);
	return error;
}

static const struct kernel_param_ops spin_ns_ops = {
	.set = spin_ns_set,
	.get = param_get_uint,
};

module_param_cb(spin_ns, &spin_ns_ops, &spin_ns, 0644);
MODULE_PARM_DESC(spin_ns, "Nanoseconds that a waiter spins behind the same first in line before it halts");

static ushort overtake = TICKET_DEFAULT_OVERTAKE_LIMIT;

static int overtake_set(const char *value, const struct kernel_param *param)
{
	int error = param_set_ushort(value, param);

	if (error)
		pr_err("overtake must be from 0 to %u\n", U16_MAX);
	else
		ticket_set_overtake_limit(overtake);
	return error;
}

static const struct kernel_param_ops overtake_ops = {
	.set = overtake_set,
	.get = param_get_ushort,
};

module_param_cb(overtake, &overtake_ops, &overtake, 0644);
MODULE_PARM_DESC(overtake, "How often a halted waiter that is first in line may be overtaken (0: FIFO)");

/**
 * pvticketlock_statistics() - what all waiters and unlockers did since load
 * @sum: where to put the sum over all CPUs
 *
 * Return: false if nothing is counted, by configuration or parameter.
 */
bool pvticketlock_statistics(struct ticket_statistics *sum)
{
	unsigned int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu)
		ticket_statistics_accumulate(sum,
					     per_cpu_ptr(&ticket_statistics,
							 cpu));
	return IS_ENABLED(CONFIG_PVTICKETLOCK_STATISTICS) && stats;
}
EXPORT_SYMBOL_GPL(pvticketlock_statistics);
