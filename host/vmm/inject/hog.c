// SPDX-License-Identifier: GPL-2.0
/*
 * A thread of real-time priority that takes the CPU of another one on command.
 * As it has the higher priority and can run nowhere else, waking it up on that
 * CPU is enough: the other one stays runnable and does not run, which the
 * kernel counts as steal time if it is a vCPU's.
 *
 * Real-time threads together get at most 95 % of each second, unless
 * /proc/sys/kernel/sched_rt_runtime_us says otherwise.
 */
#include <stdlib.h>

#include "../base/error.h"
#include "../confine/seccomp.h"
#include "hog.h"

static void *hog_thread(void *argument)
{
	struct hog *hog = argument;
	u64 end;

	if (seccomp__restrict(THREAD_HOG))
		exit(EXIT_VMM);
	for (;;) {
		while (sem_wait(&hog->wanted))
			;	/* a signal */
		if (!hog->for_ns)
			return NULL;
		end = platform_clock_ns() + hog->for_ns;
		while (platform_clock_ns() < end &&
		       !hog->victim->ended(hog->victim))
			;
	}
}

static int start_thread(struct hog *hog, const cpu_set_t *cpu, int priority)
{
	struct sched_param parameter = { .sched_priority = priority };
	pthread_attr_t attributes;
	int error;

	pthread_attr_init(&attributes);
	pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
	error = pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
	if (!error)
		error = pthread_attr_setschedparam(&attributes, &parameter);
	if (!error)
		error = pthread_attr_setaffinity_np(&attributes, sizeof(*cpu),
						    cpu);
	if (!error)
		error = pthread_create(&hog->thread, &attributes, hog_thread,
				       hog);
	pthread_attr_destroy(&attributes);
	return error;
}

/**
 * hog__create() - start a thread that takes a CPU on command
 * @hog: to be set up, all zero
 * @cpu: the CPU, one
 * @priority: of SCHED_FIFO
 * @victim: whose CPU it is; when that thread is to end, it gets its CPU back
 *
 * Return: 0, or a negative errno after a message.
 */
int hog__create(struct hog *hog, const cpu_set_t *cpu, int priority,
		const struct worker *victim)
{
	int error;

	hog->victim = victim;
	sem_init(&hog->wanted, 0, 0);
	error = start_thread(hog, cpu, priority);
	if (error)
		return vmm_error(error, "raise RLIMIT_RTPRIO, or use mode=park",
				 "real-time thread for --inject with mode=hog");
	pthread_setname_np(hog->thread, "hog");
	hog->exists = true;
	return 0;
}

/**
 * hog__destroy() - end the thread
 * @hog: may have none
 */
void hog__destroy(struct hog *hog)
{
	if (!hog->exists)
		return;
	hog->for_ns = 0;
	sem_post(&hog->wanted);
	pthread_join(hog->thread, NULL);
	sem_destroy(&hog->wanted);
	hog->exists = false;
}

/**
 * hog__take_cpu() - have the hog run
 * @hog: bound to the CPU that the calling thread is bound to
 * @ns: for how long, not 0
 *
 * Context: The victim, a thread of lower priority. It gets its CPU back afterwards,
 * or when it is to end.
 */
void hog__take_cpu(struct hog *hog, u64 ns)
{
	hog->for_ns = ns;
	sem_post(&hog->wanted);
}
