// SPDX-License-Identifier: GPL-2.0
/*
 * NMIs while CPUs spin and halt in the slow path. The NMI handler takes a
 * lock of its own, contended by the NMIs of other CPUs.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <asm/apic.h>
#include <asm/nmi.h>

#include "../../../guest/pvticketlock.h"
#include "test.h"

#define NMI_NAME		"pvticketlock_test"
#define NMI_PERIOD_US		2000
#define NMI_TIMEOUT_US		1000000

struct level {
	struct pvticketlock lock;
	struct test_guarded guarded;
};

static struct arena {
	struct level task;
	struct level nmi;
	atomic64_t nmis;
	/* Those that interrupted somebody in the slow path. */
	atomic64_t in_slowpath;
} arena;

static DEFINE_PER_CPU(atomic_t, nmi_pending);

static int nmi_handler(unsigned int type, struct pt_regs *regs)
{
	if (!atomic_xchg(this_cpu_ptr(&nmi_pending), 0))
		return NMI_DONE;
	if (test_waiting())
		atomic64_inc(&arena.in_slowpath);
	test_operation(&arena.nmi.lock, &arena.nmi.guarded);
	atomic64_inc(&arena.nmis);
	return NMI_HANDLED;
}

static void send_nmis(void)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		if (!atomic_xchg(per_cpu_ptr(&nmi_pending, cpu), 1))
			apic->send_IPI_mask(cpumask_of(cpu), NMI_VECTOR);
	}
}

/* None of them may arrive when the handler has gone. */
static bool wait_for_nmis(void)
{
	unsigned int waited_us, cpu;
	bool pending = true;

	for (waited_us = 0; pending && waited_us < NMI_TIMEOUT_US;
	     waited_us += NMI_PERIOD_US) {
		usleep_range(NMI_PERIOD_US, 2 * NMI_PERIOD_US);
		pending = false;
		for_each_online_cpu(cpu)
			pending |= atomic_read(per_cpu_ptr(&nmi_pending, cpu));
	}
	return test_check(!pending);
}

static void contend(struct test_thread *thread)
{
	do {
		test_operation(&arena.task.lock, &arena.task.guarded);
		thread->ops++;
		if (!thread->index) {
			send_nmis();
			usleep_range(NMI_PERIOD_US, 2 * NMI_PERIOD_US);
		}
	} while (test_threads_continue());
}

/* To lockdep, locks of different contexts are different: no common place. */
static void arena_init(void)
{
	memset(&arena, 0, sizeof(arena));
	pvticketlock_init(&arena.task.lock);
	pvticketlock_init(&arena.nmi.lock);
}

/**
 * test_nmi() - NMIs in the slow path, and locks in NMIs
 * @milliseconds: for how long
 *
 * Return: 0; -EIO if a lock does not exclude; or why it could not be run.
 */
int test_nmi(unsigned int milliseconds)
{
	bool arrived;
	int error;
	u64 ops;

	arena_init();
	error = register_nmi_handler(NMI_LOCAL, nmi_handler, 0, NMI_NAME);
	if (error)
		return error;
	ops = test_threads_run(milliseconds, contend, NULL, &error);
	arrived = wait_for_nmis();
	unregister_nmi_handler(NMI_LOCAL, NMI_NAME);

	pr_info("%llu operations, %lld NMIs, %lld of them in the slow path\n",
		ops, (long long)atomic64_read(&arena.nmis),
		(long long)atomic64_read(&arena.in_slowpath));
	if (!error && !(arrived & test_check(ops) &
			test_check(num_online_cpus() == 1 ||
				   atomic64_read(&arena.in_slowpath)) &
			test_check(atomic64_read(&arena.nmis)) &
			test_excluded(&arena.task.guarded, ops) &
			test_excluded(&arena.nmi.guarded,
				      atomic64_read(&arena.nmis))))
		error = -EIO;
	return error;
}
