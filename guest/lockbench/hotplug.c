// SPDX-License-Identifier: GPL-2.0
/*
 * A CPU that a run uses cannot be taken offline: its thread would move to
 * another CPU and what is measured there would be wrong. The attempt fails
 * with EBUSY; other CPUs can come and go.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/errno.h>

#include "run.h"

static enum cpuhp_state hotplug_state;
/* Written under cpus_read_lock(), by one run at a time. */
static struct cpumask used_cpus;

static int cpu_goes_offline(unsigned int cpu)
{
	return cpumask_test_cpu(cpu, &used_cpus) ? -EBUSY : 0;
}

/**
 * bench_hotplug_init() - watch CPUs go offline
 *
 * Return: 0 or a negative error.
 */
int bench_hotplug_init(void)
{
	int state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN,
					      "lockbench:online", NULL,
					      cpu_goes_offline);

	if (state < 0)
		return state;
	hotplug_state = state;
	return 0;
}

/**
 * bench_hotplug_exit() - undo bench_hotplug_init()
 */
void bench_hotplug_exit(void)
{
	cpuhp_remove_state_nocalls(hotplug_state);
}

/**
 * bench_hotplug_block() - keep CPUs online
 * @cpus: the CPUs
 *
 * Return: 0, or -ENODEV if one of them has gone offline already.
 */
int bench_hotplug_block(const struct cpumask *cpus)
{
	int error = -ENODEV;

	cpus_read_lock();
	if (cpumask_subset(cpus, cpu_online_mask)) {
		cpumask_copy(&used_cpus, cpus);
		error = 0;
	}
	cpus_read_unlock();
	return error;
}

/**
 * bench_hotplug_unblock() - undo bench_hotplug_block()
 */
void bench_hotplug_unblock(void)
{
	cpus_read_lock();
	cpumask_clear(&used_cpus);
	cpus_read_unlock();
}
