// SPDX-License-Identifier: GPL-2.0
/*
 * Kick latency: from the kick until the kicked CPU runs. It is what a waiter's
 * sleep costs the lock at worst, and what the host's scheduler adds to that.
 *
 * Who kicks writes the time for the CPU that it kicks; who returns from a halt
 * takes it. A CPU is kicked once per halt, so there is one kick under way for each
 * context that waits; of several on one CPU, one is counted.
 *
 * File histo_kick of debugfs: lines "<microseconds> <kicks>", as histo_blocked.
 */
#include <linux/debugfs.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/sched/clock.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "../../kernel/statistics.h"
#include "kick_latency.h"

struct kick_latency {
	/* 0: none under way. */
	u64 kicked_at;
	u64 histogram[TICKET_HISTO_BUCKETS];
};

static DEFINE_PER_CPU(struct kick_latency, kick_latency);

/**
 * kick_latency_kicked() - a CPU is about to be kicked
 * @cpu: its number
 *
 * Context: any.
 */
void kick_latency_kicked(unsigned int cpu)
{
	if (static_branch_likely(&ticket_statistics_key))
		WRITE_ONCE(per_cpu(kick_latency, cpu).kicked_at, local_clock());
}

/**
 * kick_latency_running() - this CPU has returned from a halt
 *
 * Context: any, interrupts disabled.
 */
void kick_latency_running(void)
{
	u64 kicked_at = this_cpu_xchg(kick_latency.kicked_at, 0);
	s64 latency_us = (s64)(local_clock() - kicked_at) / NSEC_PER_USEC;
	unsigned int bucket;

	if (!kicked_at)
		return;
	/* Clocks of CPUs may differ a little. */
	bucket = latency_us > 1 ? ilog2(latency_us) : 0;
	bucket = min_t(unsigned int, bucket, TICKET_HISTO_BUCKETS - 1);
	this_cpu_inc(kick_latency.histogram[bucket]);
}

/**
 * kick_latency_reset() - forget all kicks
 *
 * Context: process context. Kicks that are counted meanwhile may be lost.
 */
void kick_latency_reset(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(&kick_latency, cpu)->histogram, 0,
		       sizeof(kick_latency.histogram));
}

static int histo_kick_show(struct seq_file *file, void *unused)
{
	unsigned int cpu, i;

	for (i = 0; i < TICKET_HISTO_BUCKETS; i++) {
		u64 sum = 0;

		for_each_possible_cpu(cpu)
			sum += READ_ONCE(per_cpu(kick_latency, cpu).histogram[i]);
		seq_printf(file, "%lu %llu\n", i ? BIT(i) : 0, sum);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(histo_kick);

/**
 * kick_latency_debugfs_init() - create the file
 * @directory: of the module
 *
 * Context: process context.
 */
void kick_latency_debugfs_init(struct dentry *directory)
{
	debugfs_create_file("histo_kick", 0444, directory, NULL, &histo_kick_fops);
}
