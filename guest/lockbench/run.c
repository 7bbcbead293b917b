// SPDX-License-Identifier: GPL-2.0
/*
 * A run: warm up, measure, cool down, stop, sum up.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kernel_stat.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "progress.h"
#include "run.h"

/* Readings of counters that others write, at one end of the measurement. */
struct bench_reading {
	u64 time_ns;
	u64 since_boot_ns;
	u64 steal_ns;
	struct bench_counters counters;
	bool counted;
};

static void run_free(struct bench_run *run)
{
	u32 index;

	if (run->thread) {
		for (index = 0; index < run->config.threads; index++)
			bench_thread_free(run->thread[index]);
	}
	kfree(run->thread);
	kvfree(run);
}

static struct bench_run *run_alloc(const struct bench_config *config)
{
	struct bench_run *run;
	u32 index;

	run = kvzalloc(struct_size(run, slot, config->lock_count), GFP_KERNEL);
	if (!run)
		return NULL;
	run->config = *config;
	run->thread = kcalloc(config->threads, sizeof(*run->thread), GFP_KERNEL);
	if (!run->thread) {
		kvfree(run);
		return NULL;
	}
	atomic_set(&run->waking, config->threads);
	init_completion(&run->arrived);
	init_completion(&run->go);
	for (index = 0; index < config->lock_count; index++)
		config->lock->init(&run->slot[index].word);
	return run;
}

static u64 steal_time_ns(const struct bench_run *run)
{
	u64 sum = 0;
	u32 index;

	for (index = 0; index < run->config.threads; index++) {
		unsigned int cpu = run->thread[index]->cpu;

		sum += READ_ONCE(kcpustat_cpu(cpu).cpustat[CPUTIME_STEAL]);
	}
	return sum;
}

static void read_counters(const struct bench_run *run,
			  struct bench_reading *reading)
{
	const struct bench_lock *lock = run->config.lock;

	memset(reading, 0, sizeof(*reading));
	reading->steal_ns = steal_time_ns(run);
	reading->counted = !lock->read_counters ||
			   lock->read_counters(&reading->counters);
}

/*
 * The phase changes at the time that is read: with interrupts off, only the
 * host can come in between.
 */
static void enter_phase(struct bench_run *run, enum bench_phase phase,
			struct bench_reading *reading)
{
	unsigned long flags;

	read_counters(run, reading);
	local_irq_save(flags);
	reading->time_ns = ktime_get_ns();
	reading->since_boot_ns = ktime_get_boottime_ns();
	WRITE_ONCE(run->phase, phase);
	local_irq_restore(flags);
}

/**
 * bench_sleep_ms() - let the threads of a run work
 * @ms: for how long
 *
 * Return: 0, or -EINTR if a signal came first.
 */
int bench_sleep_ms(unsigned int ms)
{
	return msleep_interruptible(ms) ? -EINTR : 0;
}

/* From the creation of threads to the end of the last one. */
static int run_threads(struct bench_run *run, struct bench_reading *begin,
		       struct bench_reading *end)
{
	int error = bench_threads_create(run);

	if (!error)
		error = bench_threads_start(run) ? -EINTR : 0;
	if (!error)
		error = bench_sleep_ms(run->config.warmup_ms);
	if (!error) {
		enter_phase(run, BENCH_MEASURE, begin);
		error = bench_progress_direct(run, begin->time_ns);
		enter_phase(run, BENCH_COOLDOWN, end);
	}
	if (!error && run->config.cooldown_ms)
		error = bench_sleep_ms(run->config.cooldown_ms);
	bench_threads_stop(run);
	return error;
}

static u64 difference(u64 end, u64 begin)
{
	return end > begin ? end - begin : 0;
}

static void sum_up_counters(struct bench_result *result,
			    const struct bench_reading *begin,
			    const struct bench_reading *end)
{
	const struct bench_counters *from = &begin->counters;
	const struct bench_counters *to = &end->counters;

	result->began_ns = begin->since_boot_ns;
	result->duration_ns = end->time_ns - begin->time_ns;
	result->steal_ns = difference(end->steal_ns, begin->steal_ns);
	result->counted = begin->counted && end->counted;
	result->counters.halts = difference(to->halts, from->halts);
	result->counters.kicks = difference(to->kicks, from->kicks);
	result->counters.spurious = difference(to->spurious, from->spurious);
	result->counters.overtakes = difference(to->overtakes, from->overtakes);
}

static u64 protected_sections(const struct bench_run *run)
{
	u64 sum = 0;
	u32 index;

	for (index = 0; index < run->config.lock_count; index++)
		sum += run->slot[index].protected.sections;
	return sum;
}

static void sum_up_threads(struct bench_result *result,
			   const struct bench_run *run)
{
	u64 sections = 0;
	u32 index;

	for (index = 0; index < run->config.threads; index++) {
		const struct bench_thread *thread = run->thread[index];
		u64 ops = histogram_total(&thread->wait);

		result->thread_ops[index] = ops;
		result->ops += ops;
		result->violations += thread->violations;
		sections += thread->sections;
		histogram_merge(&result->wait, &thread->wait);
		histogram_merge(&result->rings, &thread->rings);
	}
	bench_progress_sum_up(run, result);
	/* Sections that were done but not counted ran side by side. */
	result->violations += difference(sections, protected_sections(run));
}

/* All rings of the threads are in between, and all preemptions are over. */
static void sum_up_doorbell(struct bench_result *result,
			    const struct doorbell_counts *from)
{
	struct doorbell_counts *to = &result->doorbell;

	doorbell_read(to);
	to->rings -= from->rings;
	to->planned -= from->planned;
	to->done -= from->done;
	to->held_us -= from->held_us;
}

static int run_once(struct bench_run *run, struct bench_result *result)
{
	struct doorbell_counts before;
	struct bench_reading begin, end;
	int error = bench_hotplug_block(&run->config.cpus);

	if (error)
		return error;
	if (run->config.ring)
		doorbell_read(&before);
	error = run_threads(run, &begin, &end);
	bench_hotplug_unblock();
	if (error)
		return error;

	if (run->config.ring)
		sum_up_doorbell(result, &before);
	sum_up_counters(result, &begin, &end);
	sum_up_threads(result, run);
	return 0;
}

/**
 * bench_run() - run the benchmark
 * @config: a valid configuration
 *
 * Context: process context; one at a time. Sleeps until the run is over.
 * Return: what came out, to be freed with kvfree(); ERR_PTR(-EINTR) if a
 * signal ended the run, or another error. In no case a thread is left behind.
 */
struct bench_result *bench_run(const struct bench_config *config)
{
	struct bench_result *result;
	struct bench_run *run = run_alloc(config);
	int error = -ENOMEM;

	if (!run)
		return ERR_PTR(-ENOMEM);

	result = kvzalloc(struct_size(result, thread_ops, config->threads),
			  GFP_KERNEL);
	if (result) {
		result->config = *config;
		bench_lock_implementation(config->lock, result->implementation,
					  sizeof(result->implementation));
		error = run_once(run, result);
	}
	run_free(run);
	if (!error)
		return result;
	kvfree(result);
	return ERR_PTR(error);
}
