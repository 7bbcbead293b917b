// SPDX-License-Identifier: GPL-2.0
/*
 * The result of a run, in JSON; where fields have the names of lockbench's, they
 * mean the same.
 */
#include "../machine/clock.h"
#include "config.h"
#include "../machine/probe.h"
#include "ring.h"
#include "../machine/text.h"
#include "work.h"

#define JAIN_DECIMALS	10000
#define SHARE_DECIMALS	100000

/* Sums of all vCPUs. */
struct totals {
	struct histogram wait;
	struct histogram rings;
	struct histogram to_run;
	struct bench_reading counted;
	u64 sections;
	u64 violations;
	u64 ops;
};

static u64 ops_of(const struct bench_run *run, unsigned int thread)
{
	return run->thread[thread].ops;
}

static void add_counters(struct bench_reading *sum, const struct bench_thread *thread)
{
	const struct bench_reading *begin = &thread->begin;
	const struct bench_reading *end = &thread->end;

	sum->cpu.halts += end->cpu.halts - begin->cpu.halts;
	sum->cpu.slept += end->cpu.slept - begin->cpu.slept;
	sum->cpu.spurious += end->cpu.spurious - begin->cpu.spurious;
	sum->cpu.kicks += end->cpu.kicks - begin->cpu.kicks;
	sum->cpu.ipis += end->cpu.ipis - begin->cpu.ipis;
	sum->steal_ns += end->steal_ns - begin->steal_ns;
	sum->overtakes += end->overtakes - begin->overtakes;
}

static void sum_up(struct totals *totals, const struct bench_run *run)
{
	unsigned int i;

	for (i = 0; i < run->config.threads; i++) {
		const struct bench_thread *thread = &run->thread[i];

		totals->ops += ops_of(run, i);
		totals->sections += thread->sections;
		totals->violations += thread->violations;
		histogram_merge(&totals->wait, &thread->wait);
		histogram_merge(&totals->rings, &thread->rings);
		histogram_merge(&totals->to_run, &thread->to_run);
		add_counters(&totals->counted, thread);
	}
	for (i = 0; i < run->config.lock_count; i++)
		totals->sections -= run->slot[i].protected.sections;
	/* Sections that were done but not counted ran side by side. */
	totals->violations += totals->sections;
}

/*
 * Jain's index of fairness, sum(x)^2 / (n * sum(x^2)), times JAIN_DECIMALS, with
 * shares of 16 bits, so that nothing overflows; 0 if nobody did anything.
 */
static u32 jain_index(const struct bench_run *run)
{
	u64 most = 0, sum = 0, squares = 0;
	unsigned int i;

	for (i = 0; i < run->config.threads; i++)
		most = ops_of(run, i) > most ? ops_of(run, i) : most;
	if (!most)
		return 0;
	for (i = 0; i < run->config.threads; i++) {
		u64 share = ops_of(run, i) * UINT16_MAX / most;

		sum += share;
		squares += share * share;
	}
	/* The sum has 24 bits, its square 48, and the factor 14. */
	return sum * sum * JAIN_DECIMALS / (run->config.threads * squares);
}

static u64 ops_in_window(const struct bench_thread *thread, u32 window)
{
	return thread->window_ops[window] - (window ? thread->window_ops[window - 1] : 0);
}

/* Of a window: the vCPUs that got less than a tenth of their fair share. */
static u32 starved_in(const struct bench_run *run, u32 window)
{
	const u32 threads = run->config.threads;
	u64 total = 0;
	u32 i, starved = 0;

	for (i = 0; i < threads; i++)
		total += ops_in_window(&run->thread[i], window);
	for (i = 0; i < threads; i++) {
		if (bench_starved(ops_in_window(&run->thread[i], window), total, threads))
			starved++;
	}
	return starved;
}

/* The share of windows, one for each vCPU, in which it starved. */
static void print_progress(const struct bench_run *run)
{
	u32 windows = run->windows * run->config.threads;
	u64 share, starved = 0;
	u32 i;

	for (i = 0; i < run->windows; i++)
		starved += starved_in(run, i);
	share = starved * SHARE_DECIMALS / windows;
	text_print("\"windows\":%u,\n\"starved_windows\":%lu,\n", windows, starved);
	text_print("\"starved_share\":%lu.%05lu,\n", share / SHARE_DECIMALS,
		   share % SHARE_DECIMALS);
}

static const char *kick_name(void)
{
	return cpu_kick_kind == KICK_HYPERCALL ? "hypercall" : "x2apic ipi";
}

static void print_config(const struct bench_config *config)
{
	const char *implementation = config->lock->implementation;

	text_print("\"lock\":\"%s\",\n\"implementation\":\"%s\",\n",
		   config->lock->name, implementation ? implementation :
		   config->lock->name);
	text_print("\"threads\":%u,\n\"irqs_off\":%u,\n", config->threads,
		   config->irqs_off);
	text_print("\"lock_count\":%u,\n\"random\":%u,\n", config->lock_count,
		   config->random);
	text_print("\"hold_ns\":%u,\n\"hold_is\":\"%s\",\n", config->hold_ns,
		   config_hold_name(config));
	text_print("\"think_ns\":%u,\n", config->think_ns);
	text_print("\"cooldown_ms\":%u,\n", config->cooldown_ms);
}

