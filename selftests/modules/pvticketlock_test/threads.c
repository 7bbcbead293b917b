// SPDX-License-Identifier: GPL-2.0
/*
 * One thread on each CPU, for a given time.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "test.h"

static bool stopped;
static atomic_t running;
static DECLARE_WAIT_QUEUE_HEAD(all_done);

/**
 * test_threads_continue() - to be asked by each thread between operations
 *
 * Lets other tasks run.
 *
 * Return: whether to go on.
 */
bool test_threads_continue(void)
{
	cond_resched();
	return !READ_ONCE(stopped);
}

struct test_threads {
	void (*body)(struct test_thread *thread);
	unsigned int count;
	struct test_thread thread[];
};

static int run_thread(void *data)
{
	struct test_thread *thread = data;
	struct test_threads *threads =
		container_of(thread, struct test_threads,
			     thread[thread->index]);

	threads->body(thread);
	if (atomic_dec_and_test(&running))
		wake_up(&all_done);
	/* Whoever started the thread waits for it. */
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static int create_threads(struct test_threads *threads, void *shared)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		struct test_thread *thread = &threads->thread[threads->count];

		thread->shared = shared;
		thread->index = threads->count;
		thread->task = kthread_create(run_thread, thread,
					      "pvticketlock/%u", cpu);
		if (IS_ERR(thread->task))
			return PTR_ERR(thread->task);
		get_task_struct(thread->task);
		kthread_bind(thread->task, cpu);
		threads->count++;
	}
	return 0;
}

static u64 stop_threads(struct test_threads *threads)
{
	unsigned int i;
	u64 ops = 0;

	for (i = 0; i < threads->count; i++) {
		kthread_stop(threads->thread[i].task);
		put_task_struct(threads->thread[i].task);
		ops += threads->thread[i].ops;
	}
	return ops;
}

/*
 * If the system suspends before the caller sleeps, it is woken up by a signal
 * that there is not.
 */
static bool has_signal(void)
{
	try_to_freeze();
	recalc_sigpending();
	return signal_pending(current);
}

/* Until all threads have returned, the time is over, or there is a signal. */
static void wait_for_threads(unsigned int milliseconds)
{
	unsigned long end = jiffies + msecs_to_jiffies(milliseconds);
	long left;

	do {
		left = max_t(long, end - jiffies, 0);
		/* The caller freezes if the system suspends; the threads run. */
		left = wait_event_freezable_timeout(all_done,
						    !atomic_read(&running),
						    left);
	} while (left == -ERESTARTSYS && !has_signal());
}

/**
 * test_threads_run() - run a thread on each online CPU
 * @milliseconds: for how long; a signal ends it early, and so do the threads
 *	if all of them return
 * @body: what they do, at most until test_threads_continue() returns false
 * @shared: for them, as thread->shared
 * @error: set if threads cannot be started
 *
 * Return: the sum of what they counted in thread->ops.
 */
u64 test_threads_run(unsigned int milliseconds,
		     void (*body)(struct test_thread *thread), void *shared,
		     int *error)
{
	struct test_threads *threads;
	unsigned int i;
	u64 ops;

	threads = kzalloc(struct_size(threads, thread, num_possible_cpus()),
			  GFP_KERNEL);
	if (!threads) {
		*error = -ENOMEM;
		return 0;
	}
	threads->body = body;

	WRITE_ONCE(stopped, false);
	cpus_read_lock();
	*error = create_threads(threads, shared);
	cpus_read_unlock();
	if (!*error) {
		atomic_set(&running, threads->count);
		for (i = 0; i < threads->count; i++)
			wake_up_process(threads->thread[i].task);
		wait_for_threads(milliseconds);
	}
	WRITE_ONCE(stopped, true);
	ops = stop_threads(threads);
	kfree(threads);
	return ops;
}
