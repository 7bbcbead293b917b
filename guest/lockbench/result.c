// SPDX-License-Identifier: GPL-2.0
/*
 * The result of a run, in JSON.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/seq_file.h>

#include "config.h"
#include "json.h"
#include "run.h"

#define JAIN_DECIMALS	10000
#define SHARE_DECIMALS	100000

/*
 * Jain's index of fairness, sum(x)^2 / (n * sum(x^2)), times JAIN_DECIMALS:
 * 1 if all threads did the same, 1/n if one did everything. Shares are scaled
 * to 16 bits, so that no sum of up to 2^16 squares exceeds 48 bits, nor the
 * product with n, or the square of the sum, 64 bits. 0 if nobody did anything.
 */
static u32 jain_index(const struct bench_result *result)
{
	const u32 threads = result->config.threads;
	u64 most = 0, sum = 0, squares = 0;
	u32 i;

	for (i = 0; i < threads; i++)
		most = max(most, result->thread_ops[i]);
	if (!most)
		return 0;

	for (i = 0; i < threads; i++) {
		u64 share = mul_u64_u64_div_u64(result->thread_ops[i], U16_MAX,
						most);

		sum += share;
		squares += share * share;
	}
	return mul_u64_u64_div_u64(sum * sum, JAIN_DECIMALS, threads * squares);
}

static void show_config(struct seq_file *file,
			const struct bench_result *result)
{
	const struct bench_config *config = &result->config;

	seq_printf(file, "\"lock\":\"%s\",\n", config->lock->name);
	seq_printf(file, "\"implementation\":\"%s\",\n", result->implementation);
	seq_printf(file, "\"threads\":%u,\n", config->threads);
	seq_printf(file, "\"cpus\":\"%*pbl\",\n", cpumask_pr_args(&config->cpus));
	seq_printf(file, "\"irqs_off\":%u,\n", config->irqs_off);
	seq_printf(file, "\"lock_count\":%u,\n", config->lock_count);
	seq_printf(file, "\"random\":%u,\n", config->random);
	seq_printf(file, "\"hold_ns\":%u,\n", config->hold_ns);
	seq_printf(file, "\"think_ns\":%u,\n", config->think_ns);
	seq_printf(file, "\"cooldown_ms\":%u,\n", config->cooldown_ms);
}

static void show_throughput(struct seq_file *file,
			    const struct bench_result *result)
{
	u32 jain = jain_index(result);
	u32 i;

	seq_printf(file, "\"began_ns\":%llu,\n", result->began_ns);
	seq_printf(file, "\"duration_ns\":%llu,\n", result->duration_ns);
	seq_printf(file, "\"ops\":%llu,\n", result->ops);
	seq_printf(file, "\"ops_per_s\":%llu,\n",
		   mul_u64_u64_div_u64(result->ops, NSEC_PER_SEC,
				       result->duration_ns));
	seq_puts(file, "\"thread_ops\":[");
	for (i = 0; i < result->config.threads; i++)
		seq_printf(file, "%s%llu", i ? "," : "", result->thread_ops[i]);
	seq_printf(file, "],\n\"jain\":%u.%04u,\n", jain / JAIN_DECIMALS,
		   jain % JAIN_DECIMALS);
}

static void show_progress(struct seq_file *file,
			  const struct bench_result *result)
{
	u64 share = div64_u64(result->starved_windows * SHARE_DECIMALS,
			      result->windows);
	u32 fraction;
	u64 whole = div_u64_rem(share, SHARE_DECIMALS, &fraction);

	seq_printf(file, "\"windows\":%llu,\n", result->windows);
	seq_printf(file, "\"starved_windows\":%llu,\n", result->starved_windows);
	seq_printf(file, "\"starved_share\":%llu.%05u,\n", whole, fraction);
}

static void show_histogram(struct seq_file *file, const char *name,
			   const struct histogram *histogram)
{
	const char *separator = "";
	unsigned int i;

	seq_printf(file, "\"%s\":[", name);
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (!histogram->count[i])
			continue;
		seq_printf(file, "%s[%llu,%llu]", separator,
			   histogram_bucket_upper(i), histogram->count[i]);
		separator = ",";
	}
	seq_puts(file, "],\n");
}

static void show_wait(struct seq_file *file, const struct histogram *wait)
{
	seq_printf(file, "\"wait_p50_ns\":%llu,\n", histogram_quantile(wait, 5000));
	seq_printf(file, "\"wait_p99_ns\":%llu,\n", histogram_quantile(wait, 9900));
	seq_printf(file, "\"wait_p999_ns\":%llu,\n", histogram_quantile(wait, 9990));
	seq_printf(file, "\"wait_p9999_ns\":%llu,\n", histogram_quantile(wait, 9999));
	seq_printf(file, "\"wait_max_ns\":%llu,\n", wait->max);
	show_histogram(file, "wait_histogram", wait);
}

static void show_count(struct seq_file *file, const char *name, u64 value,
		       bool known)
{
	if (known)
		seq_printf(file, "\"%s\":%llu,\n", name, value);
	else
		seq_printf(file, "\"%s\":null,\n", name);
}

/* Nothing is known of a doorbell that was not rung. */
static void show_rings(struct seq_file *file, const struct bench_result *result)
{
	const struct doorbell_counts *doorbell = &result->doorbell;
	bool rung = result->config.ring != DOORBELL_NOBODY;

	seq_printf(file, "\"ring\":\"%s\",\n", bench_ring_name(&result->config));
	seq_printf(file, "\"ring_us\":%u,\n", result->config.ring_us);
	seq_printf(file, "\"ring_lock\":%u,\n", result->config.ring_lock);
	show_count(file, "rings", histogram_total(&result->rings), rung);
	show_histogram(file, "ring_histogram", &result->rings);
	show_count(file, "doorbell_rings", doorbell->rings, rung);
	show_count(file, "preempt_planned", doorbell->planned, rung);
	show_count(file, "preempt_done", doorbell->done, rung);
	show_count(file, "preempt_held_us", doorbell->held_us, rung);
	show_count(file, "preempt_modes", doorbell->modes, rung);
}

/**
 * result_show() - write a result as one JSON object
 * @file: where to
 * @result: a complete result
 */
void result_show(struct seq_file *file, const struct bench_result *result)
{
	const struct bench_counters *counters = &result->counters;

	seq_puts(file, "{");
	show_config(file, result);
	show_throughput(file, result);
	show_progress(file, result);
	show_wait(file, &result->wait);
	show_count(file, "halts", counters->halts, result->counted);
	show_count(file, "kicks", counters->kicks, result->counted);
	show_count(file, "spurious", counters->spurious, result->counted);
	show_count(file, "overtakes", counters->overtakes, result->counted);
	show_rings(file, result);
	seq_printf(file, "\"steal_ns\":%llu,\n", result->steal_ns);
	seq_printf(file, "\"exclusion_ok\":%s,\n",
		   result->violations ? "false" : "true");
	seq_printf(file, "\"exclusion_violations\":%llu}\n", result->violations);
}
