// SPDX-License-Identifier: GPL-2.0
/*
 * What a run has measured, as one line of JSON.
 */
#include <stdio.h>

#include "host/host.h"
#include "result.h"
#include "vcpu.h"

static struct vcpu_counters sum;
static struct histogram waits;
static double sum_of_squares;
static u64 least_ops = UINT64_MAX;

static void collect(void)
{
	u32 i;

	for (i = 0; i < nr_vcpus; i++) {
		const struct vcpu_counters *one = &vcpus[i].counters;

		sum.ops += one->ops;
		sum.halts += one->halts;
		sum.kicks += one->kicks;
		sum.spurious += one->spurious;
		sum.ple_exits += one->ple_exits;
		sum.holder_preemptions += one->holder_preemptions;
		sum.waiter_preemptions += one->waiter_preemptions;
		sum.steal += scheduler_steal(&vcpus[i]);
		if (one->wait_max > sum.wait_max)
			sum.wait_max = one->wait_max;
		if (one->ops < least_ops)
			least_ops = one->ops;
		sum_of_squares += (double)one->ops * one->ops;
		histogram_merge(&waits, &vcpus[i].waits_histogram);
	}
}

/* Jain, Chiu, Hawe 1984: 1 if all vCPUs got the same, 1/n if one got all. */
static double jain(void)
{
	if (!sum.ops)
		return 0;
	return (double)sum.ops * sum.ops / (nr_vcpus * sum_of_squares);
}

/**
 * result_print() - print it
 * @workload: what was run
 * @column: of the table of costs
 */
void result_print(const struct workload *workload, const char *column)
{
	simtime measured = workload->end - workload->warmup;

	collect();
	printf("{\"lock\":\"%s\",\"vcpus\":%u,\"pcpus\":%u,\"overcommit\":%g,",
	       workload->lock->name, nr_vcpus, nr_pcpus,
	       (double)nr_vcpus / nr_pcpus);
	printf("\"hold_ns\":%llu,\"think_ns\":%llu,\"column\":\"%s\",\"seed\":%llu,",
	       (unsigned long long)(workload->hold / PS_PER_NS),
	       (unsigned long long)(workload->think / PS_PER_NS), column,
	       (unsigned long long)workload->seed);
	printf("\"duration_ns\":%llu,\"ops\":%llu,\"ops_per_s\":%.1f,",
	       (unsigned long long)(measured / PS_PER_NS),
	       (unsigned long long)sum.ops,
	       (double)sum.ops * NS_PER_SEC * PS_PER_NS / measured);
	printf("\"wait_p50_ns\":%llu,\"wait_p99_ns\":%llu,",
	       (unsigned long long)histogram_quantile(&waits, 5000),
	       (unsigned long long)histogram_quantile(&waits, 9900));
	printf("\"wait_p999_ns\":%llu,\"wait_max_ns\":%llu,\"jain\":%.4f,",
	       (unsigned long long)histogram_quantile(&waits, 9990),
	       (unsigned long long)(sum.wait_max / PS_PER_NS), jain());
	printf("\"least_ops\":%llu,", (unsigned long long)least_ops);
	printf("\"halts\":%llu,\"kicks\":%llu,\"spurious\":%llu,\"ple_exits\":%llu,",
	       (unsigned long long)sum.halts, (unsigned long long)sum.kicks,
	       (unsigned long long)sum.spurious,
	       (unsigned long long)sum.ple_exits);
	printf("\"holder_preemptions\":%llu,\"waiter_preemptions\":%llu,\"steal_share\":%.4f}\n",
	       (unsigned long long)sum.holder_preemptions,
	       (unsigned long long)sum.waiter_preemptions,
	       (double)sum.steal / ((double)workload->end * nr_vcpus));
}
