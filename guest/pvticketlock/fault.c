// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection: with some probability, delay the CPU where a preemption
 * by the host hurts most, and return from halts for no reason.
 *
 * Delays come between publishing a waiter and setting the flag, between
 * setting the flag and halting, and between releasing a lock and kicking.
 *
 * Files in debugfs, directory pvticketlock/:
 *
 *   fault_per_mille   probability at each of these places; 0, the default: off
 *   fault_delay_us    longest delay, in microseconds
 *   fault_injected    how many faults there were
 */
#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/jump_label.h>
#include <linux/percpu.h>

#include "../../kernel/platform/platform.h"
#include "fault.h"

#define FAULT_MAX_DELAY_US	1000
#define FAULT_DEFAULT_DELAY_US	50
#define PER_MILLE		1000

DEFINE_STATIC_KEY_FALSE(ticket_fault_key);

static u32 fault_per_mille;
static u32 fault_delay_us = FAULT_DEFAULT_DELAY_US;
static atomic64_t fault_injected;

/* Sequences of Knuth's MMIX, one per CPU; the kernel's are not for NMIs. */
static DEFINE_PER_CPU(u64, fault_random);

static u32 fault_random_below(u32 limit)
{
	u64 next = raw_cpu_read(fault_random) * 6364136223846793005ULL +
		   1442695040888963407ULL;

	raw_cpu_write(fault_random, next);
	return ((next >> 32) * limit) >> 32;
}

static bool fault_hits(void)
{
	if (fault_random_below(PER_MILLE) >= READ_ONCE(fault_per_mille))
		return false;
	atomic64_inc(&fault_injected);
	return true;
}

/**
 * ticket_fault_delay() - delay the CPU with the probability chosen
 *
 * Context: any.
 */
void ticket_fault_delay(void)
{
	u32 limit_us = READ_ONCE(fault_delay_us);

	if (limit_us && fault_hits())
		udelay(1 + fault_random_below(limit_us));
}

/**
 * ticket_fault_ends_halt() - shall a halt end before it began?
 *
 * Context: any.
 * Return: whether it shall, with the probability chosen.
 */
bool ticket_fault_ends_halt(void)
{
	return static_branch_unlikely(&ticket_fault_key) && fault_hits();
}

static int per_mille_get(void *data, u64 *value)
{
	*value = fault_per_mille;
	return 0;
}

static int per_mille_set(void *data, u64 value)
{
	if (value > PER_MILLE)
		return -EINVAL;
	WRITE_ONCE(fault_per_mille, value);
	if (value)
		static_branch_enable(&ticket_fault_key);
	else
		static_branch_disable(&ticket_fault_key);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(per_mille_fops, per_mille_get, per_mille_set,
			 "%llu\n");

static int delay_us_get(void *data, u64 *value)
{
	*value = fault_delay_us;
	return 0;
}

static int delay_us_set(void *data, u64 value)
{
	if (value > FAULT_MAX_DELAY_US)
		return -EINVAL;
	WRITE_ONCE(fault_delay_us, value);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(delay_us_fops, delay_us_get, delay_us_set, "%llu\n");

static int injected_get(void *data, u64 *value)
{
	*value = atomic64_read(&fault_injected);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(injected_fops, injected_get, NULL, "%llu\n");

/**
 * ticket_fault_debugfs_init() - create the files of this file
 * @directory: of the module
 *
 * Context: process context.
 */
void ticket_fault_debugfs_init(struct dentry *directory)
{
	debugfs_create_file_unsafe("fault_per_mille", 0644, directory, NULL,
				   &per_mille_fops);
	debugfs_create_file_unsafe("fault_delay_us", 0644, directory, NULL,
				   &delay_us_fops);
	debugfs_create_file_unsafe("fault_injected", 0444, directory, NULL,
				   &injected_fops);
}
