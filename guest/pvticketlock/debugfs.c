// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics in debugfs, directory pvticketlock/:
 *
 *   one file per counter of kernel/statistics_list.h: the sum over all CPUs
 *   histo_blocked: one line "<microseconds from> <halts>" per bucket
 *   percpu: a table with a line per CPU
 *   hot_locks: the locks whose waiters halt most, see hot_locks.c
 *   takeover: whether the kernel's spinlocks are taken over, see takeover.c
 *   reset: any write makes all of the above start from zero
 *
 * The counters themselves are only ever written by their own CPU. A reset
 * remembers where they stood, so nothing that is counted meanwhile gets lost.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>

#include "../../kernel/statistics.h"
#include "debugfs.h"
#include "fault.h"
#include "hot_locks.h"
#include "kick_latency.h"
#include "takeover.h"

static struct dentry *directory;

/* Where the counters stood at the last reset; guarded by reset_mutex. */
static struct ticket_statistics __percpu *baseline;
static DEFINE_MUTEX(reset_mutex);

struct counter {
	const char *name;
	size_t offset;
};

static const struct counter counters[] = {
#define TICKET_COUNTER(field) \
	{ #field, offsetof(struct ticket_statistics, field) },
#include "../../kernel/statistics_list.h"
#undef TICKET_COUNTER
};

static u64 counter_since_reset(size_t offset, unsigned int cpu)
{
	void *now = per_cpu_ptr(&ticket_statistics, cpu);
	void *then = per_cpu_ptr(baseline, cpu);

	return READ_ONCE(*(u64 *)(now + offset)) - *(u64 *)(then + offset);
}

/* With reset_mutex held. */
static u64 counter_sum(size_t offset)
{
	unsigned int cpu;
	u64 sum = 0;

	for_each_possible_cpu(cpu)
		sum += counter_since_reset(offset, cpu);
	return sum;
}

static int counter_get(void *data, u64 *value)
{
	const struct counter *counter = data;

	mutex_lock(&reset_mutex);
	*value = counter_sum(counter->offset);
	mutex_unlock(&reset_mutex);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(counter_fops, counter_get, NULL, "%llu\n");

static int histo_blocked_show(struct seq_file *file, void *unused)
{
	size_t offset = offsetof(struct ticket_statistics, histo_blocked);
	unsigned int i;

	mutex_lock(&reset_mutex);
	for (i = 0; i < TICKET_HISTO_BUCKETS; i++)
		seq_printf(file, "%lu %llu\n", i ? 1UL << i : 0,
			   counter_sum(offset + i * sizeof(u64)));
	mutex_unlock(&reset_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(histo_blocked);

static int percpu_show(struct seq_file *file, void *unused)
{
	unsigned int cpu, i;

	seq_puts(file, "cpu");
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		seq_printf(file, " %s", counters[i].name);
	seq_putc(file, '\n');

	mutex_lock(&reset_mutex);
	for_each_possible_cpu(cpu) {
		seq_printf(file, "%u", cpu);
		for (i = 0; i < ARRAY_SIZE(counters); i++)
			seq_printf(file, " %llu",
				   counter_since_reset(counters[i].offset, cpu));
		seq_putc(file, '\n');
	}
	mutex_unlock(&reset_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(percpu);

static ssize_t reset_write(struct file *file, const char __user *buffer,
			   size_t count, loff_t *position)
{
	unsigned int cpu;

	mutex_lock(&reset_mutex);
	for_each_possible_cpu(cpu) {
		struct ticket_statistics *then = per_cpu_ptr(baseline, cpu);

		memset(then, 0, sizeof(*then));
		ticket_statistics_accumulate(then,
					     per_cpu_ptr(&ticket_statistics,
							 cpu));
	}
	hot_locks_reset();
	kick_latency_reset();
	mutex_unlock(&reset_mutex);
	return count;
}

static const struct file_operations reset_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = reset_write,
	.llseek = noop_llseek,
};

/**
 * ticket_debugfs_init() - create the directory and its files
 *
 * Context: process context.
 * Return: 0, or -ENOMEM. A kernel without debugfs is not an error.
 */
int ticket_debugfs_init(void)
{
	unsigned int i;

	baseline = alloc_percpu(struct ticket_statistics);
	if (!baseline)
		return -ENOMEM;

	directory = debugfs_create_dir("pvticketlock", NULL);
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		debugfs_create_file_unsafe(counters[i].name, 0444, directory,
					   (void *)&counters[i], &counter_fops);
	debugfs_create_file("histo_blocked", 0444, directory, NULL,
			    &histo_blocked_fops);
	debugfs_create_file("percpu", 0444, directory, NULL, &percpu_fops);
	debugfs_create_file("reset", 0200, directory, NULL, &reset_fops);
	hot_locks_debugfs_init(directory);
	kick_latency_debugfs_init(directory);
	takeover_debugfs_init(directory);
	ticket_fault_debugfs_init(directory);
	return 0;
}

/**
 * ticket_debugfs_exit() - undo ticket_debugfs_init()
 *
 * Context: process context.
 */
void ticket_debugfs_exit(void)
{
	debugfs_remove(directory);
	free_percpu(baseline);
}
