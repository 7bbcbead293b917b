// SPDX-License-Identifier: GPL-2.0
/*
 * The threads of a run, one per CPU.
 */
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "clock.h"
#include "progress.h"
#include "ring.h"
#include "run.h"
#include "work.h"

static int thread_main(void *data)
{
	struct bench_thread *thread = data;
	struct bench_run *run = thread->run;

	if (atomic_dec_and_test(&run->waking))
		complete(&run->arrived);
	wait_for_completion(&run->go);
	bench_ring_init(thread);
	run->config.lock->loop(thread);
	return 0;
}

/* On the memory of its own node; kvzalloc() aligns it to a cache line. */
static struct bench_thread *thread_alloc(struct bench_run *run, u32 index,
					 unsigned int cpu)
{
	struct bench_thread *thread;

	thread = kvzalloc_node(sizeof(*thread), GFP_KERNEL, cpu_to_node(cpu));
	if (!thread)
		return NULL;

	thread->run = run;
	thread->cpu = cpu;
	thread->id = index + 1;
	thread->clock_multiplier = clock_multiplier();
	thread->hold_iterations = work_iterations(run->config.hold_ns);
	thread->think_iterations = work_iterations(run->config.think_ns);
	prandom_seed_state(&thread->random, thread->id);
	thread->slot = &run->slot[index % run->config.lock_count];
	if (bench_progress_init(thread)) {
		kvfree(thread);
		return NULL;
	}
	return thread;
}

/**
 * bench_thread_free() - free a thread that has ended, or has never begun
 * @thread: may be NULL
 */
void bench_thread_free(struct bench_thread *thread)
{
	if (thread)
		bench_progress_free(thread);
	kvfree(thread);
}

static int thread_create(struct bench_run *run, u32 index, unsigned int cpu)
{
	struct bench_thread *thread = thread_alloc(run, index, cpu);
	struct task_struct *task;

	if (!thread)
		return -ENOMEM;
	run->thread[index] = thread;

	task = kthread_create_on_node(thread_main, thread, cpu_to_node(cpu),
				      "lockbench/%u", cpu);
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, cpu);
	/* The thread may end before kthread_stop(). */
	thread->task = get_task_struct(task);
	return 0;
}

/**
 * bench_threads_create() - create the threads, one on each CPU
 * @run: its configuration is complete
 *
 * Return: 0 or a negative error; call bench_threads_stop() in both cases.
 */
int bench_threads_create(struct bench_run *run)
{
	unsigned int cpu;
	u32 index = 0;
	int error;

	for_each_cpu(cpu, &run->config.cpus) {
		error = thread_create(run, index++, cpu);
		if (error)
			return error;
	}
	return 0;
}

/**
 * bench_threads_start() - let all threads go at the same time
 * @run: its threads have been created
 *
 * Return: 0, or -ERESTARTSYS if a signal came first.
 */
int bench_threads_start(struct bench_run *run)
{
	u32 index;
	int error;

	for (index = 0; index < run->config.threads; index++)
		wake_up_process(run->thread[index]->task);
	error = wait_for_completion_interruptible(&run->arrived);
	if (error)
		return error;
	complete_all(&run->go);
	return 0;
}

/**
 * bench_threads_stop() - end the threads and wait until they have ended
 * @run: a run in any state after bench_threads_create()
 *
 * Each thread finishes the operation it is in. Whether it has started does
 * not matter.
 */
void bench_threads_stop(struct bench_run *run)
{
	u32 index;

	WRITE_ONCE(run->phase, BENCH_STOP);
	complete_all(&run->go);
	for (index = 0; index < run->config.threads; index++) {
		struct bench_thread *thread = run->thread[index];

		if (!thread || !thread->task)
			continue;
		kthread_stop(thread->task);
		put_task_struct(thread->task);
	}
}
