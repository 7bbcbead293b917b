// SPDX-License-Identifier: GPL-2.0
/*
 * The result of a run, in JSON; names and units are those of lockbench.
 */
#include <stdio.h>

#include "run.h"
#include "work.h"

static const char *const distributions[] = {
	[RUN_FIXED] = "fixed",
	[RUN_EXPONENTIAL] = "exponential",
	[RUN_RARE] = "rare",
};

static u64 ns(u64 cycles)
{
	return cycles / clock_cycles_per_ns();
}

static void print_cpus(const cpu_set_t *cpus)
{
	const char *separator = "";
	int cpu;

	printf("\"cpus\":\"");
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, cpus))
			continue;
		printf("%s%d", separator, cpu);
		separator = ",";
	}
	printf("\",\n");
}

static void print_config(const struct run_config *config)
{
	printf("\"lock\":\"%s\",\n", run_lock.name);
	printf("\"implementation\":\"%s\",\n", run_lock.implementation);
	printf("\"threads\":%u,\n", config->threads);
	print_cpus(&config->cpus);
	printf("\"lock_count\":%u,\n", config->locks);
	printf("\"random\":%u,\n", config->random);
	printf("\"hold_ns\":%u,\n", config->hold_ns);
	printf("\"hold_is\":\"%s\",\n", distributions[config->distribution]);
	printf("\"think_ns\":%u,\n", config->think_ns);
	printf("\"cooldown_ms\":%u,\n", config->cooldown_ms);
}

/* 1 if all threads did the same, 1/n if one of them did everything. */
static double jain_index(const struct run_config *config,
			 const struct run_result *result)
{
	double squares = 0;
	u32 i;

	for (i = 0; i < config->threads; i++)
		squares += (double)result->thread_ops[i] * result->thread_ops[i];
	return squares > 0 ?
	       (double)result->ops * result->ops / (config->threads * squares) : 0;
}

static void print_throughput(const struct run_config *config,
			     const struct run_result *result)
{
	u32 i;

	printf("\"began_ns\":%llu,\n", (unsigned long long)result->began_ns);
	printf("\"duration_ns\":%llu,\n", config->duration_ms * 1000000ULL);
	printf("\"ops\":%llu,\n", (unsigned long long)result->ops);
	printf("\"ops_per_s\":%.0f,\n", result->ops * 1000.0 / config->duration_ms);
	printf("\"thread_ops\":[");
	for (i = 0; i < config->threads; i++)
		printf("%s%llu", i ? "," : "",
		       (unsigned long long)result->thread_ops[i]);
	printf("],\n\"jain\":%.4f,\n", jain_index(config, result));
	printf("\"windows\":%llu,\n", (unsigned long long)result->windows);
	printf("\"starved_windows\":%llu,\n", (unsigned long long)result->starved);
	printf("\"starved_share\":%.5f,\n",
	       (double)result->starved / result->windows);
}

static void print_wait(const struct histogram *wait)
{
	static const struct {
		const char *name;
		unsigned int per_myriad;
	} quantiles[] = {
		{ "p50", 5000 }, { "p99", 9900 }, { "p999", 9990 }, { "p9999", 9999 },
	};
	const char *separator = "";
	unsigned int i;

	for (i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		printf("\"wait_%s_ns\":%llu,\n", quantiles[i].name,
		       (unsigned long long)ns(histogram_quantile(wait,
								 quantiles[i].per_myriad)));
	printf("\"wait_max_ns\":%llu,\n", (unsigned long long)ns(wait->max));
	printf("\"wait_histogram\":[");
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (!wait->count[i])
			continue;
		printf("%s[%llu,%llu]", separator,
		       (unsigned long long)ns(histogram_bucket_upper(i)),
		       (unsigned long long)wait->count[i]);
		separator = ",";
	}
	printf("],\n");
}

static void print_count(const char *name, u64 value)
{
	if (run_lock.counts)
		printf("\"%s\":%llu,\n", name, (unsigned long long)value);
	else
		printf("\"%s\":null,\n", name);
}

static void print_usage(const struct run_config *config,
			const struct run_usage *used)
{
	u32 cpus = CPU_COUNT(&config->cpus);
	u32 usable = config->threads < cpus ? config->threads : cpus;

	print_count("halts", used->counters.halts);
	print_count("kicks", used->counters.kicks);
	print_count("spurious", used->counters.spurious);
	print_count("overtakes", used->counters.steals);
	printf("\"cpu_ns\":%llu,\n", (unsigned long long)used->cpu_ns);
	printf("\"idle_share\":%.4f,\n",
	       1 - (double)used->cpu_ns / used->clock_ns / usable);
	printf("\"others_share\":%.4f,\n",
	       used->all_ns > used->cpu_ns ?
	       (double)(used->all_ns - used->cpu_ns) / used->clock_ns / cpus : 0);
	printf("\"yielded\":%llu,\n", (unsigned long long)used->yielded);
	printf("\"preempted\":%llu,\n", (unsigned long long)used->preempted);
}

/**
 * result_print() - write a result as one JSON object on standard output
 * @config: what was asked for
 * @result: what came out
 */
void result_print(const struct run_config *config, const struct run_result *result)
{
	printf("{");
	print_config(config);
	print_throughput(config, result);
	print_wait(&result->wait);
	print_usage(config, &result->used);
	printf("\"loop_ps\":%.0f,\n", 1000 / work_iterations_per_ns());
	printf("\"pause_ps\":%.0f,\n", 1000 * work_pause_ns());
	printf("\"work_drift\":%.4f,\n", result->drift);
	printf("\"exclusion_ok\":%s,\n", result->violations ? "false" : "true");
	printf("\"exclusion_violations\":%llu}\n",
	       (unsigned long long)result->violations);
}
