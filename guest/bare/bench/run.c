// SPDX-License-Identifier: GPL-2.0
/*
 * A run: each vCPU is a thread. When the last one has begun, it says when measuring
 * begins and ends; from then on, each goes by the clock.
 *
 * A kick that is lost leaves its vCPU halted for ever, and perhaps all others. So
 * some seconds after everything should be over, the first one looks what is left.
 */
#include "../../../kernel/statistics.h"
#include "../machine/clock.h"
#include "ring.h"
#include "run.h"
#include "../machine/text.h"
#include "work.h"

/* A host that has stood still may need more than one look. */
#define WATCH_NS	(500 * NSEC_PER_MSEC)
#define WATCHES		4

/* Of fixed-point numbers. */
#define LOG_BITS	16
#define LOG_OF_2	45426U

#define RARE_ONE_IN	1000
#define RARE_FACTOR	100U

struct bench_run bench_run;

static u64 steal_time_ns(const struct steal_time *steal)
{
	u32 version;
	u64 ns;

	do {
		version = __atomic_load_n(&steal->version, __ATOMIC_ACQUIRE);
		ns = READ_ONCE(steal->steal_ns);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while ((version & 1) || READ_ONCE(steal->version) != version);
	return ns;
}

static struct bench_reading read_counters(void)
{
	const struct cpu *cpu = cpu_this();

	return (struct bench_reading){
		.cpu = cpu->counters,
		.steal_ns = steal_time_ns(&cpu->steal),
		.overtakes = ticket_statistics[cpu->number].taken_overtaking +
			bench_lock_stealing(cpu->number),
	};
}

static u64 window_end(const struct bench_run *run, u32 window)
{
	return run->begin + (run->end - run->begin) * (window + 1) / run->windows;
}

/* It may be late, even for the end of what was to be measured. */
static void begin_measuring(struct bench_thread *thread)
{
	thread->begin = read_counters();
	cpu_this()->kick_time = &thread->to_run;
	thread->phase = BENCH_MEASURE;
	thread->next_mark = window_end(thread->run, 0);
}

/* One operation may have lasted longer than a window. */
static void end_windows(struct bench_thread *thread, u64 now)
{
	const struct bench_run *run = thread->run;

	while (thread->window < run->windows && now >= window_end(run, thread->window))
		thread->window_ops[thread->window++] = thread->ops;
	thread->next_mark = window_end(run, thread->window);
}

static void end_measuring(struct bench_thread *thread)
{
	thread->end = read_counters();
	cpu_this()->kick_time = NULL;
	thread->phase = BENCH_COOLDOWN;
	thread->next_mark = thread->run->stop;
}

/**
 * bench_mark() - do what is due at a point in time
 * @thread: the calling one
 * @now: at least its next_mark
 *
 * Return: whether it is time to stop.
 */
bool bench_mark(struct bench_thread *thread, u64 now)
{
	u64 begin = __atomic_load_n(&thread->run->begin, __ATOMIC_ACQUIRE);

	if (!begin)
		return false;
	if (now < begin) {
		thread->next_mark = begin;
		return false;
	}
	if (thread->phase == BENCH_WARMUP)
		begin_measuring(thread);
	if (thread->phase == BENCH_MEASURE) {
		end_windows(thread, now);
		if (now >= thread->run->end)
			end_measuring(thread);
	}
	return thread->phase == BENCH_COOLDOWN && now >= thread->next_mark;
}

static void __noreturn report_missing(void)
{
	const struct bench_run *run = &bench_run;
	unsigned int i;

	for (i = 0; i < run->config.threads; i++) {
		const struct cpu *cpu = &cpus[i];

		if (run->thread[i].stopped)
			continue;
		text_print("vCPU %u does not stop: %s, %s\n", i,
			   READ_ONCE(cpu->halting) ? "halted" : "runs",
			   READ_ONCE(cpu->token) ? "kicked" : "not kicked");
	}
	fail("a kick was lost, or a lock starves its waiters");
}

static void watch(void)
{
	static unsigned int watches;
	u64 stop = READ_ONCE(bench_run.stop);

	if (stop && clock_cycles() > stop && ++watches == WATCHES)
		report_missing();
	cpu_set_alarm(WATCH_NS, watch);
}

/* The natural logarithm, in units of 2^-16: the fraction bit by bit, by squaring. */
static u32 logarithm(u32 number)
{
	u32 result = 31 - __builtin_clz(number);
	u64 mantissa = (u64)number << (31 - result);
	unsigned int i;

	for (i = 0; i < LOG_BITS; i++) {
		mantissa = mantissa * mantissa >> 31;
		result = result << 1 | mantissa >> 32;
		mantissa >>= mantissa >> 32;
	}
	return (u64)result * LOG_OF_2 >> LOG_BITS;
}

/* By how much a hold is longer than what was asked for, in units of 2^-16. */
static u64 hold_factor(u32 distribution, u32 index)
{
	switch (distribution) {
	case HOLD_EXPONENTIAL:
		/* -ln((index + 1/2) / HOLDS) */
		return logarithm(2 * HOLDS) - logarithm(2 * index + 1);
	case HOLD_RARE:
		return index < HOLDS / RARE_ONE_IN ? RARE_FACTOR << LOG_BITS :
			BIT(LOG_BITS);
	default:
		return BIT(LOG_BITS);
	}
}

static void plan_holds(struct bench_run *run)
{
	u64 iterations = work_iterations(run->config.hold_ns);
	u32 i;

	for (i = 0; i < HOLDS; i++)
		run->hold_iterations[i] = iterations *
			hold_factor(run->config.hold_is, i) >> LOG_BITS;
}

/**
 * bench_begin() - prepare a run
 * @run: its configuration is complete
 *
 * Context: The first vCPU, before the others begin.
 */
void bench_begin(struct bench_run *run)
{
	if (run->config.lock->prepare)
		run->config.lock->prepare();
	plan_holds(run);
	run->think_iterations = work_iterations(run->config.think_ns);
	cpu_set_alarm(WATCH_NS + (run->config.warmup_ms + run->config.duration_ms +
				  run->config.cooldown_ms) * NSEC_PER_MSEC, watch);
}

static void arrive(struct bench_run *run)
{
	const struct bench_config *config = &run->config;
	u64 begin;

	if (__atomic_add_fetch(&run->arrived, 1, __ATOMIC_SEQ_CST) != config->threads)
		return;
	begin = clock_cycles() + clock_from_ns(config->warmup_ms * NSEC_PER_MSEC);
	run->windows = bench_windows(config->duration_ms);
	run->end = begin + clock_from_ns(config->duration_ms * NSEC_PER_MSEC);
	run->stop = run->end + clock_from_ns(config->cooldown_ms * NSEC_PER_MSEC);
	__atomic_store_n(&run->begin, begin, __ATOMIC_RELEASE);
}

/**
 * bench_thread() - take part in a run
 * @run: of bench_begin()
 * @number: of this vCPU
 */
void bench_thread(struct bench_run *run, unsigned int number)
{
	struct bench_thread *thread = &run->thread[number];

	thread->run = run;
	thread->id = number + 1;
	thread->random = 0x9e3779b97f4a7c15ULL * thread->id;
	thread->slot = &run->slot[number % run->config.lock_count];
	clock_check();
	ring_init(thread);
	arrive(run);
	run->config.lock->loop(thread);

	WRITE_ONCE(thread->stopped, true);
	if (__atomic_add_fetch(&run->done, 1, __ATOMIC_SEQ_CST) == run->config.threads)
		cpu_kick(0);
}

/**
 * bench_wait_for_all() - wait until all vCPUs have stopped
 * @run: of bench_thread()
 *
 * Context: The first vCPU.
 */
void bench_wait_for_all(struct bench_run *run)
{
	cpu_set_alarm(WATCH_NS, watch);
	while (__atomic_load_n(&run->done, __ATOMIC_ACQUIRE) != run->config.threads)
		cpu_halt();
}