static void print_throughput(const struct bench_run *run, const struct totals *totals)
{
	u64 duration = clock_to_ns(run->end - run->begin);
	u32 jain = jain_index(run);
	unsigned int i;

	text_print("\"began_ns\":%lu,\n\"duration_ns\":%lu,\n",
		   clock_to_ns(run->begin - clock_start), duration);
	text_print("\"ops\":%lu,\n\"ops_per_s\":%lu,\n\"thread_ops\":[", totals->ops,
		   (u64)((u128)totals->ops * NSEC_PER_SEC / duration));
	for (i = 0; i < run->config.threads; i++)
		text_print("%s%lu", i ? "," : "", ops_of(run, i));
	text_print("],\n\"jain\":%u.%04u,\n", jain / JAIN_DECIMALS, jain % JAIN_DECIMALS);
}

static void print_histogram(const char *name, const struct histogram *histogram)
{
	const char *separator = "";
	unsigned int i;

	text_print("\"%s\":[", name);
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (!histogram->count[i])
			continue;
		text_print("%s[%lu,%lu]", separator, histogram_bucket_upper(i),
			   histogram->count[i]);
		separator = ",";
	}
	text_print("],\n");
}

/* Nothing is known of what has not happened. */
static void print_time(const char *name, const char *which, u64 ns, bool known)
{
	if (known)
		text_print("\"%s_%s_ns\":%lu,\n", name, which, ns);
	else
		text_print("\"%s_%s_ns\":null,\n", name, which);
}

static void print_quantiles(const char *name, const struct histogram *histogram)
{
	static const struct {
		const char *name;
		unsigned int per_myriad;
	} quantiles[] = {
		{ "p50", 5000 }, { "p99", 9900 }, { "p999", 9990 }, { "p9999", 9999 },
	};
	bool known = histogram_total(histogram);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(quantiles); i++)
		print_time(name, quantiles[i].name,
			   histogram_quantile(histogram, quantiles[i].per_myriad), known);
	print_time(name, "max", histogram->max, known);
}

static void print_counters(const struct bench_reading *counted)
{
	text_print("\"halts\":%lu,\n\"kicks\":%lu,\n", counted->cpu.halts,
		   counted->cpu.kicks);
	text_print("\"spurious\":%lu,\n\"overtakes\":%lu,\n", counted->cpu.spurious,
		   counted->overtakes);
	text_print("\"hlt_executed\":%lu,\n\"kicks_sent\":%lu,\n", counted->cpu.slept,
		   counted->cpu.ipis);
	text_print("\"steal_ns\":%lu,\n", counted->steal_ns);
}

static void print_count(const char *name, u64 value, bool known)
{
	if (known)
		text_print("\"%s\":%lu,\n", name, value);
	else
		text_print("\"%s\":null,\n", name);
}

/* Nothing is known of a doorbell that was not rung. */
static void print_rings(const struct bench_config *config, const struct totals *totals)
{
	bool rung = config->ring != RING_NOBODY;
	struct ring_counts counts = { 0 };

	if (rung)
		counts = ring_read();
	text_print("\"ring\":\"%s\",\n\"ring_us\":%u,\n\"ring_lock\":%u,\n",
		   config_ring_name(config), config->ring_us, config->ring_lock);
	print_count("rings", histogram_total(&totals->rings), rung);
	print_histogram("ring_histogram", &totals->rings);
	print_count("doorbell_rings", counts.rings, rung);
	print_count("preempt_planned", counts.planned, rung);
	print_count("preempt_done", counts.done, rung);
	print_count("preempt_held_us", counts.held_us, rung);
	print_count("preempt_modes", counts.modes, rung);
}

/* What the image runs on, and at which privilege level. */
static void print_environment(void)
{
	u64 pause = work_pause_ps(), loop = work_loop_ps();

	text_print("\"cpl\":%u,\n\"kick\":\"%s\",\n", cpu_cpl, kick_name());
	text_print("\"cpl0_loops_per_us\":%lu.%03lu,\n", probe_speeds.cpl0 / 1000,
		   probe_speeds.cpl0 % 1000);
	text_print("\"cpl3_loops_per_us\":%lu.%03lu,\n", probe_speeds.cpl3 / 1000,
		   probe_speeds.cpl3 % 1000);
	text_print("\"cpuid_kvm_features\":\"0x%08x\",\n", kvm_features);
	text_print("\"tsc_khz\":%lu,\n\"tsc_warp_ns\":%lu,\n", clock_khz,
		   clock_worst_warp_ns());
	text_print("\"pause_ns\":%lu.%03lu,\n\"work_loop_ns\":%lu.%03lu,\n",
		   pause / 1000, pause % 1000, loop / 1000, loop % 1000);
}

/**
 * result_print() - print a result as one JSON object
 * @run: that is over
 */
void result_print(const struct bench_run *run)
{
	static struct totals totals;

	sum_up(&totals, run);
	text_print("{");
	print_config(&run->config);
	print_environment();
	print_throughput(run, &totals);
	print_progress(run);
	print_quantiles("wait", &totals.wait);
	print_histogram("wait_histogram", &totals.wait);
	print_quantiles("kick_to_run", &totals.to_run);
	print_histogram("kick_to_run_histogram", &totals.to_run);
	print_counters(&totals.counted);
	print_rings(&run->config, &totals);
	text_print("\"exclusion_ok\":%s,\n", totals.violations ? "false" : "true");
	text_print("\"exclusion_violations\":%lu}\n", totals.violations);
}
